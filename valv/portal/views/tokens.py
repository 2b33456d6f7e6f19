"""API tokens: listed, made, given a new secret, revoked; how long they may live.

A secret is shown in the answer that made it, and in no other.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Conflict, Malformed
from valv.core.permissions import Right
from valv.core.tokens import KEEP_HOURS
from valv.portal.builders.tokens import (
    days_from,
    fault_of,
    lifetime_from,
    page_of,
    scopes_from,
)
from valv.portal.confirming import recently_confirmed
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.tenants.tokens import (
    Secret,
    create_token,
    revoke_token,
    rotate_token,
    set_longest_life,
    tokens_of,
)

HERE = "tokens"
UNPROCESSABLE = 422


@signed_in(Right.TOKENS, "GET", "POST")
@recently_confirmed()
def tokens(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    caller, post = request.caller, request.POST
    try:
        made = create_token(
            caller.tenant,
            name=post.get("name", "").strip(),
            scopes=scopes_from(post),
            within=caller.rights,
            actor=caller.actor,
            now=request.now,
            lifetime=lifetime_from(post),
        )
    except Malformed as error:
        return _page(request, faults=fault_of(error))
    return _page(request, made=made)


@signed_in(Right.TOKENS, "POST")
@recently_confirmed()
def rotate(request: Request, token: int) -> HttpResponse:
    caller = request.caller
    now_ended = "at_once" in request.POST
    try:
        made = rotate_token(
            caller.tenant,
            token,
            within=caller.rights,
            actor=caller.actor,
            now=request.now,
            hours=0 if now_ended else KEEP_HOURS,
        )
    except Conflict:
        messages.error(request, _("This token has ended, or was changed just now."))
        return see_other(reverse(HERE))
    return _page(request, made=made)


@signed_in(Right.TOKENS, "POST")
@recently_confirmed()
def revoke(request: Request, token: int) -> HttpResponse:
    caller = request.caller
    revoke_token(caller.tenant, token, actor=caller.actor, now=request.now)
    messages.success(request, _("The token lets nobody in any more."))
    return see_other(reverse(HERE))


@signed_in(Right.TOKENS, "POST")
@recently_confirmed()
def life(request: Request) -> HttpResponse:
    caller, typed = request.caller, request.POST.get("longest_days", "").strip()
    try:
        days = days_from(typed, field="longest_days") if typed else None
        set_longest_life(caller.tenant, days, actor=caller.actor, now=request.now)
    except Malformed as error:
        return _page(request, faults=fault_of(error))
    messages.success(request, _("Saved. It holds for tokens from now on."))
    return see_other(reverse(HERE))


def _page(
    request: Request,
    *,
    made: Secret | None = None,
    faults: dict[str, str] | None = None,
) -> HttpResponse:
    page = page_of(
        tokens_of(request.caller.tenant),
        caller=request.caller,
        now=request.now,
        post=request.POST,
        made=made,
        faults=faults,
    )
    status = UNPROCESSABLE if faults else 200
    return shown(request, "tokens.html", page, here=HERE, status=status)


routes = [
    path("tokens", tokens, name=HERE),
    path("tokens/life", life, name="token-life"),
    path("tokens/<int:token>/rotate", rotate, name="token-rotate"),
    path("tokens/<int:token>/revoke", revoke, name="token-revoke"),
]
