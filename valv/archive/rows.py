"""An interaction's row as the hot path reads it: a plain tuple of stored numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from valv.archive.flags import TOLD
from valv.archive.models import Interaction
from valv.archive.reach import within
from valv.core.ids import unix_ms
from valv.core.reach import EVERYWHERE, Reach
from valv.storage import scope
from valv.storage.raw import one_of, rows

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MINUTES = 24 * 60
_MINUTES = [f"{n // 60:02d}:{n % 60:02d}" for n in range(DAY_MINUTES)]
_TWO = [f"{n:02d}" for n in range(60)]
_THREE = [f"{n:03d}" for n in range(1000)]


class Row(NamedTuple):
    """The columns of one interaction, times in Unix milliseconds, newest sorts last."""

    started_at: int
    id: int
    session_id: str
    media: int
    direction: int
    ended_at: int | None
    queue_id: int | None
    agent_ids: Any
    wait_seconds: float | None
    talk_seconds: float | None
    outcome: str | None
    phone_id: int | None
    email_id: int | None
    name_id: int | None
    handle_id: int | None
    withheld: bool
    has_others: bool
    text: bytes | None
    flags: int
    restricted: bool
    held: bool
    anonymised_at: int | None
    stated: int

    @property
    def is_going_on(self) -> bool:
        """Whether somebody tells of it as it goes, and has not told of its end."""
        return self.ended_at is None and bool(self.stated & TOLD)

    @property
    def identifier_ids(self) -> tuple[int | None, ...]:
        """In the order of ``Kind``: phone, email, name, handle."""
        return self[11:15]

    @property
    def agents(self) -> list[int]:
        """The agents' ids; the databases hand JSON over in different shapes."""
        if isinstance(self.agent_ids, list):
            return self.agent_ids
        found: list[int] = msgspec.json.decode(self.agent_ids)
        return found


COLUMNS = ", ".join(f"i.{name}" for name in Row._fields)


def row_of(interaction: Interaction) -> Row:
    """The row of an interaction that was fetched by itself."""
    return Row._make(_stored(getattr(interaction, name)) for name in Row._fields)


def rows_of(interaction_ids: Sequence[int], *, reach: Reach = EVERYWHERE) -> list[Row]:
    """The rows of some interactions that lie within, in no order. Inside a scope."""
    if not interaction_ids:
        return []
    condition, ids = one_of("i.id", interaction_ids)
    in_reach, values = within(reach) or ("1 = 1", [])
    found = rows(
        f"SELECT {COLUMNS} FROM interaction i WHERE +i.tenant_id = %s"  # noqa: S608
        f" AND i.id >= %s AND i.id <= %s AND {condition} AND {in_reach}",
        [scope.current(), min(interaction_ids), max(interaction_ids), *ids, *values],
    )
    return [Row._make(row) for row in found]


def _stored(value: Any) -> Any:
    return unix_ms(value) if isinstance(value, datetime) else value


def whole_or_decimal(number: float | None) -> int | float | None:
    """A number as told: 12 is stored as 12.0, and shown as 12 again."""
    return int(number) if number is not None and number == int(number) else number


def moment_text(milliseconds: int) -> str:
    """A stored moment as RFC 3339 in UTC with milliseconds and ``Z``."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    day, minute = divmod(minutes, DAY_MINUTES)
    return f"{_day_text(day)}T{_MINUTES[minute]}:{_TWO[second]}.{_THREE[rest]}Z"


@lru_cache(maxsize=4096)
def _day_text(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()[:10]


def moment_text_or_none(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else moment_text(milliseconds)
