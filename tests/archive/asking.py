"""Asking the archive as its users do, in a few words."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.cast import NOW
from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.core.search import read_search

if TYPE_CHECKING:
    from valv.archive.queries import SearchAnswer
    from valv.tenants.access import Caller
    from valv.tenants.models import Tenant

Asked = Any


def caller_at(
    tenant: "Tenant", *, rights: frozenset[Right] = frozenset(Right)
) -> "Caller":
    from valv.tenants.access import Caller

    return Caller(tenant, Actor(ActorType.INTERNAL, "alma"), rights)


def ask(
    tenant: "Tenant", *, now: datetime = NOW, **parameters: Asked
) -> "SearchAnswer":
    """One page; ``since`` and ``until`` stand for ``from`` and ``to``."""
    from valv.archive.queries import page

    spelled = {"since": "from", "until": "to"}
    pairs = [
        (spelled.get(name, name), str(value))
        for name, values in parameters.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    request = read_search(pairs, zone=ZoneInfo(tenant.timezone), region=tenant.region)
    return page(caller_at(tenant), request, now=now)


def ids_found(tenant: "Tenant", **parameters: Asked) -> list[int]:
    return [int(item.id) for item in ask(tenant, **parameters).items]
