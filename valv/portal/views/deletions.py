"""Deleting a recording, chat log or transcript; the general information stays.

It is asked once more, with a reason that goes into the audit log.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import contents
from valv.archive.detail import part_of
from valv.archive.operations import delete_content
from valv.core.errors import NotFound
from valv.core.interaction import ContentKind, ContentState
from valv.core.permissions import Right
from valv.core.verdict import raise_if_held
from valv.portal.builders.contents import deleted_words
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.frame import ConfirmPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.reasons import fault_of
from valv.portal.typed import typed
from valv.portal.views.contents import RECORDING, TRANSCRIPT, number_of
from valv.portal.views.interaction import PLACE

UNPROCESSABLE = 422


@signed_in(Right.DELETE, "GET", "POST")
@recently_confirmed()
def delete_recording(request: Request, interaction_id: str, n: int) -> HttpResponse:
    return _asked(request, interaction_id, ContentKind.RECORDING, n)


@signed_in(Right.DELETE, "GET", "POST")
@recently_confirmed()
def delete_chat_log(request: Request, interaction_id: str) -> HttpResponse:
    return _asked(request, interaction_id, ContentKind.CHAT_LOG, 1)


@signed_in(Right.DELETE, "GET", "POST")
@recently_confirmed()
def delete_transcript(request: Request, interaction_id: str, n: int) -> HttpResponse:
    return _asked(request, interaction_id, ContentKind.TRANSCRIPT, n)


def _asked(
    request: Request, interaction_id: str, kind: ContentKind, n: int
) -> HttpResponse:
    number = number_of(interaction_id, n)
    if request.method != "POST":
        _check(request, interaction_id, kind, n)
        return _confirm(request, interaction_id, kind, n)
    reason = typed(request.POST, "reason")
    missing = _("Write why it is deleted.")
    fault = fault_of(request.caller, reason, missing=missing)
    if fault or request.POST.get("confirmed") != "yes":
        _check(request, interaction_id, kind, n)
        return _confirm(request, interaction_id, kind, n, fault=fault or missing)
    wholly = delete_content(
        request.caller, number, kind, n, reason=reason, now=request.now
    )
    messages.success(request, deleted_words(kind, n, wholly=wholly))
    return see_other(reverse("interaction", args=[interaction_id]))


def _check(request: Request, interaction_id: str, kind: ContentKind, n: int) -> None:
    """Raise what the deletion would raise, before anyone is asked."""
    part = part_of(request.caller, interaction_id, kind, n)
    contents.raise_if_removed(part.row)
    raise_if_held(on_hold=part.held)
    if part.state is not ContentState.PRESENT:
        raise NotFound


def _confirm(
    request: Request, interaction_id: str, kind: ContentKind, n: int, *, fault: str = ""
) -> HttpResponse:
    page = ConfirmPage(
        action=request.path,
        what=kind.value,
        back=reverse("interaction", args=[interaction_id]),
        n=n,
        fault=fault,
        reason=typed(request.POST, "reason"),
    )
    if request.htmx:
        return render(request, "confirm_box.html", {"page": page})
    status = UNPROCESSABLE if fault else 200
    return shown(request, "confirm.html", page, here="search", status=status)


routes = [
    path(f"{RECORDING}/delete", delete_recording, name="recording-delete"),
    path(f"{PLACE}/delete-chat-log", delete_chat_log, name="chat-log-delete"),
    path(f"{TRANSCRIPT}/delete", delete_transcript, name="transcript-delete"),
]
