"""One's own account: password, second factor, passkeys, and where one is signed in."""

import segno
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from valv.core import totp
from valv.core.errors import Conflict, Malformed
from valv.portal.confirming import (
    CHALLENGE,
    ask_unless_confirmed,
    is_their_host,
    recently_confirmed,
)
from valv.portal.contexts.account import (
    AccountPage,
    AuthenticatorPage,
    ShownPasskey,
    ShownSignIn,
)
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.entering import LONGEST, enter, local_page
from valv.portal.frame import shown
from valv.tenants import passkeys, second_factor, sign_ins
from valv.tenants.access_log import How
from valv.tenants.factors import own_factors
from valv.tenants.passwords import change_password
from valv.tenants.signin_models import SignIn

HERE = "account"
UNPROCESSABLE = 422
MAKING = "passkey_making"


@signed_in(None, limited=True)
def account(request: Request) -> HttpResponse:
    return _page(request)


def _page(
    request: Request,
    *,
    codes: list[str] | None = None,
    fault: Malformed | None = None,
) -> HttpResponse:
    user, presence = request.presence.user, request.presence
    factors = own_factors(user)
    page = AccountPage(
        name=user.name,
        email=user.email,
        has_password=factors.password,
        has_authenticator=factors.code,
        codes_left=factors.codes,
        passkeys=tuple(
            ShownPasskey(one.id, one.name, one.made_at, one.used_at)
            for one in passkeys.passkeys_of(user)
        ),
        sign_ins=tuple(
            _shown(one, here=presence.id)
            for one in sign_ins.sign_ins_of(user, now=request.now)
        ),
        passkeys_possible=is_their_host(request),
        must=presence.limited and codes is None,
        codes=tuple(codes or ()),
        faults={} if fault is None else {fault.field or "password": fault.detail},
    )
    status = 200 if fault is None else UNPROCESSABLE
    return shown(request, "account.html", page, here=HERE, status=status)


def _shown(row: SignIn, *, here: str) -> ShownSignIn:
    return ShownSignIn(
        id=row.id,
        how=row.how,
        browser=row.browser,
        network=row.network,
        began_at=row.began_at,
        seen_at=row.seen_at,
        here=row.id == here,
    )


@signed_in(None, "GET", "POST", limited=True)
def confirm(request: Request) -> HttpResponse:
    """Prove to be there, and go on to where one was."""
    following = local_page(request, request.GET.get("next", ""))
    answer = ask_unless_confirmed(request)
    return answer or see_other(following or reverse(HERE))


@signed_in(None, "POST")
@recently_confirmed()
def set_password(request: Request) -> HttpResponse:
    """Change it, end every sign-in, and go on here under a new one."""
    user = request.presence.user
    try:
        typed = request.POST.get("new-password", "")
        change_password(
            user, typed[:LONGEST], actor=request.caller.actor, now=request.now
        )
    except Malformed as fault:
        return _page(request, fault=fault)
    answer = enter(
        request, user, how=How(request.presence.how), following=reverse(HERE)
    )
    messages.success(request, _("Changed. You are signed out everywhere else."))
    return answer


@signed_in(None, "GET", "POST", limited=True)
@recently_confirmed()
def authenticator(request: Request) -> HttpResponse:
    """Set up codes by time: the seed is shown until a code of it was typed."""
    if request.method == "GET":
        return see_other(reverse(HERE))
    user, code = request.presence.user, request.POST.get("code", "")
    try:
        seed = second_factor.begin_authenticator(user, now=request.now)
    except Conflict:
        return see_other(reverse(HERE))
    return _tried(request, seed, code) if code else _seed_page(request, seed)


def _tried(request: Request, seed: bytes, code: str) -> HttpResponse:
    try:
        made = second_factor.confirm_authenticator(
            request.presence.user,
            code[:LONGEST],
            actor=request.caller.actor,
            now=request.now,
        )
    except Malformed:
        return _seed_page(request, seed, fault=_("That is not its code now."))
    return _page(request, codes=made)


