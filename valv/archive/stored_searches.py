"""Searches of the portal under opaque ids, so that no address names anybody.

What was typed is sealed under the tenant's key, lives for a day, and is given back to
nobody but the user who typed it. Ids say nothing and cannot be guessed.
"""

import re
from datetime import date, datetime, timedelta
from secrets import token_urlsafe

import msgspec
from msgspec import Struct

from valv.archive.models import StoredSearch
from valv.core.errors import NotFound
from valv.storage import keys, scope
from valv.storage.sealed import open_value, seal_value
from valv.tenants.access import Caller

LIVES = timedelta(hours=24)
_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


class Typed(Struct, frozen=True):
    """A search as typed, and the tenant's local date on which periods are counted."""

    fields: tuple[tuple[str, str], ...]
    on: date


def keep(caller: Caller, typed: Typed, *, now: datetime) -> str:
    """Keep a search for a day; answers its id. Those past their day go by the way."""
    search_id = token_urlsafe(16)
    with scope.writing(caller.tenant.id):
        StoredSearch.objects.filter(created_at__lt=now - LIVES).delete()
        StoredSearch.objects.create(
            id=search_id,
            user_id=caller.actor.id or 0,
            sealed=seal_value(
                msgspec.json.encode(typed), **_seal_of(caller, search_id)
            ),
            created_at=now,
        )
    return search_id


def recall(caller: Caller, search_id: str, *, now: datetime) -> Typed:
    """What was typed. NotFound alike for what is malformed, gone, or another user's."""
    if not _ID.fullmatch(search_id):
        raise NotFound
    with scope.reading(caller.tenant.id):
        found = StoredSearch.objects.filter(
            id=search_id,
            user_id=caller.actor.id or 0,
            created_at__gte=now - LIVES,
        ).first()
    if found is None:
        raise NotFound
    plain = open_value(bytes(found.sealed), **_seal_of(caller, search_id))
    return msgspec.json.decode(plain, type=Typed)


def drop_all() -> int:
    """Forget every search of the tenant; inside the scope that forgets a person."""
    gone, _ = StoredSearch.objects.all().delete()
    return gone


def _seal_of(caller: Caller, search_id: str) -> dict[str, bytes]:
    tenant_id = caller.tenant.id
    context = f"search:{tenant_id}:{search_id}".encode()
    return {"key": keys.of_tenant(tenant_id), "context": context}
