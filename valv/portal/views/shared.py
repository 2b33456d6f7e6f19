"""What the visitor of a secure link sees: a page without archive, script or name.

A link that is wrong, over, cancelled or unknown gets one and the same answer. A visit
is a cookie of this link alone; Django's sessions play no part.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from valv.core.errors import Busy, NotFound
from valv.core.ids import id_from_text
from valv.core.interaction import ContentKind
from valv.core.moments import zone_named
from valv.portal.builders.links import items_shown, turns_of
from valv.portal.contexts.interaction import Turn
from valv.portal.contexts.links import SharedPage
from valv.portal.doors import clock, see_other
from valv.sharing import link_visits
from valv.sharing.file_names import media_type_of
from valv.sharing.mail import MailNotSent
from valv.sharing.streams import NoSuchRange, Sent, sent
from valv.sharing.transfers import Way, in_turn

NOT_FOUND, UNPROCESSABLE = 404, 422
COOKIE = "shared"
LONGEST_CODE = 20
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self';"
    " media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _led(view: View[P]) -> View[P]:
    """Under a policy of its own; what is not there is the one page for nowhere."""

    @wraps(view)
    def led(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except NotFound:
            response = _page(request, SharedPage("nowhere"), status=NOT_FOUND)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return led


def _page(request: HttpRequest, page: SharedPage, *, status: int = 200) -> HttpResponse:
    return render(request, "shared.html", {"page": page}, status=status)


@require_safe
@_led
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What is shared, for who entered the code; else how to get one."""
    return _opened(request, token, audio={}, turns={})


def _opened(
    request: HttpRequest,
    token: str,
    *,
    audio: Mapping[int, str],
    turns: Mapping[int, tuple[Turn, ...]],
) -> HttpResponse:
    now = clock()
    tenant = link_visits.tenant_of(token, now=now)
    found = link_visits.shared_with(token, _visit(request), now=now)
    if found is None:
        return _page(request, SharedPage("ask", token, tenant.name))
    page = SharedPage(
        "open",
        token,
        tenant.name,
        items=items_shown(found.copies, audio=audio, turns=turns),
        plays_left=found.plays_left,
        expires_at=found.expires_at,
    )
    with timezone.override(zone_named(tenant.timezone)):
        return _page(request, page)


def _visit(request: HttpRequest) -> str:
    return request.COOKIES.get(COOKIE, "")


@require_POST
@_led
def send_code(request: HttpRequest, token: str) -> HttpResponse:
    now = clock()
    tenant = link_visits.tenant_of(token, now=now)
    try:
        link_visits.send_code(token, now=now)
    except (Busy, MailNotSent):
        fault = _("No code could be sent just now. Wait half a minute and try again.")
        page = SharedPage("ask", token, tenant.name, fault=fault)
        return _page(request, page, status=Busy.status)
    return see_other(reverse("shared-code", args=[token]))


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@_led
def enter_code(request: HttpRequest, token: str) -> HttpResponse:
    now = clock()
    tenant = link_visits.tenant_of(token, now=now)
    page = SharedPage("code", token, tenant.name)
    if request.method != "POST":
        return _page(request, page)
    if "accepted" not in request.POST:
        fault = _("Accept the terms to go on.")
    else:
        code = request.POST.get("code", "")[:LONGEST_CODE]
        visit = link_visits.enter_code(token, code, now=now)
        if visit is not None:
            return _let_in(token, visit)
        fault = _("That code is not right, or is too old. Ask for a new one.")
    page = SharedPage("code", token, tenant.name, fault=fault)
    return _page(request, page, status=UNPROCESSABLE)


def _let_in(token: str, visit: str) -> HttpResponse:
    address = reverse("shared", args=[token])
    response = see_other(address)
    response.set_cookie(
        COOKIE,
        visit,
        path=address,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
@_led
def play(request: HttpRequest, token: str, copy_id: str) -> HttpResponse:
    number = id_from_text(copy_id)
    handle = link_visits.play(token, _visit(request), number, now=clock())
    return see_other(reverse("shared-playing", args=[token, copy_id, handle]))


@require_safe
@_led
def playing(
    request: HttpRequest, token: str, copy_id: str, handle: str
) -> HttpResponse:
    """The page with the player in it; coming back to it is the same play."""
    link_visits.listen(token, _visit(request), handle, now=clock())
    address = reverse("shared-audio", args=[token, handle])
    return _opened(request, token, audio={id_from_text(copy_id): address}, turns={})


@require_safe
@_led
def audio(request: HttpRequest, token: str, handle: str) -> HttpResponseBase:
    heard = link_visits.listen(token, _visit(request), handle, now=clock())
    form = heard.copy.format
    name = f"{ContentKind.RECORDING.value}-{heard.copy.n}.{form.removeprefix('x-')}"
    how = Sent(media_type_of(form), name, f"{heard.copy.id:x}")
    try:
        response = sent(request, heard.reader, how, in_pieces=True)
    except NoSuchRange as error:
        beyond = {"Content-Range": f"bytes */{error.size}"}
        return HttpResponse(status=error.status, headers=beyond)
    return in_turn(Way.OUT, lambda: response) if response.streaming else response


@require_POST
@_led
def read(request: HttpRequest, token: str, copy_id: str) -> HttpResponse:
    number = id_from_text(copy_id)
    written = link_visits.read(token, _visit(request), number, now=clock())
    return _opened(request, token, audio={}, turns={number: turns_of(written)})


PLACE = "shared/<str:token>"
routes = [
    path(PLACE, shared, name="shared"),
    path(f"{PLACE}/code", enter_code, name="shared-code"),
    path(f"{PLACE}/code/send", send_code, name="shared-code-send"),
    path(f"{PLACE}/<str:copy_id>/play", play, name="shared-play"),
    path(f"{PLACE}/<str:copy_id>/play/<str:handle>", playing, name="shared-playing"),
    path(f"{PLACE}/sound/<str:handle>", audio, name="shared-audio"),
    path(f"{PLACE}/<str:copy_id>/read", read, name="shared-read"),
]
