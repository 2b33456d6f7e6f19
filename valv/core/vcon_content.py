"""What was said, in a vCon: recordings, chat, transcripts and survey.

Attachments and analyses of any other purpose are passed over, and so is a dialog's
party history, for its ``keydown`` events carry the digits that were pressed (law 3).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from valv.core.errors import Malformed
from valv.core.ids import first_id_at
from valv.core.interaction import (
    ChatLog,
    Message,
    RecordingPart,
    Sender,
    SurveyAnswer,
    Transcript,
    Utterance,
    decoded,
)
from valv.core.moments import parse_moment
from valv.core.vcon_fields import (
    Object,
    body_bytes,
    body_value,
    digests,
    file_beside,
    indices,
    number,
    purpose,
    text,
)
from valv.core.vcon_parties import Parties, originator_of


def is_recording(dialog: Object) -> bool:
    return text(dialog, "type") == "recording"


def is_text(dialog: Object) -> bool:
    return text(dialog, "type") == "text"


def numbers_of(dialogs: Sequence[Object]) -> dict[int, int]:
    """Dialog index to recording number, from 1; an emptied dialog keeps its number."""
    recordings = [i for i, dialog in enumerate(dialogs) if is_recording(dialog)]
    return {index: n for n, index in enumerate(recordings, start=1)}


def recordings_of(
    dialogs: Sequence[Object], *, parties: Parties
) -> Iterator[RecordingPart]:
    """The recordings that are inline or name a file; raises Malformed on a bad sum."""
    for index, n in numbers_of(dialogs).items():
        dialog, field = dialogs[index], f"dialog[{index}]"
        body = body_bytes(dialog, field=f"{field}.body")
        filename = file_beside(dialog, field=f"{field}.filename")
        if body is None and filename is None:
            continue
        known = {
            "n": n,
            "started_at": start_of(dialog, field=field),
            "seconds": number(dialog, "duration"),
            "agent": parties.agent_of(dialog),
            "channels": _channels(dialog, parties=parties),
            "mediatype": text(dialog, "mediatype", "mimetype"),
            "filename": filename,
            "body": body,
            "digests": digests(dialog, field=f"{field}.content_hash"),
        }
        part = decoded(known, RecordingPart)
        if body is not None:
            check_digest(part, sha512=hashlib.sha512(body).digest())
        yield part


def check_digest(part: RecordingPart, *, sha512: bytes) -> None:
    """Raise Malformed unless the bytes are those that the sender summed up."""
    if part.digests and sha512 not in part.digests:
        raise Malformed(
            f"The bytes of recording {part.n} are not those that were signed for.",
            field="content_hash",
        )


def start_of(dialog: Object, *, field: str) -> datetime | None:
    """A dialog's start, if it has one; without an offset it is UTC."""
    if dialog.get("start") is None:
        return None
    return vcon_moment(dialog["start"], field=f"{field}.start")


def vcon_moment(value: object, *, field: str) -> datetime:
    """A time that an interaction can have; raises Malformed."""
    at = parse_moment(value, assume_utc=True, field=field)
    first_id_at(at)
    return at


def _channels(dialog: Object, *, parties: Parties) -> tuple[Sender | None, ...]:
    listed = dialog.get("parties")
    per_channel = isinstance(listed, list) and any(
        isinstance(channel, list) for channel in listed
    )
    if not per_channel or not isinstance(listed, list):
        return ()
    first = [next(indices(channel), None) for channel in listed]
    return tuple(None if i is None else parties.sender(i) for i in first)


def chat_log_of(
    dialogs: Sequence[Object], *, parties: Parties, default: datetime
) -> ChatLog | None:
    """The text dialogs as messages, in the order of their times."""
    messages = [
        _message(dialog, body, index=index, parties=parties, default=default)
        for index, dialog in enumerate(dialogs)
        if is_text(dialog) and (body := _message_text(dialog, index=index))
    ]
    messages.sort(key=lambda message: message.at)
    return ChatLog(tuple(messages)) if messages else None


def _message(
    dialog: Object, body: str, *, index: int, parties: Parties, default: datetime
) -> Message:
    known = {
        "at": start_of(dialog, field=f"dialog[{index}]") or default,
        "from": parties.sender(originator_of(dialog)),
        "text": body,
    }
    return decoded(known, Message)


def _message_text(dialog: Object, *, index: int) -> str | None:
    body = body_value(dialog, field=f"dialog[{index}].body")
    if isinstance(body, str):
        return body
    # A chat line that happens to be JSON is still what was written.
    original = dialog.get("body")
    return original if isinstance(original, str) else None


def transcripts_of(
    analyses: Sequence[Object], *, dialogs: Sequence[Object], parties: Parties
) -> Iterator[Transcript]:
    """The transcripts of recordings, one each; of a chat there is the chat itself."""
    numbers = numbers_of(dialogs)
    seen: set[int] = set()
    for index, analysis in enumerate(analyses):
        if text(analysis, "type") != "transcript":
            continue
        n = next(
            (numbers[i] for i in indices(analysis.get("dialog")) if i in numbers), 0
        )
        body = body_value(analysis, field=f"analysis[{index}].body")
        said = tuple(_utterances(body, speaker=parties.speaker))
        if n and n not in seen and said:
            seen.add(n)
            known = {"n": n, "utterances": said, "vendor": text(analysis, "vendor")}
            yield decoded(known, Transcript)


def _utterances(
    body: object, *, speaker: Callable[[object], Sender], depth: int = 3
) -> Iterator[Utterance]:
    """Read the shapes that transcripts come in: lines, segments, or one text."""
    if isinstance(body, str) and body.strip():
        yield Utterance(sender=speaker(None), text=body.strip())
    elif isinstance(body, list):
        for item in body:
            yield from _utterance(item, speaker=speaker)
    elif isinstance(body, dict) and depth:
        for name in ("segments", "utterances", "conversation", "transcript", "text"):
            if body.get(name):
                yield from _utterances(body[name], speaker=speaker, depth=depth - 1)
                return


def _utterance(
    item: object, *, speaker: Callable[[object], Sender]
) -> Iterator[Utterance]:
    if isinstance(item, str) and item.strip():
        yield Utterance(sender=speaker(None), text=item.strip())
    if isinstance(item, dict) and (
        words := text(item, "message", "text", "transcript")
    ):
        said_by = next(
            (item[k] for k in ("speaker", "party", "role") if k in item), None
        )
        seconds = number(item, "start")
        yield Utterance(sender=speaker(said_by), text=words, seconds=seconds)


def survey_of(attachments: Sequence[Object]) -> SurveyAnswer | None:
    for index, attachment in enumerate(attachments):
        if purpose(attachment) != "survey":
            continue
        body = body_value(attachment, field=f"attachments[{index}].body")
        if isinstance(body, dict):
            known = {
                k: v for k, v in body.items() if k in {"score", "scale", "comment"}
            }
            start = {"start": body.get("at") or attachment.get("start")}
            at = start_of(start, field=f"attachments[{index}]")
            return decoded(known | {"at": at}, SurveyAnswer)
    return None
