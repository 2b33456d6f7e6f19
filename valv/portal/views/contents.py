"""Chat logs and transcripts to see, and all content to take out as files.

Each is an act of its own, with its entry in the audit log before a byte is shown.
"""

from typing import TypedDict

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from valv.archive import sights
from valv.archive.detail import part_of
from valv.archive.sights import Opened
from valv.core.errors import NotFound
from valv.core.ids import id_from_text
from valv.core.interaction import ContentKind
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.core.purposes import Use, use_from
from valv.intake.as_mp3 import as_mp3, is_mp3
from valv.portal.builders.contents import (
    content_of,
    turns_of_chat,
    turns_of_transcript,
)
from valv.portal.doors import Request, signed_in
from valv.portal.typed import typed
from valv.portal.views.interaction import PLACE, content_alone
from valv.sharing import chat_files
from valv.sharing.file_names import file_name, media_type_of
from valv.sharing.streams import Sent, sent
from valv.sharing.transfers import Way
from valv.tenants.models import Tenant

HIGHEST = 10_000
MP3 = "mp3"
OF_A_FILE = ("Content-Type", "Content-Disposition")


def number_of(interaction_id: str, n: int) -> int:
    """The interaction's number. Raises NotFound for what no content can be under."""
    if not 1 <= n <= HIGHEST:
        raise NotFound
    return id_from_text(interaction_id)


class Why(TypedDict):
    """What content is opened for: its purpose if it is restricted, and a reason."""

    use: Use | None
    reason: str


def why_stated(request: Request) -> Why:
    """As the form says."""
    use = use_from(request.POST.get("purpose"))
    return Why(use=use, reason=typed(request.POST, "reason"))


@signed_in(Right.DOWNLOAD, "POST", transfers=Way.OUT)
def download_recording(
    request: Request, interaction_id: str, n: int
) -> HttpResponseBase:
    """As MP3, made on the way where it is kept as its source sent it."""
    number, kind = number_of(interaction_id, n), ContentKind.RECORDING
    why = why_stated(request)
    opened = sights.download(request.caller, number, kind, n, now=request.now, **why)
    if is_mp3(opened.row.format):
        how = labelled(request.caller.tenant, opened, attached=True)
        return sent(request, opened.reader, how)
    how = labelled(request.caller.tenant, opened, attached=True, form=MP3)
    named = {name: how.headers[name] for name in OF_A_FILE}
    return StreamingHttpResponse(as_mp3(opened.reader), headers=named)


def labelled(
    tenant: Tenant, opened: Opened, *, attached: bool, form: str | None = None
) -> Sent:
    """A recording's media type and file name, which tells nothing of anyone.

    ``form`` is what it leaves as, if that is not what it is kept as.
    """
    row, kept = opened.row, form or opened.row.format
    name = _named(tenant, opened, f"{row.n}.{kept.removeprefix('x-')}")
    return Sent(media_type_of(kept), name, f"{row.id:x}", attached=attached)


def _named(tenant: Tenant, opened: Opened, part: str) -> str:
    return file_name(
        opened.interaction.session_id,
        started_at=opened.row.started_at or opened.interaction.started_at,
        zone=zone_named(tenant.timezone),
        part=part,
    )


@signed_in(Right.PLAY, "POST")
def see_chat_log(request: Request, interaction_id: str) -> HttpResponse:
    number = number_of(interaction_id, 1)
    why = why_stated(request)
    log = sights.see_chat_log(request.caller, number, now=request.now, **why)
    part = part_of(request.caller, interaction_id, ContentKind.CHAT_LOG, 1)
    opened = content_of(part, request.caller, turns=turns_of_chat(log))
    return content_alone(request, interaction_id, opened)


@signed_in(Right.DOWNLOAD, "POST")
def download_chat_log(
    request: Request, interaction_id: str, form: str
) -> HttpResponseBase:
    makers = {
        "xml": (chat_files.XML, chat_files.chat_log_xml),
        "txt": (chat_files.TEXT, chat_files.chat_log_text),
    }
    if form not in makers:
        raise NotFound
    number, kind = number_of(interaction_id, 1), ContentKind.CHAT_LOG
    why = why_stated(request)
    opened = sights.download(request.caller, number, kind, 1, now=request.now, **why)
    media_type, make = makers[form]
    name = _named(request.caller.tenant, opened, f"chat.{form}")
    return HttpResponse(
        make(sights.chat_log_of(opened)),
        content_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@signed_in(Right.PLAY, "POST")
def see_transcript(request: Request, interaction_id: str, n: int) -> HttpResponse:
    number = number_of(interaction_id, n)
    why = why_stated(request)
    written = sights.see_transcript(request.caller, number, n, now=request.now, **why)
    part = part_of(request.caller, interaction_id, ContentKind.TRANSCRIPT, n)
    opened = content_of(part, request.caller, turns=turns_of_transcript(written))
    return content_alone(request, interaction_id, opened)


RECORDING = f"{PLACE}/recordings/<int:n>"
CHAT_LOG = f"{PLACE}/chat-log"
TRANSCRIPT = f"{PLACE}/transcripts/<int:n>"

routes = [
    path(f"{RECORDING}/mp3", download_recording, name="recording-download"),
    path(f"{CHAT_LOG}/see", see_chat_log, name="chat-log-see"),
    path(f"{CHAT_LOG}/<str:form>", download_chat_log, name="chat-log-download"),
    path(f"{TRANSCRIPT}/see", see_transcript, name="transcript-see"),
]
