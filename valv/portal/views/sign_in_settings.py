"""How the tenant's people sign in: second factor, provider, time limits, access log."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.networks import Kept
from valv.core.permissions import Right
from valv.core.sign_in_rules import LIMITS, MappedGroup, Provider, SignInRules
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts import Choice
from valv.portal.contexts.account import SignInSettingsPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.sign_in_words import SIGN_IN_FAULTS, TOO_LONG
from valv.portal.views.sign_in_provider import callback_address
from valv.storage import scope
from valv.tenants.signin_settings import check_mapping, set_sign_in, sign_in_version
from valv.tenants.users import everyone

HERE = "sign-in-settings"
UNPROCESSABLE = 422
SWITCHES = ("second_factor", "provider_only", "makes_users")
TEXTS = ("issuer", "client_id", "label", "groups_claim")


@signed_in(Right.USERS, "GET", "POST")
@recently_confirmed()
def sign_in_settings(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    try:
        wanted = _rules(request.POST)
        check_mapping(request.caller, wanted)
        set_sign_in(
            request.caller.tenant,
            wanted,
            secret=_secret(request.POST),
            actor=request.caller.actor,
            now=request.now,
        )
    except Malformed as fault:
        return _page(request, fault=fault)
    messages.success(request, _("Saved. It holds for whoever signs in from now on."))
    return see_other(reverse(HERE))


def _secret(post: QueryDict) -> str | None:
    """A new one; none where the field was left empty, unless it is to be removed."""
    if _is_on(post, "remove_secret"):
        return ""
    return post.get("secret", "").strip() or None


def _rules(post: QueryDict) -> SignInRules:
    break_glass = post.get("break_glass", "")
    return SignInRules(
        second_factor=_is_on(post, "second_factor"),
        provider_only=_is_on(post, "provider_only"),
        break_glass=int(break_glass) if break_glass.isdecimal() else None,
        network=_one_of(Kept, post.get("network", ""), "network"),
        provider=_provider(post) if post.get("issuer", "").strip() else None,
        **{name: _number(post, name) for name in LIMITS},
    )


def _is_on(post: QueryDict, name: str) -> bool:
    return post.get(name) == "on"


def _number(post: QueryDict, name: str) -> int:
    typed = post.get(name, "").strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 6):
        raise Malformed("It is a whole number.", field=name)
    return int(typed)


def _one_of(kind: type[Kept], value: str, field: str) -> Kept:
    if value not in set(kind):
        raise Malformed("It is one of those there are.", field=field)
    return kind(value)


def _provider(post: QueryDict) -> Provider:
    return Provider(
        groups=tuple(_groups(post)),
        makes_users=_is_on(post, "makes_users"),
        **{name: post.get(name, "") for name in TEXTS},
    )


def _groups(post: QueryDict) -> Iterator[MappedGroup]:
    claims, gives = post.getlist("claim"), post.getlist("gives")
    for claim, given in zip(claims, gives, strict=False):
        if claim.strip():
            if not (given.isascii() and given.isdecimal() and len(given) < 19):
                raise Malformed("It is one of the user groups.", field="groups")
            yield MappedGroup(claim.strip(), int(given))


def _page(request: Request, *, fault: Malformed | None = None) -> HttpResponse:
    with scope.reading(request.caller.tenant.id):
        version = sign_in_version()
        found = everyone(request.caller.tenant)
    typed = None if fault is None else request.POST
    page = SignInSettingsPage(
        values=_values(version.rules, typed),
        on=_on(version.rules, typed),
        has_secret=version.has_secret,
        callback=callback_address(),
        people=tuple(
            (str(id_), found.users[id_].name) for id_ in found.who_see_to_users()
        ),
        gives=tuple((str(id_), group.name) for id_, group in found.groups.items()),
        groups=_shown_groups(version.rules, typed),
        faults={} if fault is None else _faults(fault.field or ""),
        changed_at=version.since,
        changed_by=version.set_by,
    )
    status = 200 if fault is None else UNPROCESSABLE
    return shown(request, "sign_in_settings.html", page, here=HERE, status=status)


def _faults(field: str) -> dict[str, str]:
    return {field: str(SIGN_IN_FAULTS.get(field, TOO_LONG))}


def _values(rules: SignInRules, typed: QueryDict | None) -> dict[str, str]:
    names = (*LIMITS, "network", "break_glass", *TEXTS)
    if typed is not None:
        return {name: typed.get(name, "") for name in names}
    provider = rules.provider or Provider("", "")
    held = {name: getattr(rules, name) for name in (*LIMITS, "network", "break_glass")}
    held |= {name: getattr(provider, name) for name in TEXTS}
    return {name: "" if value is None else str(value) for name, value in held.items()}


def _on(rules: SignInRules, typed: QueryDict | None) -> frozenset[str]:
    if typed is not None:
        return frozenset(name for name in SWITCHES if _is_on(typed, name))
    makes = rules.provider is not None and rules.provider.makes_users
    held = {"second_factor": rules.second_factor, "provider_only": rules.provider_only}
    return frozenset(n for n, on in {**held, "makes_users": makes}.items() if on)


def _shown_groups(rules: SignInRules, typed: QueryDict | None) -> tuple[Choice, ...]:
    if typed is not None:
        pairs = zip(typed.getlist("claim"), typed.getlist("gives"), strict=False)
        return tuple(pair for pair in pairs if pair[0].strip())
    groups = rules.provider.groups if rules.provider else ()
    return tuple((one.claim, str(one.group)) for one in groups)


routes = [path("settings/sign-in", sign_in_settings, name=HERE)]
