"""Covering interactions by holds, those that are there and those that arrive."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
from django.db import connection
from django.db.models import Q, QuerySet

from valv.archive import prepared
from valv.archive.hold_models import Hold, HoldItem
from valv.archive.identifiers import keep
from valv.archive.models import (
    Agent,
    ChatCopy,
    Identifier,
    Interaction,
    OtherParty,
    Queue,
)
from valv.audit.actions import Action
from valv.audit.operations import Act, record, record_on_each
from valv.core.holds import Covered, HoldRule
from valv.core.people import SYSTEM, Actor
from valv.storage import intents, scope
from valv.storage.models import Intent
from valv.storage.raw import rows

COVERED, LIFTED = "covered", "lifted"
PEOPLE = ("phone_id", "email_id", "handle_id", "name_id")
_RULES: Final = (
    "SELECT id, rule FROM hold WHERE tenant_id = %s AND rule IS NOT NULL"
    " AND released_at IS NULL ORDER BY id"
)


def rules_in_force() -> list[tuple[int, Covered]]:
    """The rules by which what arrives is held. One statement where there are none."""
    found = rows(_RULES, [scope.current()])
    return [(id_, _covered(_rule_of(rule))) for id_, rule in found]


def _rule_of(stored: object) -> HoldRule:
    text = stored if isinstance(stored, str | bytes) else msgspec.json.encode(stored)
    return _decoded(text)


@lru_cache(maxsize=256)
def _decoded(text: str | bytes) -> HoldRule:
    return msgspec.json.decode(text, type=HoldRule)


def _covered(rule: HoldRule) -> Covered:
    """By the numbers that the words and people have now; new ones may yet come."""
    queues = Queue.objects.filter(name__in=rule.queue)
    agents = Agent.objects.filter(source_id__in=rule.agent)
    people = Identifier.objects.filter(hash__in=map(bytes.fromhex, rule.people))
    return Covered(
        _ids(queues) if rule.queue else None,
        _ids(agents) if rule.agent else None,
        frozenset(one.number for one in rule.media) if rule.media else None,
        _ids(people) if rule.people else None,
    )


def _ids(found: QuerySet[Any]) -> frozenset[int]:
    return frozenset(found.values_list("id", flat=True))


def hold_arriving(
    arriving: Sequence[tuple[Interaction, Iterable[int]]],
) -> list[HoldItem]:
    """Hold what arrives under a rule; answers the rows to be saved after them.

    Each interaction comes with its further parties. Inside the ``writing`` scope that
    saves them, and whom they point at stays until it has ended.
    """
    rules = rules_in_force()
    if not rules:
        return []
    covered = [
        HoldItem(hold_id=hold_id, interaction_id=row.id)
        for row, others in arriving
        for hold_id, rule in rules
        if _is_under(rule, row, others)
    ]
    ids = {item.interaction_id for item in covered}
    for row, others in arriving:
        if row.id in ids and not row.held:
            row.held = True
            keep(filter(None, _people(row, others)))
    return covered


def _people(row: Interaction, others: Iterable[int]) -> list[int | None]:
    return [*(getattr(row, column) for column in PEOPLE), *others]


def _is_under(rule: Covered, row: Interaction, others: Iterable[int]) -> bool:
    return rule.covers(
        queue=row.queue_id,
        agents=row.agent_ids,
        media=row.media,
        people=_people(row, others),
    )


def keep_items(
    items: Sequence[HoldItem], *, actor: Actor = SYSTEM, now: datetime
) -> list[Intent]:
    """Save what holds cover, and enter what is new.

    Prepared files with anything in them that is restricted now end: what is answered
    is to be carried out after the commit.
    """
    fresh = _fresh(items)
    HoldItem.objects.bulk_create(fresh, ignore_conflicts=True)
    record(
        [_act(item.hold_id, COVERED, item.interaction_id) for item in fresh],
        actor=actor,
        now=now,
    )
    return _ending(fresh, now=now)


def _ending(items: Iterable[HoldItem], *, now: datetime) -> list[Intent]:
    restricting = set(
        Hold.objects.filter(
            id__in={item.hold_id for item in items}, restricts=True
        ).values_list("id", flat=True)
    )
    hidden = {one.interaction_id for one in items if one.hold_id in restricting}
    ending = prepared.ending_with(Q(interaction_id__in=hidden), now=now)
    return intents.commit(ending)


def _fresh(items: Sequence[HoldItem]) -> list[HoldItem]:
    known = set(
        HoldItem.objects.filter(
            interaction_id__in={item.interaction_id for item in items}
        ).values_list("hold_id", "interaction_id")
    )
    return [item for item in items if (item.hold_id, item.interaction_id) not in known]


def _act(hold_id: int, what: str, interaction_id: int | None = None) -> Act:
    details = {"hold": hold_id}
    return Act(Action.HOLD, interaction_id, content=what, details=details)


def cover(
    hold: Hold, interaction_ids: Iterable[int], *, actor: Actor, now: datetime
) -> list[Intent]:
    """Lay a hold on interactions, locked; answers what is to be carried out then.

    Those that are gone are passed over. Whom they point at is locked too: who is
    being forgotten either is gone before, or stays. Inside ``writing``, a few hundred
    at most.
    """
    ids = _locked(interaction_ids)
    keep(_pointed_at(ids))
    items = [HoldItem(hold_id=hold.id, interaction_id=id_) for id_ in ids]
    Interaction.objects.filter(id__in=ids, held=False).update(held=True)
    return keep_items(items, actor=actor, now=now)


def _pointed_at(interaction_ids: list[int]) -> set[int]:
    rows_ = Interaction.objects.filter(id__in=interaction_ids)
    found = {id_ for row in rows_.values_list(*PEOPLE) for id_ in row if id_}
    for child in (OtherParty, ChatCopy):
        beside = child.objects.filter(interaction_id__in=interaction_ids)
        found |= set(beside.values_list("identifier_id", flat=True))
    return found


def uncover(
    hold_id: int, interaction_ids: Iterable[int], *, actor: Actor, now: datetime
) -> None:
    """Take a hold off interactions; those under no other are free. As ``cover``."""
    ids = _locked(interaction_ids)
    HoldItem.objects.filter(hold_id=hold_id, interaction_id__in=ids).delete()
    still = HoldItem.objects.filter(interaction_id__in=ids)
    free = set(ids) - set(still.values_list("interaction_id", flat=True))
    Interaction.objects.filter(id__in=free).update(held=False)
    record_on_each(ids, _act(hold_id, LIFTED), actor=actor, now=now)


def _locked(interaction_ids: Iterable[int]) -> list[int]:
    found = Interaction.objects.filter(id__in=list(interaction_ids)).order_by("id")
    if connection.features.has_select_for_update:
        found = found.select_for_update()
    return [one.id for one in found.only("id")]
