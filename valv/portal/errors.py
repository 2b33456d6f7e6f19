"""Errors as pages, in this one place.

An error of ``core.errors`` becomes the page of its kind. Anything else is a fault of
ours: its page says nothing of it, and it is logged by its kind and place only, since
what an exception quotes may be anybody's data.
"""

import logging
import traceback
from dataclasses import replace
from typing import cast

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Busy, Forbidden, ReasonRequired, ValvError
from valv.portal.asking_why import ask_why, is_about_reason
from valv.portal.doors import Request, caller_of, clock
from valv.portal.frame import frame_of
from valv.storage import scope
from valv.storage.blobs.contract import BlobStoreFailed

RETRY_SECONDS = 1
FAULT = 500
DJANGOS_OWN = (Http404, PermissionDenied, SuspiciousOperation)
TEMPLATES = {
    403: "403.html",
    404: "404.html",
    409: "409.html",
    410: "404.html",
    500: "500.html",
    503: "503.html",
}
OTHERWISE = "400.html"

log = logging.getLogger("valv.portal")


def page_from(error: Exception, request: HttpRequest) -> HttpResponse | None:
    """The page for what a view raised; None for what Django itself has pages for."""
    if isinstance(error, DJANGOS_OWN):
        return None
    if isinstance(error, BlobStoreFailed):
        log.error("the blob store does not answer")
        error = Busy("Content cannot be reached. Try again soon.")
    if is_about_reason(error, request):
        given = not isinstance(error, ReasonRequired)
        fault = _("A reason is one line of at most 500 characters.") if given else ""
        return ask_why(cast(Request, request), fault=fault)
    if isinstance(error, Forbidden):
        _note_denial(request)
    if isinstance(error, ValvError) and error.status != FAULT:
        return _page(request, error.status, refused=getattr(error, "rule", ""))
    _log_fault(error)
    return _page(request, FAULT)


def busy(request: HttpRequest) -> HttpResponse:
    return _page(request, Busy.status)


def _page(request: HttpRequest, status: int, *, refused: str = "") -> HttpResponse:
    template = TEMPLATES.get(status, OTHERWISE)
    frame = replace(frame_of(request), person="", pages=frozenset())
    response = render(
        request, template, {"frame": frame, "refused": refused}, status=status
    )
    if status == Busy.status:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _note_denial(request: HttpRequest) -> None:
    """An insider tried what they may not: which page, never what was in it."""
    caller, place = caller_of(request), request.resolver_match
    if caller is None:
        return
    details = {"page": place.url_name if place else None}
    with scope.writing(caller.tenant.id):
        act = Act(Action.DENY, details=details)
        record(act, actor=caller.actor, now=clock())


def _log_fault(fault: Exception) -> None:
    frames = traceback.extract_tb(fault.__traceback__)
    where = " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames))
    log.error("fault %s at %s", type(fault).__name__, where)
