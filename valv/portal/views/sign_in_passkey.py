"""Signing in by passkey. Any passkey may answer, so no page tells who has one."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from valv.portal.contexts.frame import SignInPage
from valv.portal.doors import clock
from valv.portal.entering import enter, local_page, origin_of
from valv.portal.frame import shown
from valv.portal.providers import provider_links
from valv.portal.views.sign_in import TOO_MANY, UNPROCESSABLE, wait_words
from valv.tenants import passkeys, slowdown
from valv.tenants.access_log import How
from valv.tenants.factors import passkey_counts
from valv.tenants.queries import tenants
from valv.tenants.sign_ins import note_unknown

STATE = "passkey_sign_in"


@require_POST
def options(request: HttpRequest) -> HttpResponse:
    asked = passkeys.begin_using()
    request.session[STATE] = asked.state
    return JsonResponse(asked.options)


@require_POST
def by_passkey(request: HttpRequest) -> HttpResponse:
    following = local_page(request, request.POST.get("next", ""))
    counts = slowdown.of_place(origin_of(request).network)
    left = slowdown.wait_or_take(counts, now=clock())
    if left > 0:
        seconds = round(left + 0.5)
        answer = _again(request, following, wait_words(seconds), status=TOO_MANY)
        answer["Retry-After"] = str(seconds)
        return answer
    state = request.session.pop(STATE, None)
    answered = request.POST.get("passkey", "")
    user = passkeys.user_of_passkey(state, answered, now=clock())
    if user is None or not passkey_counts(user):
        _note(request)
        fault = _("That passkey was not taken.")
        return _again(request, following, fault, status=UNPROCESSABLE)
    slowdown.lessen(counts)
    return enter(request, user, how=How.PASSKEY, following=following)


def _note(request: HttpRequest) -> None:
    known = tenants()
    if len(known) == 1:
        note_unknown(
            known[0].id, how=How.PASSKEY, origin=origin_of(request), now=clock()
        )


def _again(
    request: HttpRequest, following: str, fault: str, *, status: int
) -> HttpResponse:
    page = SignInPage(
        next=following,
        fault=fault,
        action=reverse("sign-in"),
        providers=provider_links("", following),
    )
    return shown(request, "sign_in.html", page, status=status)


routes = [
    path("sign-in/passkey", by_passkey, name="sign-in-passkey"),
    path("sign-in/passkey/options", options, name="sign-in-passkey-options"),
]
