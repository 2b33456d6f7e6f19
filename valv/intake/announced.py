"""Content that events speak of before it comes, or that a rule keeps from coming."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from valv.archive import contents
from valv.archive.models import Content
from valv.core.errors import Refused
from valv.core.ids import unix_ms
from valv.core.interaction import ContentKind, ContentState, RecordingPart
from valv.intake.decisions import BY_POLICY
from valv.intake.derived import Reading
from valv.intake.general import Words
from valv.intake.refusals import Asked, refusal_of, ruling_on, tombstone
from valv.storage.columns import insert
from valv.storage.raw import many

AWAITING, REFUSED = ContentState.AWAITING.number, ContentState.REFUSED.number
LEARN = (
    "UPDATE content SET started_at = %s, agent_id = %s, seconds = %s"
    " WHERE +tenant_id = %s AND interaction_id = %s AND kind = %s AND n = %s"
)


def chat_log_in(held: Iterable[Content]) -> Content | None:
    """The chat log's row among an interaction's content."""
    logs = (row for row in held if row.kind == ContentKind.CHAT_LOG.number)
    return next(logs, None)


@dataclass(slots=True)
class Announced:
    """Rows to be made, and what more is known of those that are there."""

    made: list[Content] = field(default_factory=list)
    known: list[tuple[object, ...]] = field(default_factory=list)

    def save(self) -> None:
        """Inside the ``writing`` scope that locked the interactions."""
        insert(self.made)
        many(LEARN, self.known)


def announce(
    asked: Asked,
    reading: Reading,
    held: Iterable[Content],
    words: Words,
    into: Announced,
) -> None:
    """Add rows for recordings told of, and for a chat log that is refused.

    What is known of a recording that is there already is added to its row.
    """
    listed = list(held)
    into.made += _refused_chat_log(asked, reading, chat_log_in(listed))
    kind = ContentKind.RECORDING
    known = {row.n: row for row in listed if row.kind == kind.number}
    for part in reading.journey.parts:
        if part.n in known:
            into.known += _learned(known[part.n], part, words)
        else:
            into.made.append(_announced(asked, reading, part, words))


def _announced(
    asked: Asked, reading: Reading, part: RecordingPart, words: Words
) -> Content:
    """A row that awaits the recording, or says why it will not be taken."""
    awaited = _awaited(asked, reading, part, words)
    row = reading.draft.row
    try:
        ruling_on(asked, row, awaited, (), reading.evidence)
    except Refused as refusal:
        stone = tombstone(row, ContentKind.RECORDING, part.n, refusal, now=asked.now)
        stone.provisional = refusal.rule in BY_POLICY
        stone.policy_version = awaited.policy_version
        return stone
    return awaited


def _refused_chat_log(
    asked: Asked, reading: Reading, log: Content | None
) -> list[Content]:
    row = reading.draft.row
    refusal: Refused | None = None
    if log is None and (reading.lost_messages or row.storage_refused):
        refusal = refusal_of(asked, row, ContentKind.CHAT_LOG)
    if refusal is None:
        return []
    return [tombstone(row, ContentKind.CHAT_LOG, 1, refusal, now=asked.now)]


def _awaited(
    asked: Asked, reading: Reading, part: RecordingPart, words: Words
) -> Content:
    return Content(
        interaction_id=reading.draft.id,
        kind=ContentKind.RECORDING.number,
        n=part.n,
        state=AWAITING,
        aged_from=reading.draft.row.aged_from,
        terms=reading.draft.row.terms,
        started_at=part.started_at,
        agent_id=words.agents.get(part.agent or ""),
        seconds=part.seconds,
        policy_version=asked.rules.of().version,
    )


def _learned(
    row: Content, part: RecordingPart, words: Words
) -> list[tuple[object, ...]]:
    """A source's own word on its recording stands; so does what its bytes told.

    Of what was refused no more is kept than that it was.
    """
    if row.state == REFUSED:
        return []
    agent_id = words.agents.get(part.agent or "")
    before = row.started_at, row.agent_id, row.seconds
    after = row.started_at or part.started_at, row.agent_id or agent_id, row.seconds
    if row.state == AWAITING and not contents.has_bytes(row):
        after = part.started_at, agent_id, part.seconds
    if after == before:
        return []
    started_at = None if after[0] is None else unix_ms(after[0])
    place = row.tenant_id, row.interaction_id, row.kind, row.n
    return [(started_at, *after[1:], *place)]
