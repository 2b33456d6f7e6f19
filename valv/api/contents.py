"""What was said, over HTTP: recordings, chat logs and transcripts.

Each answer is an act in the audit log. Without a play handle a request is a play of its
own, whatever range it asks for.
"""

from collections.abc import Callable
from typing import Any, TypedDict

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from valv.api.endpoint import JSON, REASON, Call, Query, endpoint, response_from
from valv.api.errors import NotAcceptable
from valv.archive import sights
from valv.archive.operations import delete_content
from valv.archive.sights import Opened
from valv.archive.spoken import ShownChatLog, ShownTranscript
from valv.core.errors import Malformed, NotFound
from valv.core.ids import id_from_text
from valv.core.interaction import ContentKind
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.core.purposes import Use, use_from
from valv.intake.as_mp3 import as_mp3, is_mp3
from valv.sharing import chat_files
from valv.sharing.file_names import file_name
from valv.sharing.streams import Sent, sent
from valv.sharing.transfers import Way
from valv.tenants.models import Tenant

MP3 = "mp3"
DOWNLOAD = Query("download", "take it out as a file", {"enum": [MP3]})
WRITTEN = (JSON, chat_files.XML, chat_files.TEXT)
PURPOSE = Query(
    "purpose",
    "what restricted content is opened for",
    {"enum": [use.value for use in Use if use is not Use.OTHER]},
)
RECORDING = "/interactions/{id}/recordings/{n}"
CHAT_LOG = "/interactions/{id}/chat-log"
TRANSCRIPT = "/interactions/{id}/transcripts/{n}"

ShownText = ShownChatLog | ShownTranscript
Make = Callable[[Any], bytes | str]


@endpoint(
    "GET",
    RECORDING,
    right=Right.PLAY,
    query=[DOWNLOAD, PURPOSE, REASON],
    answers={200: "audio/mpeg", 206: "audio/mpeg"},
    transfers=Way.OUT,
)
def hear_recording(call: Call, id: str, n: str) -> HttpResponseBase:  # noqa: A002
    """Play or download a recording, whole or one range of it.

    A restricted one needs the right to it and a `purpose` that the person granted: 403
    with the rule `purpose_required`, `restricted` or `purpose_refused`. Where the
    tenant asks for a reason and there is none: 422 with the rule `reason_required`.
    """
    form = _form(call)
    place = id_from_text(id), number_from(n)
    if form is None:
        opened = sights.play(call.caller, *place, now=call.now, **_why(call))
        return sent(call.request, opened.reader, _labelled(opened, call, form))
    where = place[0], ContentKind.RECORDING, place[1]
    opened = sights.download(call.caller, *where, now=call.now, **_why(call))
    if is_mp3(opened.row.format):
        return sent(call.request, opened.reader, _labelled(opened, call, form))
    return StreamingHttpResponse(as_mp3(opened.reader), headers=_of_made(opened, call))


def _of_made(opened: Opened, call: Call) -> dict[str, str]:
    """The headers of an MP3 made on the way: its length shows as it ends."""
    headers = _labelled(opened, call, MP3).headers
    return {name: headers[name] for name in ("Content-Type", "Content-Disposition")}


@endpoint(
    "HEAD",
    RECORDING,
    right=Right.PLAY,
    query=[DOWNLOAD, PURPOSE],
    answers={200: "audio/mpeg"},
)
def measure_recording(call: Call, id: str, n: str) -> HttpResponseBase:  # noqa: A002
    """Say how long a recording is, without hearing it."""
    form = _form(call)
    place = id_from_text(id), number_from(n)
    opened = sights.size_of(call.caller, *place, use=_use(call))
    if form and not is_mp3(opened.row.format):
        return StreamingHttpResponse((), headers=_of_made(opened, call))
    return sent(call.request, opened.reader, _labelled(opened, call, form))


def _form(call: Call) -> str | None:
    form = call.one("download")
    if form not in (None, MP3):
        raise Malformed("A recording is downloaded as mp3.", field="download")
    return form


def _use(call: Call) -> Use | None:
    return use_from(call.one("purpose"))


class _Why(TypedDict):
    use: Use | None
    reason: str


def _why(call: Call) -> _Why:
    return _Why(use=_use(call), reason=call.one("reason") or "")


def _labelled(opened: Opened, call: Call, form: str | None) -> Sent:
    row, kept = opened.row, form or opened.row.format
    ending = MP3 if is_mp3(kept) else kept.removeprefix("x-")
    name = _named(opened, call.caller.tenant, f"{row.n}.{ending}")
    media_type = "audio/mpeg" if is_mp3(kept) else f"audio/{kept}"
    return Sent(media_type, name, f"{row.id:x}", attached=form is not None)


