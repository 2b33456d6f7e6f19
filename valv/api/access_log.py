"""The access log over HTTP. Reading it is entered in the audit log."""

import re

from msgspec import Struct

from valv.api.endpoint import Call, Query, endpoint, limit_to
from valv.core.errors import Malformed
from valv.core.ids import from_unix_ms, unix_ms
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.tenants.access_log import LATEST, Access, Key, accesses

MOST = 500
_CURSOR = re.compile(r"([0-9]{1,15})\.([0-9]{1,18})", re.ASCII)


class AccessItem(Struct, frozen=True):
    """One signing-in. ``user`` is null for somebody unknown."""

    at: str
    user: str | None
    how: str
    went_well: bool
    browser: str
    network: str


class AccessPage(Struct, frozen=True):
    """A page of the log, and the cursor of the next."""

    items: list[AccessItem]
    next: str | None


@endpoint(
    "GET",
    "/access-log",
    right=Right.USERS,
    query=[
        limit_to(MOST, default=LATEST),
        Query("cursor", "where the page begins: the last answer's next"),
    ],
    answers={200: AccessPage},
)
def read_access_log(call: Call) -> AccessPage:
    """Read who signed in, or tried to, newest first."""
    limit = call.number("limit", LATEST, most=MOST)
    found = accesses(call.caller, limit=limit, before=_before(call), now=call.now)
    last = found[-1] if len(found) == limit else None
    cursor = None if last is None else f"{unix_ms(last.at)}.{last.id}"
    return AccessPage([_item(one) for one in found], cursor)


def _before(call: Call) -> Key | None:
    cursor = call.one("cursor")
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise Malformed("The cursor is not of this list.", field="cursor")
    return from_unix_ms(int(match[1])), int(match[2])


def _item(one: Access) -> AccessItem:
    return AccessItem(
        at=format_moment(one.at),
        user=one.user,
        how=one.how,
        went_well=one.went_well,
        browser=one.browser,
        network=one.network,
    )
