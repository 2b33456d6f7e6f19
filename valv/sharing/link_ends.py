"""How secure links end: by whoever may send one, when they are over, or with somebody.

Link, entry and what destroys its copies commit together; the copies go after it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import F, Q, QuerySet

from valv.archive import contents
from valv.archive.access import readable_interaction
from valv.archive.models import SecureLink, SharedCopy
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import NotFound
from valv.core.links import Ended
from valv.core.people import SYSTEM, Actor
from valv.core.permissions import Right
from valv.storage import intents, scope
from valv.storage.models import Intent
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

BATCH: Final = 100


def cancel_link(
    caller: Caller, interaction_id: int | str, link_id: int, *, now: datetime
) -> bool:
    """End a link at once, on the next request in every process.

    Answers whether its copies are gone for good already. Raises Forbidden, or NotFound
    for what is not there, or ended before.
    """
    caller.require(Right.LINKS)
    with scope.writing(caller.tenant.id):
        interaction = readable_interaction(caller, interaction_id)
        links = _open_ones(Q(id=link_id, interaction_id=interaction.id))
        if not links:
            raise NotFound
        doomed = intents.commit(
            _end(links, Ended.CANCELLED, actor=caller.actor, now=now)
        )
    return intents.carry_out(caller.tenant.id, doomed)


def end_over(tenant: Tenant, *, now: datetime, actor: Actor = SYSTEM) -> int:
    """End links whose time is over, or that are used up; answers how many.

    In batches, each whole; what a crash cuts short the next run does.
    """
    idle = Q(visit_until=None) | Q(visit_until__lte=now)
    over = {Ended.EXPIRED: Q(expires_at__lte=now), Ended.USED: _used_up() & idle}
    count = 0
    for why, which in over.items():
        while True:
            with scope.writing(tenant.id):
                links = _open_ones(which)[:BATCH]
                doomed = intents.commit(_end(links, why, actor=actor, now=now))
            intents.carry_out(tenant.id, doomed)
            count += len(links)
            if len(links) < BATCH:
                break
    return count


def _used_up() -> Q:
    return Q(plays__gte=F("most_plays"))


def end_where(which: Q, why: Ended, *, actor: Actor, now: datetime) -> list[Intent]:
    """End open links, inside the ``writing`` scope of whoever has a reason to.

    For forgetting: links of interactions (``interaction_id__in``), and those that went
    to somebody (``recipient_id__in``, ``code_to_id__in``). The intents are still to be
    committed.
    """
    return _end(_open_ones(which), why, actor=actor, now=now)


def _open_ones(which: Q) -> list[SecureLink]:
    return list(SecureLink.objects.filter(which, ended_at=None).order_by("id"))


def _end(
    links: Iterable[SecureLink], why: Ended, *, actor: Actor, now: datetime
) -> list[Intent]:
    listed = list(links)
    ids = [link.id for link in listed]
    SecureLink.objects.filter(id__in=ids).update(
        hash=None,
        code=None,
        visit=None,
        ended_at=now,
        ended_by=actor.name,
        ended_why=why,
    )
    acts = [entry_of(Action.UNSHARE, link, why=why.value) for link in listed]
    record(acts, actor=actor, now=now)
    return contents.doomed_copies(copies_of(listed), now=now)


def copies_of(links: Iterable[SecureLink]) -> QuerySet[SharedCopy]:
    return SharedCopy.objects.filter(link_id__in=[link.id for link in links])


def entry_of(
    action: Action,
    link: SecureLink,
    content: str | None = None,
    *,
    reason: str = "",
    **told: object,
) -> Act:
    return Act(
        action,
        link.interaction_id,
        content=content,
        identifier_id=link.recipient_id,
        reason=reason,
        details={"link": link.id, **told},
    )
