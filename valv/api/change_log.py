"""The change log over HTTP: who changed which setting, from what to what."""

from typing import Any

from msgspec import Struct, field

from valv.api.endpoint import Call, Query, endpoint
from valv.api.log import MOST, PAGING, PATTERN
from valv.archive.log_reading import change_of, read_log
from valv.audit.asked import cursor_of, key_from, read_changes_asked
from valv.audit.models import Entry
from valv.core.moments import format_moment, zone_named
from valv.core.permissions import Right


class Changed(Struct, frozen=True):
    """One value; null is not set. Of what is secret only the number is told."""

    what: str
    before: Any = field(name="from")
    after: Any = field(name="to")


class ChangeItem(Struct, frozen=True):
    """One change of a setting."""

    seq: int
    at: str
    actor: str
    actor_type: str
    setting: str
    changes: list[Changed]
    reason: str


class ChangePage(Struct, frozen=True):
    """A page of changes, and the cursor of the next."""

    items: list[ChangeItem]
    next: str | None


@endpoint(
    "GET",
    "/audit/changes",
    right=Right.AUDIT,
    query=[
        Query("setting", "which setting", repeated=True),
        Query("actor", f"who, by name: {PATTERN}", repeated=True),
        Query("from", "start of the window, inclusive: a time, or a local date"),
        Query("to", "end of the window, exclusive; a date takes in its whole day"),
        *PAGING,
    ],
    answers={200: ChangePage},
)
def read_changes(call: Call) -> ChangePage:
    """Read which settings were changed, by whom and how, newest first."""
    limit, cursor = call.number("limit", 50, most=MOST), call.one("cursor")
    tenant = call.caller.tenant
    given = ((name, text) for name, texts in call.query.items() for text in texts)
    page = read_log(
        call.caller,
        read_changes_asked(given, zone=zone_named(tenant.timezone)),
        after=None if cursor is None else key_from(cursor),
        limit=limit,
        now=call.now,
    )
    items = [_item(line.entry) for line in page.lines]
    return ChangePage(items, None if page.next is None else cursor_of(page.next))


def _item(entry: Entry) -> ChangeItem:
    name, changes = change_of(entry)
    return ChangeItem(
        seq=entry.seq or 0,
        at=format_moment(entry.at),
        actor=entry.actor,
        actor_type=entry.actor_type,
        setting=name,
        changes=[Changed(one["what"], one["from"], one["to"]) for one in changes],
        reason=entry.reason,
    )
