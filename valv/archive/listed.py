"""The list of survey answers, newest first."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from valv.archive import people as people_of
from valv.archive.identifiers import epoch
from valv.archive.items import Identifiers, Item, items
from valv.archive.reach import of_one_within
from valv.archive.rows import rows_of
from valv.core.ids import unix_ms
from valv.core.permissions import Right
from valv.core.reach import Reach
from valv.storage import scope
from valv.storage.raw import rows
from valv.tenants.access import Caller

EVER = 1 << 60


class SurveyAnswer(Struct, frozen=True):
    """One answer, and which interaction it is about."""

    interaction_id: str
    session_id: str
    media: str
    queue: str | None
    agents: list[str]
    identifiers: Identifiers
    score: int | float | None
    scale: tuple[int, int]
    comment: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Span:
    """From inclusive, to exclusive, and only what comes after a key in the order."""

    start: datetime | None = None
    end: datetime | None = None
    after: tuple[int, int] | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        since = -EVER if self.start is None else unix_ms(self.start)
        return since, EVER if self.end is None else unix_ms(self.end)


Key = tuple[int, int]


def surveys(
    caller: Caller, span: Span, *, limit: int
) -> tuple[list[SurveyAnswer], Key | None]:
    """Answers newest first, and the key after which the next page begins.

    Raises Forbidden without the right to surveys.
    """
    caller.require(Right.SURVEYS)
    with scope.reading(caller.tenant.id):
        people = people_of.of(caller.tenant.id, epoch=epoch())
        found = _survey_keys(span, caller.reach, limit=limit)
        page = rows_of([interaction_id for _, interaction_id in found])
        shown = {i.id: i for i in items(caller.tenant, page, people=people)}
    answers = [
        _answer(shown[str(interaction_id)])
        for _, interaction_id in found
        if str(interaction_id) in shown
    ]
    return answers, found[-1] if len(found) == limit else None


def _survey_keys(span: Span, reach: Reach, *, limit: int) -> list[Key]:
    after = span.after or (EVER, EVER)
    in_reach, values = of_one_within(reach, "s")
    found = rows(
        "SELECT s.at, s.interaction_id FROM survey s"  # noqa: S608
        " WHERE s.tenant_id = %s AND s.at >= %s AND s.at < %s AND s.at <= %s"
        f" AND (s.at, s.interaction_id) < (%s, %s) AND {in_reach}"
        f" ORDER BY s.at DESC, s.interaction_id DESC LIMIT {int(limit)}",
        [scope.current(), *span.bounds, after[0], *after, *values],
    )
    return [(at, interaction_id) for at, interaction_id in found]


def _answer(item: Item) -> SurveyAnswer:
    survey = item.survey
    return SurveyAnswer(
        item.id,
        item.session_id,
        item.media,
        item.queue,
        item.agents,
        item.identifiers,
        survey.score if survey else None,
        survey.scale if survey else (0, 10),
        survey.comment if survey else None,
        survey.at if survey else item.started_at,
    )
