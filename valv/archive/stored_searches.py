"""Searches of the portal under opaque ids, so that no address names anybody.

What was typed is sealed under the tenant's key, lives for a day, and is given back to
nobody but the user who typed it. Ids say nothing and cannot be guessed.
"""

import re
from datetime import date, datetime, timedelta
from secrets import token_urlsafe

import msgspec
from django.db import connection
from msgspec import Struct

from valv.core.errors import NotFound
from valv.core.ids import unix_ms
from valv.storage import keys, scope
from valv.storage.passing import writing_in_passing
from valv.storage.raw import change, rows
from valv.storage.sealed import open_value, seal_value
from valv.tenants.access import Caller

LIVES = timedelta(hours=24)
_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
# By hand, for a search is kept with every few letters someone types.
_DROP_ALL = "DELETE FROM stored_search WHERE tenant_id = %s"
_DROP_OLD = "DELETE FROM stored_search WHERE tenant_id = %s AND created_at < %s"
_KEEP = (
    "INSERT INTO stored_search (id, tenant_id, user_id, sealed, created_at)"
    " VALUES (%s, %s, %s, %s, %s)"
)
_RECALL = (
    "SELECT sealed FROM stored_search"
    " WHERE id = %s AND tenant_id = %s AND user_id = %s AND created_at >= %s"
)


class Typed(Struct, frozen=True):
    """A search as typed, and the tenant's local date on which periods are counted."""

    fields: tuple[tuple[str, str], ...]
    on: date


def keep(caller: Caller, typed: Typed, *, now: datetime) -> str:
    """Keep a search for a day; answers its id. Those past their day go by the way."""
    search_id, tenant_id = token_urlsafe(16), caller.tenant.id
    sealed = seal_value(msgspec.json.encode(typed), **_seal_of(caller, search_id))
    row = (search_id, tenant_id, caller.actor.id or 0, sealed, unix_ms(now))
    with writing_in_passing(tenant_id), connection.cursor() as cursor:
        cursor.execute(_DROP_OLD, [tenant_id, unix_ms(now - LIVES)])
        cursor.execute(_KEEP, row)
    return search_id


def recall(caller: Caller, search_id: str, *, now: datetime) -> Typed:
    """What was typed. NotFound alike for what is malformed, gone, or another user's."""
    if not _ID.fullmatch(search_id):
        raise NotFound
    tenant_id, user_id = caller.tenant.id, caller.actor.id or 0
    with scope.reading(tenant_id):
        found = rows(_RECALL, [search_id, tenant_id, user_id, unix_ms(now - LIVES)])
    if not found:
        raise NotFound
    plain = open_value(bytes(found[0][0]), **_seal_of(caller, search_id))
    return msgspec.json.decode(plain, type=Typed)


def drop_all() -> int:
    """Forget every search of the tenant; inside the scope that forgets a person."""
    return change(_DROP_ALL, [scope.current()])


def _seal_of(caller: Caller, search_id: str) -> dict[str, bytes]:
    tenant_id = caller.tenant.id
    context = f"search:{tenant_id}:{search_id}".encode()
    return {"key": keys.of_tenant(tenant_id), "context": context}
