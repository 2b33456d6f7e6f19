"""What was to come of an interaction, and has not.

Some gaps are seen in the events themselves (``event_gaps``), others only when a part
stays away longer than a tenant has patience for. Nothing is expected that a rule keeps
from coming: of a refused chat no log, of a person who was cut no content. An e-mail or
e-task may wait for months and is given as long to end.

A queue that the tenant has not confirmed is told, but is no missing part.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

from valv.core.interaction import ContentKind, ContentState, Media
from valv.core.numbered import Numbered

SLOW: Final = frozenset({Media.EMAIL, Media.ETASK})
SLOW_END: Final = timedelta(days=120)


class Gap(Numbered):
    """What is missing, or not as it ought to be; numbers are stored."""

    RECORDING = "recording"  # announced, and not here
    CHAT_LOG = "chat_log"  # of a chat that somebody answered
    END = "end"
    START = "start"
    QUEUE = "queue"  # not confirmed by the tenant
    AGENT = "agent"  # went, and never came
    RECORDING_START = "recording_start"  # stopped, and never started
    ENDED_FIRST = "ended_first"  # before it started
    AFTER_END = "after_end"  # something went on after the end
    NUMBERS = "numbers"  # a running number of the source's is missing


def bits_of(gaps: Iterable[Gap]) -> int:
    """Gaps as one number, to be stored."""
    return sum(1 << gap.number for gap in set(gaps))


def gaps_of(bits: int) -> frozenset[Gap]:
    return frozenset(gap for gap in Gap if bits & 1 << gap.number)


class Patience(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to wait before a part counts as missing, and when a day is worse.

    Hours since the end for content, since the last event for the end itself. A day is
    worse whose share of missing parts is ``worse_by`` percentage points above that of
    the days before it.
    """

    content_hours: Annotated[int, Meta(ge=1, le=720)] = 4
    end_hours: Annotated[int, Meta(ge=1, le=720)] = 24
    worse_by: Annotated[float, Meta(gt=0, le=100)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one interaction; ``contents`` are kind, number and state.

    ``is_told`` says that events told of it, without which no end is to be expected.
    ``seen`` are the gaps that its events showed.
    """

    media: Media
    started_at: datetime
    ended_at: datetime | None
    last_at: datetime
    is_told: bool
    was_answered: bool
    expects_content: bool
    expects_log: bool
    is_queue_known: bool
    contents: Sequence[tuple[ContentKind, int, ContentState]] = ()
    seen: frozenset[Gap] = frozenset()


@dataclass(frozen=True, slots=True)
class Parts:
    """How many parts were to be here by now, and which gaps there are, with a number.

    The number is that of a recording, else 0.
    """

    expected: int
    gaps: frozenset[tuple[Gap, int]]


def parts_of(facts: Facts, *, patience: Patience, now: datetime) -> Parts:
    """What was to have come of one interaction by now, and what has not."""
    due = list(_due(facts, patience, now))
    gaps = {(gap, n) for gap, n, is_here in due if not is_here}
    if not facts.is_queue_known:
        gaps.add((Gap.QUEUE, 0))
    return Parts(len(due), frozenset(gaps))


def _due(
    facts: Facts, patience: Patience, now: datetime
) -> Iterator[tuple[Gap, int, bool]]:
    """Each part that is due: what it lacks if it is not here, and whether it is."""
    if facts.is_told:
        yield Gap.START, 0, Gap.START not in facts.seen
        if facts.ended_at is not None or now - facts.last_at >= _end(facts, patience):
            yield Gap.END, 0, facts.ended_at is not None
    for gap in facts.seen - {Gap.START}:
        yield gap, 0, False
    since = facts.ended_at or facts.last_at
    if facts.expects_content and now - since >= timedelta(hours=patience.content_hours):
        yield from _contents(facts)


def _end(facts: Facts, patience: Patience) -> timedelta:
    return SLOW_END if facts.media in SLOW else timedelta(hours=patience.end_hours)


def _contents(facts: Facts) -> Iterator[tuple[Gap, int, bool]]:
    logs = []
    for kind, n, state in facts.contents:
        is_here = state is not ContentState.AWAITING
        if kind is ContentKind.RECORDING:
            yield Gap.RECORDING, n, is_here
        elif kind is ContentKind.CHAT_LOG:
            logs.append(is_here)
    is_expected = facts.ended_at is not None and facts.was_answered
    if facts.media is Media.CHAT and facts.expects_log and (is_expected or logs):
        yield Gap.CHAT_LOG, 0, any(logs)
