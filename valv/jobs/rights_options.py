"""What ``valv user`` and ``valv group`` share: stating rights, and telling them."""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from valv.core.errors import Malformed, NotFound
from valv.core.inheritance import Effective, Stated
from valv.core.permissions import Right
from valv.jobs.command import Asked
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, UserGroup
from valv.tenants.rights import told


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that change what one level states."""
    for option, what in (
        ("--grant", "rights to grant, with commas between"),
        ("--deny", "rights to deny"),
        ("--inherit", "rights to say nothing of any more"),
    ):
        parser.add_argument(option, default="", metavar="RIGHTS", help=what)
    parser.add_argument(
        "--queue", action="append", help="contacts of this queue alone; may be repeated"
    )
    parser.add_argument(
        "--contacts-of",
        action="append",
        metavar="GROUP",
        help="contacts of this group's agents alone; may be repeated",
    )
    parser.add_argument(
        "--unfiltered", action="store_true", help="take both filters away"
    )


def caller_of(asked: Asked, tenant: Tenant) -> Caller:
    """The operator, who may give any right; it stands in the tenant's log."""
    return Caller(tenant, asked.actor, frozenset(Right))


@dataclass(frozen=True, slots=True)
class Change:
    """What the options say is to be otherwise of what a level states."""

    grant: frozenset[Right]
    deny: frozenset[Right]
    inherit: frozenset[Right]
    filters: Mapping[str, tuple[Any, ...] | None]

    def of(self, stated: Stated) -> Stated:
        """Raises Malformed for a right that is named twice."""
        named = [*self.grant, *self.deny, *self.inherit]
        if len(named) > len(set(named)):
            raise Malformed("A right is named twice.", field="grant")
        grant = set(stated.grant) - set(named) | self.grant
        deny = set(stated.deny) - set(named) | self.deny
        stands: dict[str, Any] = {"queues": stated.queues, "groups": stated.groups}
        filters = {**stands, **self.filters}
        return Stated(tuple(sorted(grant)), tuple(sorted(deny)), **filters)


def change_from(asked: Asked, tenant: Tenant) -> Change | None:
    """What is to change; None if nothing is said. Raises Malformed and NotFound."""
    filters: dict[str, tuple[Any, ...] | None] = {}
    if asked.unfiltered:
        filters = {"queues": None, "groups": None}
    if asked.queue:
        filters["queues"] = tuple(asked.queue)
    if asked.contacts_of:
        named = (group_named(tenant, name).id for name in asked.contacts_of)
        filters["groups"] = tuple(named)
    grant, deny, inherit = map(_rights, (asked.grant, asked.deny, asked.inherit))
    if not (grant or deny or inherit or filters):
        return None
    return Change(grant, deny, inherit, filters)


def _rights(written: str) -> frozenset[Right]:
    try:
        return frozenset(map(Right, written.replace(",", " ").split()))
    except ValueError:
        known = ", ".join(Right)
        raise Malformed(f"Rights are {known}.", field="rights") from None


def group_named(tenant: Tenant, name: str) -> UserGroup:
    """Raises NotFound."""
    with scope.reading(tenant.id):
        found = UserGroup.objects.filter(name=name).first()
    if found is None:
        raise NotFound("There is no such group.")
    return found


def shown(stated: Stated, found: Effective) -> dict[str, object]:
    """What is stated, and what comes of it with the level that decided."""
    held = found.rights
    return {
        "stated": told(stated),
        "effective": {
            "rights": {
                right.value: {"held": right in held, "by": by}
                for right, (_, by) in found.decided.items()
            },
            "queues": found.queues,
            "queues_by": found.queues_by,
            "groups": found.groups,
            "groups_by": found.groups_by,
            "own": found.is_own,
        },
    }


def lines(found: Effective) -> list[str]:
    """The rights that are held and the filters, one a line, each with its level."""
    held = [
        f"  {right.value}  ({found.decided[right].by or 'own'})"
        for right in sorted(found.rights)
    ]
    filters = [
        *_filter("queues", found.queues, found.queues_by),
        *_filter("contacts of groups", found.groups, found.groups_by),
    ]
    return [*(held or ["  no right"]), *filters]


def _filter(name: str, values: Iterable[object] | None, by: object) -> list[str]:
    if values is None:
        return []
    return [f"  {name}: {', '.join(map(str, values)) or 'none'}  ({by})"]