def _named(opened: Opened, tenant: Tenant, part: str) -> str:
    return file_name(
        opened.interaction.session_id,
        started_at=opened.row.started_at or opened.interaction.started_at,
        zone=zone_named(tenant.timezone),
        part=part,
    )


@endpoint(
    "GET",
    CHAT_LOG,
    right=Right.PLAY,
    query=[PURPOSE, REASON],
    answers={200: (*WRITTEN,)},
)
def see_chat_log(call: Call, id: str) -> HttpResponseBase:  # noqa: A002
    """See a chat log as JSON, or download it as XML or text."""
    return _written(
        call,
        (id_from_text(id), ContentKind.CHAT_LOG, 1),
        lambda place: sights.see_chat_log(
            call.caller, place[0], now=call.now, **_why(call)
        ),
        sights.chat_log_of,
        {
            chat_files.XML: chat_files.chat_log_xml,
            chat_files.TEXT: chat_files.chat_log_text,
        },
    )


@endpoint(
    "GET",
    TRANSCRIPT,
    right=Right.PLAY,
    query=[PURPOSE, REASON],
    answers={200: (*WRITTEN,)},
)
def see_transcript(call: Call, id: str, n: str) -> HttpResponseBase:  # noqa: A002
    """See a recording's transcript as JSON, or download it as XML or text."""
    return _written(
        call,
        (id_from_text(id), ContentKind.TRANSCRIPT, number_from(n)),
        lambda place: sights.see_transcript(
            call.caller, place[0], place[2], now=call.now, **_why(call)
        ),
        sights.transcript_of,
        {
            chat_files.XML: chat_files.transcript_xml,
            chat_files.TEXT: chat_files.transcript_text,
        },
    )


Place = tuple[int, ContentKind, int]


def _written(
    call: Call,
    place: Place,
    see: Callable[[Place], ShownText],
    read: Callable[[Opened], ShownText],
    makers: dict[str, Make],
) -> HttpResponseBase:
    form = call.request.get_preferred_type(list(WRITTEN))
    if form is None:
        raise NotAcceptable("It can be had as JSON, application/xml or text/plain.")
    if form == JSON:
        answer = response_from(see(place))
    else:
        opened = sights.download(call.caller, *place, now=call.now, **_why(call))
        made = makers[form](read(opened))
        answer = HttpResponse(made, content_type=f"{form}; charset=utf-8")
        answer["Content-Disposition"] = _attachment(opened, call, form)
    answer["Vary"] = "Accept"
    return answer


def _attachment(opened: Opened, call: Call, form: str) -> str:
    ending = "xml" if form == chat_files.XML else "txt"
    kind = ContentKind.numbered(opened.row.kind).value.replace("_", "-")
    name = _named(opened, call.caller.tenant, f"{kind}-{opened.row.n}.{ending}")
    return f'attachment; filename="{name}"'


@endpoint("DELETE", RECORDING, right=Right.DELETE, query=[REASON], answers={204: None})
def delete_recording(call: Call, id: str, n: str) -> None:  # noqa: A002
    """Delete a recording and its transcript; general information stays."""
    _delete(call, id, ContentKind.RECORDING, n)


@endpoint("DELETE", CHAT_LOG, right=Right.DELETE, query=[REASON], answers={204: None})
def delete_chat_log(call: Call, id: str) -> None:  # noqa: A002
    """Delete a chat log; general information stays."""
    _delete(call, id, ContentKind.CHAT_LOG, "1")


@endpoint("DELETE", TRANSCRIPT, right=Right.DELETE, query=[REASON], answers={204: None})
def delete_transcript(call: Call, id: str, n: str) -> None:  # noqa: A002
    """Delete a transcript; its recording and general information stay."""
    _delete(call, id, ContentKind.TRANSCRIPT, n)


def _delete(call: Call, id_text: str, kind: ContentKind, n: str) -> None:
    delete_content(
        call.caller,
        id_from_text(id_text),
        kind,
        number_from(n),
        reason=call.one("reason") or "",
        now=call.now,
    )


def number_from(text: str) -> int:
    """The number of a content in an address. Raises NotFound: it names nothing."""
    if not (text.isascii() and text.isdecimal()) or not 1 <= len(text) <= 9:
        raise NotFound
    return int(text)
