"""Reading a vCon, of whatever draft, into one arrival.

Tolerant of names, encodings and missing parts; strict where a law would break. What
is neither general information nor content of the archive is passed over. Recordings
come inline, or name a file to be found beside the vCon; URLs are never followed.

Refuses encrypted vCons, unknown ``critical`` extensions, and the text of e-mails.
The signatures of a signed one are not verified: that takes a certificate store, which
the archive does not keep. (Drafts: ietf-vcon-vcon-core, ietf-vcon-cc-extension.)
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from valv.core.answers import Purpose
from valv.core.email_bodies import BODILESS, email_body
from valv.core.errors import BadRequest, Malformed, Refused, TooLarge
from valv.core.interaction import Arrival, Direction, General, Media, decoded
from valv.core.moments import format_moment
from valv.core.vcon_consent import (
    consents_of,
    denies_recording,
    is_restricted,
    refuses,
)
from valv.core.vcon_content import (
    chat_log_of,
    is_text,
    recordings_of,
    start_of,
    survey_of,
    transcripts_of,
    vcon_moment,
)
from valv.core.vcon_fields import (
    Object,
    from_base64,
    number,
    objects,
    text,
    under,
)
from valv.core.vcon_parties import Parties, parties_of

LARGEST: Final = 256 * 1024 * 1024
MOST_ITEMS: Final = 10_000
KNOWN_EXTENSIONS: Final = frozenset({"cc", "contact_center", "lawful_basis"})
_MAIL_ID = re.compile(r"<[^<>\s@]+@[^<>\s@]+>")  # RFC 5322, section 3.6.4
_DIRECTIONS = {
    "in": Direction.INBOUND,
    "inbound": Direction.INBOUND,
    "out": Direction.OUTBOUND,
    "outbound": Direction.OUTBOUND,
    "internal": Direction.INTERNAL,
}
_MEDIA = {
    "voice": Media.PHONE, "phone": Media.PHONE, "call": Media.PHONE,
    "chat": Media.CHAT, "web": Media.CHAT, "messaging": Media.CHAT, "sms": Media.CHAT,
    "email": Media.EMAIL, "e-mail": Media.EMAIL, "mail": Media.EMAIL,
    "etask": Media.ETASK, "task": Media.ETASK, "social": Media.SOCIAL,
}  # fmt: skip


def read_vcon(body: bytes, *, largest: int = LARGEST) -> Arrival:
    """Read one vCon.

    Raises TooLarge, Malformed (naming the field), and Refused with rule
    ``vcon_encrypted``, ``vcon_critical`` or ``email_body``.
    """
    if len(body) > largest:
        raise TooLarge(f"A vCon has at most {largest} bytes.")
    vcon = _unsigned(_decoded(body))
    _check_critical(vcon)
    return _arrival(vcon)


def _decoded(body: bytes) -> Object:
    try:
        vcon = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("The vCon is not JSON.") from None
    if not isinstance(vcon, dict):
        raise Malformed("The vCon is not a JSON object.")
    return vcon


def _unsigned(vcon: Object) -> Object:
    if "ciphertext" in vcon:
        raise Refused(
            "vcon_encrypted",
            "The vCon is encrypted; decrypt it before it is brought here.",
        )
    if "payload" not in vcon:
        return vcon
    payload = text(vcon, "payload")
    if payload is None:
        raise Malformed("The signed payload is not base64url.", field="payload")
    inner = _decoded(from_base64(payload, field="payload"))
    if "payload" in inner or "ciphertext" in inner:
        raise Malformed("A signed vCon holds a plain one.", field="payload")
    return inner


def _check_critical(vcon: Object) -> None:
    for name in ("critical", "must_support"):
        listed = vcon.get(name) or []
        if not isinstance(listed, list):
            raise Malformed("It is not a list.", field=name)
        if any(str(item).lower() not in KNOWN_EXTENSIONS for item in listed):
            raise Refused(
                "vcon_critical", "The vCon needs an extension that Valv does not know."
            )


def _arrival(vcon: Object) -> Arrival:
    dialogs, attachments = _items(vcon, "dialog"), _items(vcon, "attachments")
    direction = _direction(dialogs)
    parties = parties_of(_items(vcon, "parties"), dialogs=dialogs, direction=direction)
    started_at = _started_at(vcon, dialogs)
    media = _media(dialogs)
    consents = tuple(consents_of(attachments, default=started_at))
    arrival = Arrival(
        session_id=_session_id(vcon, dialogs),
        general=_general(
            vcon, dialogs, parties=parties, started_at=started_at, direction=direction
        ),
        recordings=tuple(recordings_of(dialogs, parties=parties)),
        chat_log=chat_log_of(dialogs, parties=parties, default=started_at),
        transcripts=tuple(
            transcripts_of(_items(vcon, "analysis"), dialogs=dialogs, parties=parties)
        ),
        survey=survey_of(attachments),
        recording_refused=refuses(consents, Purpose.RECORDING)
        or denies_recording(vcon, dialogs, attachments),
        storage_refused=refuses(consents, Purpose.STORAGE),
        restricted=is_restricted(vcon, dialogs, attachments, consents),
        consents=consents,
    )
    is_letter = media in BODILESS or any(map(_is_email, dialogs))
    if is_letter and arrival.has_content():
        raise email_body()
    return _checked(arrival)


def _checked(arrival: Arrival) -> Arrival:
    # Built piece by piece; the bounds that decoding would have set are checked here.
    return decoded(msgspec.structs.asdict(arrival), Arrival)


def _items(vcon: Object, name: str) -> list[Object]:
    items = objects(vcon, name)
    if len(items) > MOST_ITEMS:
        raise TooLarge(f"A vCon has at most {MOST_ITEMS} items in a list.")
    return items


def _session_id(vcon: Object, dialogs: Sequence[Object]) -> str:
    named = (text(dialog, "interaction_id") for dialog in dialogs)
    found = next(filter(None, named), None) or text(vcon, "uuid")
    if found is None:
        raise Malformed("The vCon has neither interaction_id nor uuid.", field="uuid")
    return found


def _direction(dialogs: Sequence[Object]) -> Direction | None:
    for dialog in dialogs:
        word = text(under(dialog, "meta"), "direction") or text(dialog, "direction")
        if word and word.lower() in _DIRECTIONS:
            return _DIRECTIONS[word.lower()]
    return None


def _media(dialogs: Sequence[Object]) -> Media:
    for dialog in dialogs:
        word = (text(dialog, "interaction_type") or "").lower()
        if word in _MEDIA:
            return _MEDIA[word]
    if any(map(_is_email, dialogs)):
        return Media.EMAIL
    texts_only = bool(dialogs) and all(is_text(d) for d in dialogs if d)
    return Media.CHAT if texts_only else Media.PHONE


def _is_email(dialog: Object) -> bool:
    """A text that is called a message of the mail, or has such a message's id."""
    kind = (text(dialog, "mediatype", "mimetype") or "").lower()
    of_mail = kind.startswith(("message/", "multipart/"))
    is_named = _MAIL_ID.fullmatch(text(dialog, "message_id") or "") is not None
    return is_text(dialog) and (of_mail or is_named)