def _seed_page(request: Request, seed: bytes, *, fault: str = "") -> HttpResponse:
    address = totp.address_of(seed, account=request.presence.user.email, issuer="Valv")
    drawn = segno.make(address, error="m").svg_inline(
        scale=5, border=2, dark="#000", light="#fff", omitsize=True
    )
    page = AuthenticatorPage(
        picture=Markup(drawn),  # noqa: S704 -- drawn here, from nothing that was typed
        written=totp.written(seed),
        fault=fault,
    )
    status = UNPROCESSABLE if fault else 200
    return shown(request, "authenticator.html", page, here=HERE, status=status)


@signed_in(None, "POST")
@recently_confirmed()
def remove_authenticator(request: Request) -> HttpResponse:
    second_factor.remove_authenticator(
        request.presence.user, actor=request.caller.actor, now=request.now
    )
    messages.success(request, _("The authenticator is removed."))
    return see_other(reverse(HERE))


@signed_in(None, "POST")
@recently_confirmed()
def recovery_codes(request: Request) -> HttpResponse:
    made = second_factor.new_recovery_codes(
        request.presence.user, actor=request.caller.actor, now=request.now
    )
    return _page(request, codes=made)


@signed_in(None, "POST", limited=True)
def passkey_options(request: Request) -> HttpResponse:
    """What a browser needs to make a passkey."""
    asked = passkeys.begin_making(request.presence.user)
    request.session[MAKING] = asked.state
    return JsonResponse(asked.options)


@signed_in(None, "POST", limited=True)
@recently_confirmed()
def make_passkey(request: Request) -> HttpResponse:
    try:
        passkeys.finish_making(
            request.presence.user,
            request.session.pop(MAKING, None),
            request.POST.get("passkey", ""),
            name=request.POST.get("name", ""),
            actor=request.caller.actor,
            now=request.now,
        )
    except Malformed as fault:
        wrong = _("That passkey was not taken.")
        return _page(request, fault=Malformed(wrong, field=fault.field))
    messages.success(request, _("The passkey is ready to be used."))
    return see_other(reverse(HERE))


@signed_in(None, "POST")
@recently_confirmed()
def remove_passkey(request: Request, number: int) -> HttpResponse:
    passkeys.remove_passkey(
        request.presence.user, number, actor=request.caller.actor, now=request.now
    )
    messages.success(request, _("The passkey is removed."))
    return see_other(reverse(HERE))


@signed_in(None, "POST")
def end_sign_in(request: Request) -> HttpResponse:
    """End one sign-in, or all but this one. It takes nobody's confirmation to leave."""
    user, actor = request.presence.user, request.caller.actor
    chosen = request.POST.get("sign-in", "")
    if chosen:
        sign_ins.revoke(user, chosen, actor=actor, now=request.now)
    else:
        sign_ins.revoke_all(
            user, actor=actor, now=request.now, but=[request.presence.id]
        )
    messages.success(request, _("Signed out there."))
    return see_other(reverse(HERE))


@signed_in(None, "POST", limited=True)
def challenge(request: Request) -> HttpResponse:
    """What a browser needs to confirm by passkey."""
    asked = passkeys.begin_using()
    request.session[CHALLENGE] = asked.state
    return JsonResponse(asked.options)


routes = [
    path("account", account, name=HERE),
    path("account/confirm", confirm, name="confirm"),
    path("account/confirm/passkey", challenge, name="confirm-challenge"),
    path("account/password", set_password, name="set-password"),
    path("account/authenticator", authenticator, name="authenticator"),
    path(
        "account/authenticator/remove",
        remove_authenticator,
        name="authenticator-remove",
    ),
    path("account/recovery-codes", recovery_codes, name="recovery-codes"),
    path("account/passkeys", make_passkey, name="passkey-make"),
    path("account/passkeys/options", passkey_options, name="passkey-options"),
    path("account/passkeys/<int:number>/remove", remove_passkey, name="passkey-remove"),
    path("account/sign-ins", end_sign_in, name="sign-ins-end"),
]
