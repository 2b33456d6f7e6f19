"""Standing entries: of whom nothing is kept who gets in touch again."""

from typing import Any

from msgspec import Struct

from valv.api.endpoint import Answer, Call, endpoint
from valv.core.errors import NotFound
from valv.core.permissions import Right
from valv.lifecycle.standing import end_entry, entries, shown_entry

LONGEST_ID = 18


class EntryShown(Struct):
    """An entry; it tells nobody, but the job that made it."""

    id: str
    job: str
    since: str
    until: str
    by: str


class Entries(Struct):
    """Those that stand, newest first."""

    items: list[EntryShown]


@endpoint("GET", "/standing-entries", right=Right.PRIVACY, answers={200: Entries})
def list_entries(call: Call) -> dict[str, Any]:
    """List standing entries."""
    listed = entries(call.caller, now=call.now)
    return {"items": [shown_entry(one) for one in listed]}


@endpoint(
    "DELETE", "/standing-entries/{entry}", right=Right.PRIVACY, answers={204: None}
)
def delete_entry(call: Call, entry: str) -> Answer:
    """End an entry: who gets in touch again is kept as anybody else."""
    if not (entry.isascii() and entry.isdecimal() and len(entry) <= LONGEST_ID):
        raise NotFound
    end_entry(call.caller, int(entry), now=call.now)
    return Answer(None, 204)