def _started_at(vcon: Object, dialogs: Sequence[Object]) -> datetime:
    starts = [start_of(d, field=f"dialog[{i}]") for i, d in enumerate(dialogs)]
    known = [start for start in starts if start]
    if known:
        return min(known)
    return vcon_moment(vcon.get("created_at"), field="created_at")


def _ended_at(dialogs: Sequence[Object], *, started_at: datetime) -> datetime | None:
    ends = [
        (start_of(dialog, field=f"dialog[{i}]") or started_at)
        + timedelta(seconds=number(dialog, "duration") or 0)
        for i, dialog in enumerate(dialogs)
    ]
    return max(ends, default=None)


def _general(
    vcon: Object,
    dialogs: Sequence[Object],
    *,
    parties: Parties,
    started_at: datetime,
    direction: Direction | None,
) -> General:
    known: dict[str, object] = {
        "started_at": format_moment(started_at),
        "media": _media(dialogs),
        "direction": direction,
        "ended_at": _ended_at(dialogs, started_at=started_at),
        "queue": _first(dialogs, "skill", "queue"),
        "agents": parties.agents(),
        "talk_seconds": _talk_seconds(dialogs),
        "outcome": _outcome(dialogs),
        "subject": text(vcon, "subject"),
        "identifiers": next(iter(parties.outsiders()), None),
        "others": parties.outsiders()[1:],
    }
    said = {name: value for name, value in known.items() if value not in (None, [])}
    return decoded(said, General)


def _first(dialogs: Sequence[Object], *names: str) -> str | None:
    places = [place for d in dialogs for place in (d, under(d, "meta"))]
    return next((found for place in places if (found := text(place, *names))), None)


def _outcome(dialogs: Sequence[Object]) -> str | None:
    found = _first(dialogs, "disposition")
    return found.lower() if found else None


def _talk_seconds(dialogs: Sequence[Object]) -> float | None:
    """The length of the recording set, or of the recordings together."""
    for kind in ("recording-set", "recording"):
        lengths = [number(d, "duration") for d in dialogs if text(d, "type") == kind]
        known = [length for length in lengths if length is not None]
        if known:
            return sum(known)
    return None
