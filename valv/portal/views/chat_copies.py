"""Sending a copy of a chat log by e-mail; asked once more, with where to."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import queries
from valv.archive.detail import part_of
from valv.core.errors import Busy, Malformed, NotFound
from valv.core.interaction import ContentKind, ContentState
from valv.core.permissions import Right
from valv.portal.contexts.frame import CopyPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.portal.views.contents import number_of, why_stated
from valv.portal.views.interaction import PLACE
from valv.sharing.chat_copies import send_by_person
from valv.sharing.mail import MailNotSent

UNPROCESSABLE = 422


@signed_in(Right.DOWNLOAD, "GET", "POST")
def send_chat_copy(request: Request, interaction_id: str) -> HttpResponse:
    if request.method != "POST":
        return _confirm(request, interaction_id)
    try:
        sent = send_by_person(
            request.caller,
            number_of(interaction_id, 1),
            address=typed(request.POST, "address"),
            use=why_stated(request)["use"],
            now=request.now,
        )
    except Malformed:
        fault = _("Write an e-mail address.")
        return _confirm(request, interaction_id, fault=fault)
    except (Busy, MailNotSent):
        messages.error(request, _("The copy could not be sent. Send it again."))
    else:
        went = _("A copy went to this address before; none is sent again.")
        messages.success(request, _("The copy is sent.") if sent.is_new else went)
    return see_other(reverse("interaction", args=[interaction_id]))


def _confirm(request: Request, interaction_id: str, *, fault: str = "") -> HttpResponse:
    """Where to: seeing the chat's own address is a sight, and entered as one."""
    part = part_of(request.caller, interaction_id, ContentKind.CHAT_LOG, 1)
    if part.state is not ContentState.PRESENT:
        raise NotFound
    item = queries.see(request.caller, interaction_id, now=request.now)
    page = CopyPage(
        action=request.path,
        back=reverse("interaction", args=[interaction_id]),
        address=typed(request.POST, "address") or item.identifiers.email or "",
        uses=tuple(use.value for use in part.uses),
        fault=fault,
    )
    if request.htmx:
        return render(request, "chat_copy_box.html", {"page": page})
    status = UNPROCESSABLE if fault else 200
    return shown(request, "chat_copy.html", page, here="search", status=status)


routes = [path(f"{PLACE}/copy-chat-log", send_chat_copy, name="chat-log-copy")]
