"""What a search asks, and where its next page begins.

A request is read once, here, from whatever named the parameters: the HTTP query, the
command line or a form. One parameter given several times means *or*, different ones
mean *and*. Answers are ordered by start and id, newest first, and a cursor says after
which row the next page begins; it is bound to the search it came from, and holds
nothing of what was searched for.

Refuses unknown parameters (BadRequest) and values without meaning (Malformed).
"""

import base64
import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from valv.core.errors import BadRequest, Malformed
from valv.core.identifiers import Fragment, Kind, Match, Pattern, match_of, read_pattern
from valv.core.ids import from_unix_ms, unix_ms
from valv.core.interaction import Direction, Media
from valv.core.moments import parse_from, parse_to
from valv.core.phones import squeezed

DEFAULT_LIMIT, HIGHEST_LIMIT = 50, 500
COUNT_CAP = 10_001
MOST_VALUES = 100

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class Count(StrEnum):
    """How far to count the hits: to the cap, to the end, or not at all."""

    CAPPED = "capped"
    EXACT = "exact"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: the next page holds what comes after it."""

    started_at: datetime
    id: int

    def encode(self, key: bytes, *, fingerprint: bytes) -> str:
        """Write it for a URL, signed together with the search it belongs to."""
        row = struct.pack(">qQ", unix_ms(self.started_at), self.id)
        signed = row + _signature(key, row, fingerprint)
        return base64.urlsafe_b64encode(signed).decode("ascii")

    @classmethod
    def decode(cls, text: str, *, key: bytes, fingerprint: bytes) -> Self:
        """Read it back; raises Malformed if it is not of this very search."""
        try:
            signed = base64.b64decode(
                text.encode("ascii"), altchars=b"-_", validate=True
            )
        except ValueError:
            signed = b""
        row, signature = signed[:16], signed[16:]
        if not hmac.compare_digest(signature, _signature(key, row, fingerprint)):
            raise Malformed("The cursor is not of this search.", field="cursor")
        milliseconds, interaction_id = struct.unpack(">qQ", row)
        return cls(from_unix_ms(milliseconds), interaction_id)


def _signature(key: bytes, row: bytes, fingerprint: bytes) -> bytes:
    return hmac.digest(key, b"cursor" + row + fingerprint, "sha256")[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One search, read and checked.

    ``patterns`` has at most one per kind of identifier, all of which must fit. The
    texts are compared case-blind, save ``session``; each with *or* inside. A ``topic``
    and a ``category`` must fit one registration. The window is from inclusive, to
    exclusive, by start. ``cursor`` is still to be decoded, since
    that takes a key.
    """

    patterns: tuple[Pattern, ...] = ()
    queue: tuple[Fragment, ...] = ()
    agent: tuple[Fragment, ...] = ()
    outcome: tuple[Fragment, ...] = ()
    category: tuple[Fragment, ...] = ()
    topic: tuple[Fragment, ...] = ()
    session: tuple[Fragment, ...] = ()
    subject: tuple[Fragment, ...] = ()
    media: tuple[Media, ...] = ()
    direction: tuple[Direction, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    score_min: float | None = None
    score_max: float | None = None
    has_recording: bool | None = None
    has_chat_log: bool | None = None
    has_survey: bool | None = None
    limit: int = DEFAULT_LIMIT
    count: Count = Count.CAPPED
    cursor: str | None = None

    def fingerprint(self) -> bytes:
        """The same for the same filters in any order; page, limit and count aside.

        It can be guessed at, so it is only ever signed, never shown or logged.
        """
        asked = [
            (field.name, _canonical(getattr(self, field.name)))
            for field in fields(self)
            if field.name not in {"limit", "count", "cursor"}
        ]
        return hashlib.sha256(repr(asked).encode("utf-8", "surrogatepass")).digest()

    def after(self, key: bytes) -> Cursor | None:
        """Where the page begins; None for the first. Raises Malformed."""
        if self.cursor is None:
            return None
        return Cursor.decode(self.cursor, key=key, fingerprint=self.fingerprint())


def _canonical(value: object) -> object:
    if isinstance(value, tuple):
        return sorted({repr(_canonical(item)) for item in value})
    if isinstance(value, Pattern):
        return value.kind, _canonical(value.alternatives), value.withheld
    return repr(value)


Values = dict[str, list[str]]


def read_search(
    parameters: Iterable[tuple[str, str]], *, zone: ZoneInfo, region: str
) -> SearchRequest:
    """Read a search from its parameters, in the tenant's zone and region."""
    values = _gathered(parameters)
    start = _one(values, "from", lambda text: parse_from(text, zone=zone))
    end = _one(values, "to", lambda text: parse_to(text, zone=zone))
    if start and end and start > end:
        raise Malformed("The window ends before it begins.", field="to")
    return SearchRequest(
        patterns=_patterns(values, region=region),
        queue=_texts(values, "queue"),
        agent=_texts(values, "agent"),
        outcome=_texts(values, "outcome"),
        category=_texts(values, "category"),
        topic=_texts(values, "topic"),
        session=_texts(values, "session"),
        subject=_texts(values, "subject"),
        media=_words(values, "media", Media),
        direction=_words(values, "direction", Direction),
        start=start,
        end=end,
        score_min=_one(values, "score_min", _score),
        score_max=_one(values, "score_max", _score),
        has_recording=_flag(values, "has_recording"),
        has_chat_log=_flag(values, "has_chat_log"),
        has_survey=_flag(values, "has_survey"),
        limit=_one(values, "limit", _limit) or DEFAULT_LIMIT,
        count=_one(values, "count", _count) or Count.CAPPED,
        cursor=_one(values, "cursor", str),
    )


PARAMETERS = frozenset(
    {field.name for field in fields(SearchRequest)} - {"patterns", "start", "end"}
) | {"from", "to", *(kind.value for kind in Kind)}


def _gathered(parameters: Iterable[tuple[str, str]]) -> Values:
    values: Values = {}
    for name, value in parameters:
        if name not in PARAMETERS:
            raise BadRequest("There is no such search parameter.", field=name[:40])
        values.setdefault(name, []).append(value)
    for name, given in values.items():
        if len(given) > MOST_VALUES:
            raise Malformed(f"At most {MOST_VALUES} values each.", field=name)
    return values


def _one(values: Values, name: str, read: Callable[[str], T]) -> T | None:
    given = set(values.get(name, ()))
    if len(given) > 1:
        raise Malformed("It can be given only once.", field=name)
    return _read(given.pop(), name, read) if given else None


def _read(text: str, name: str, read: Callable[[str], T]) -> T:
    """Read a value, and let whatever is wrong with it bear the parameter's name."""
    try:
        return read(text)
    except Malformed as error:
        raise Malformed(error.detail, field=name) from None
    except ValueError:
        raise Malformed("It has no such value.", field=name) from None


def _patterns(values: Values, *, region: str) -> tuple[Pattern, ...]:
    return tuple(
        _pattern(values[kind], kind=kind, region=region)
        for kind in Kind
        if kind in values
    )


def _pattern(texts: list[str], *, kind: Kind, region: str) -> Pattern:
    def read(text: str) -> Pattern:
        return read_pattern(text, kind=kind, region=region)

    asked = [_read(text, kind, read) for text in texts]
    alternatives = dict.fromkeys(a for pattern in asked for a in pattern.alternatives)
    return Pattern(kind, tuple(alternatives), any(p.withheld for p in asked))


def _texts(values: Values, name: str) -> tuple[Fragment, ...]:
    given = values.get(name, ())
    return tuple(dict.fromkeys(_read(text, name, _fragment) for text in given))


def _fragment(text: str) -> Fragment:
    text = squeezed(text)
    match = match_of(text)
    bare = text if match is Match.EXACT else text.strip("*").strip()
    return Fragment(match if bare else Match.CONTAINS, bare)


def _words(values: Values, name: str, words: type[E]) -> tuple[E, ...]:
    given = values.get(name, ())
    return tuple(dict.fromkeys(_read(text, name, words) for text in given))


def _count(text: str) -> Count:
    return Count(text)


def _score(text: str) -> float:
    score = float(text)
    if not -1e6 <= score <= 1e6:
        raise Malformed("It is not a score.")
    return score


def _limit(text: str) -> int:
    digits = (
        text.isascii() and text.isdecimal() and len(text) <= len(str(HIGHEST_LIMIT))
    )
    if not (digits and 1 <= int(text) <= HIGHEST_LIMIT):
        raise Malformed(f"It is 1 to {HIGHEST_LIMIT}.")
    return int(text)


_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def _flag(values: Values, name: str) -> bool | None:
    """Yes or no; both at once, being an *or*, ask nothing."""
    given = {_read(text, name, _yes_or_no) for text in values.get(name, ())}
    return given.pop() if len(given) == 1 else None


def _yes_or_no(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise Malformed("It is true or false.")
    return _FLAGS[text.lower()]
