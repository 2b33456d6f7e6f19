"""A user who left is known by a pseudonym everywhere: in the archive, and in its log.

What they did stays, and so does its proof: in the audit log the name is cut, its salt
destroyed, and the verifier raises no alarm (``audit.changes``). It goes in small
batches, and begun again it goes on where it stopped. What a source told of an agent in
raw events stays as long as raw data is kept.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from valv.archive.models import Agent, Content, SecureLink
from valv.audit.actions import Action
from valv.audit.changes import cut_from
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.entries import Personal
from valv.core.errors import NotFound
from valv.core.people import Actor, ActorType
from valv.intake.models import CompletenessSetting, RegistrationSetting
from valv.lifecycle.models import Job
from valv.storage import scope
from valv.tenants.models import (
    MaskingSetting,
    RecordingPolicy,
    StorageSetting,
    Tenant,
    User,
)
from valv.tenants.staff import due_for_pseudonym, lose_name, promise_pseudonym

BATCH = 500
SETTING = "former_user"
# Where the name of whoever did it stands beside what was done.
NAMED: tuple[tuple[Any, str], ...] = (
    (StorageSetting, "set_by"),
    (MaskingSetting, "set_by"),
    (RecordingPolicy, "set_by"),
    (RegistrationSetting, "set_by"),
    (CompletenessSetting, "set_by"),
    (SecureLink, "created_by"),
    (SecureLink, "ended_by"),
    (Job, "actor"),
)


def pseudonymise(
    tenant: Tenant,
    user_id: int,
    *,
    actor: Actor,
    now: datetime,
    agent: str | None = None,
) -> str:
    """Give one who left a pseudonym, and put it wherever their name stood; answers it.

    ``agent`` is what the source calls them as an agent, where the user does not tell.
    Raises NotFound, and Conflict for one who has not left.
    """
    with scope.writing(tenant.id):
        name, pseudonym = promise_pseudonym(tenant, user_id)
        _rename_agent(user_id, agent, pseudonym)
    last: int | None = 0
    while last is not None:
        last = _batch(tenant, user_id, pseudonym, after=last, actor=actor, now=now)
    if name != pseudonym:
        with scope.writing(tenant.id):
            lose_name(user_id, pseudonym)
            _rename_beside({name}, pseudonym)
            record(_why(user_id), actor=actor, now=now)
    return pseudonym


def pseudonymise_due(tenant: Tenant, *, actor: Actor, now: datetime) -> int:
    """Those who left longer ago than the tenant keeps names; answers how many."""
    due = due_for_pseudonym(tenant, now=now)
    for user_id in due:
        pseudonymise(tenant, user_id, actor=actor, now=now)
    return len(due)


def _why(user_id: int) -> Act:
    return Act(Action.SETTING, details={"setting": SETTING, "user": user_id})


def _rename_agent(user_id: int, agent: str | None, pseudonym: str) -> None:
    known: str = User.objects.values_list("agent", flat=True).get(id=user_id)
    meant = Agent.objects.filter(source_id=known if agent is None else agent)
    count = meant.update(name=pseudonym, former=True)
    if agent is not None and not count:
        raise NotFound("There is no agent of this name.")


def _rename_beside(names: Iterable[str], pseudonym: str) -> None:
    """Names that another user bears too stay: nobody can tell whose they were."""
    borne = User.objects.filter(name__in=list(names)).values_list("name", flat=True)
    for name in set(names) - set(borne):
        for model, column in NAMED:
            model.objects.filter(**{column: name}).update(**{column: pseudonym})


def _batch(
    tenant: Tenant,
    user_id: int,
    pseudonym: str,
    *,
    after: int,
    actor: Actor,
    now: datetime,
) -> int | None:
    """Cut the name from some entries; answers the last of them, None after the end."""
    with scope.writing(tenant.id):
        theirs = Entry.objects.filter(
            actor_id=user_id, actor_type=ActorType.INTERNAL.value, id__gt=after
        )
        found = list(theirs.exclude(actor=pseudonym).order_by("id")[:BATCH])
        if not found:
            return None
        names = {entry.actor for entry in found} - {""}
        _rename_removals(found, names, pseudonym)
        ids = [entry.id for entry in found]
        cut_from(
            Q(id__in=ids),
            Personal.ACTOR,
            why=_why(user_id),
            actor=actor,
            now=now,
            put={"actor": pseudonym, "actor_id": user_id},
        )
        return ids[-1]


def _rename_removals(
    found: Iterable[Entry], names: Iterable[str], pseudonym: str
) -> None:
    """Content that they deleted says so by their name; the entries lead to it."""
    gone = (one.interaction_id for one in found if one.action == Action.DELETE)
    about = [one for one in gone if one is not None]
    Content.objects.filter(interaction_id__in=about, removed_by__in=list(names)).update(
        removed_by=pseudonym
    )
