"""Letting the operator's support in: for a time, a purpose and a part of the archive.

The support desk is a tenant of its own without an archive, and its people have no
rights there: they sign in as everybody does, and see no tenant until one grants it.
Grant, change and end are in the log of the tenant that let them in, with their entries
in the same transaction; an end holds from the next request on, in every process, since
each request reads its grant anew.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Busy, Conflict, Malformed, NotFound
from valv.core.people import SYSTEM, Actor, ActorType
from valv.core.permissions import Right
from valv.core.support import (
    LONGEST_TEAM,
    Granted,
    checked,
    reach_as_json,
    reach_from_json,
)
from valv.core.traces import refuse_traces
from valv.storage import scope
from valv.storage.passing import writing_if_free
from valv.tenants.access import Caller
from valv.tenants.models import SupportGrant, SupportPerson, Tenant, User
from valv.tenants.operations import check_name, create_desk, create_user
from valv.tenants.queries import SUPPORT_DESK

TOUCH_AFTER, IN_USE = timedelta(minutes=1), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Supporter:
    """One of the support desk, as tenants may know them."""

    id: int
    name: str
    team: str


def add_supporter(
    email: str, *, password: str, name: str, team: str, actor: Actor, now: datetime
) -> User:
    """Add somebody who supports tenants, and may see none yet.

    Raises Malformed or Conflict, as ``create_user``.
    """
    check_name(name)
    if not team.strip().isprintable() or not 1 <= len(team.strip()) <= LONGEST_TEAM:
        raise Malformed("A team has a printable name.", field="team")
    desk = desk_of() or create_desk(actor=actor, now=now)
    with scope.writing(desk.id):
        user = create_user(
            desk,
            email=email,
            password=password,
            name=name,
            rights=(),
            actor=actor,
            now=now,
        )
        SupportPerson.objects.create(user_id=user.id, team=team.strip())
    return user


def remove_supporter(email: str, *, actor: Actor, now: datetime) -> None:
    """Let somebody sign in no more, from the next request on. Raises NotFound."""
    desk = desk_of()
    if desk is None:
        raise NotFound
    with scope.writing(desk.id):
        found = User.objects.filter(email=email.strip().lower(), is_active=True)
        user = found.first()
        if user is None:
            raise NotFound("There is nobody of this address at the support desk.")
        found.update(is_active=False)
        details = {"setting": "user", "user": user.id, "active": False}
        record(Act(Action.SETTING, details=details), actor=actor, now=now)


def desk_of() -> Tenant | None:
    """The support desk; None as long as nobody supports."""
    return Tenant.objects.filter(slug=SUPPORT_DESK).first()


def supporters() -> list[Supporter]:
    """Who may be let in, by name."""
    desk = desk_of()
    if desk is None:
        return []
    with scope.reading(desk.id):
        teams = dict(SupportPerson.objects.values_list("user_id", "team"))
        people = User.objects.filter(is_active=True, id__in=teams).order_by("name")
        return [Supporter(one.id, one.name, teams[one.id]) for one in people]


def grant(
    caller: Caller,
    granted: Granted,
    *,
    now: datetime,
    person: int | None = None,
    team: str = "",
) -> int:
    """Let one person in, or a team; answers the grant's number.

    Raises Forbidden, and Malformed naming the field.
    """
    caller.require(Right.SUPPORT)
    granted = _checked(caller, granted, now=now)
    name = _named(person, team)
    with scope.writing(caller.tenant.id):
        row = SupportGrant.objects.create(
            person_id=person,
            team="" if person is not None else team,
            name=name,
            created_at=now,
            created_by=caller.actor.name,
            **_columns(granted),
        )
        _enter(caller, row, "granted", {}, granted.as_json(), now=now)
    return int(row.id)


def _checked(caller: Caller, granted: Granted, *, now: datetime) -> Granted:
    refuse_traces(granted.reason, region=caller.tenant.region, field="reason")
    granted = replace(granted, reason=" ".join(granted.reason.split())[:500])
    return checked(granted, of=caller.rights, now=now)


def _named(person: int | None, team: str) -> str:
    known = supporters()
    if person is not None:
        names = [f"{one.name} ({one.team})" for one in known if one.id == person]
    else:
        names = [one.team for one in known if one.team == team]
    if not names:
        raise Malformed("There is nobody so named at the support desk.", field="who")
    return names[0]


def _columns(granted: Granted) -> dict[str, Any]:
    return {
        "rights": granted.as_json()["rights"],
        "reach": reach_as_json(granted.reach),
        "reason": granted.reason,
        "expires_at": granted.until,
    }


def change_grant(
    caller: Caller, grant_id: int, granted: Granted, *, now: datetime
) -> None:
    """Let them see less or more, or for another time.

    Raises Forbidden, Malformed, and NotFound for one that has ended.
    """
    caller.require(Right.SUPPORT)
    granted = _checked(caller, granted, now=now)
    with scope.writing(caller.tenant.id):
        row = _open_one(grant_id, now=now)
        before, after = granted_of(row).as_json(), granted.as_json()
        SupportGrant.objects.filter(id=row.id).update(**_columns(granted))
        row.reason = granted.reason
        _enter(caller, row, "changed", before, after, now=now)


def end_grant(caller: Caller, grant_id: int, *, now: datetime) -> None:
    """End access at once. Raises Forbidden, and NotFound for one that has ended."""
    caller.require(Right.SUPPORT)
    with scope.writing(caller.tenant.id):
        row = _open_one(grant_id, now=now)
        ended = SupportGrant.objects.filter(id=row.id, ended_at=None)
        if not ended.update(ended_at=now, ended_by=caller.actor.name):
            raise Conflict("It was ended meanwhile.")
        _enter(caller, row, "ended", {}, {}, now=now)


def _open_one(grant_id: int, *, now: datetime) -> SupportGrant:
    row: SupportGrant | None = SupportGrant.objects.filter(
        _is_open(now), id=grant_id
    ).first()
    if row is None:
        raise NotFound
    return row


def _is_open(now: datetime) -> Q:
    return Q(ended_at=None, expires_at__gt=now)


def end_over(tenant: Tenant, *, now: datetime) -> int:
    """Enter the end of grants whose time is over; they hold no more already."""
    with scope.reading(tenant.id):
        over = SupportGrant.objects.filter(ended_at=None, expires_at__lte=now)
        if not over.exists():
            return 0
    with scope.writing(tenant.id):
        rows = list(over)
        over.update(ended_at=now, ended_by=SYSTEM.name)
        acts = [_act(row, "ended", over=True) for row in rows]
        record(acts, actor=SYSTEM, now=now)
    return len(rows)


def _enter(
    caller: Caller,
    row: SupportGrant,
    step: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    now: datetime,
) -> None:
    changed = [
        {"what": name, "from": before.get(name), "to": value}
        for name, value in after.items()
        if before.get(name) != value
    ]
    record(_act(row, step, changes=changed), actor=caller.actor, now=now)


def _act(row: SupportGrant, step: str, **told: Any) -> Act:
    """The log says to whom and until when, so that it is read without help."""
    details = {"step": step, "to": row.name, **told}
    return Act(
        Action.SUPPORT, content=f"grant:{row.id}", reason=row.reason, details=details
    )


def granted_of(row: SupportGrant) -> Granted:
    rights = frozenset(Right(name) for name in row.rights)
    return Granted(rights, reach_from_json(row.reach), row.expires_at, row.reason)


def grants(caller: Caller, *, limit: int = 100) -> list[SupportGrant]:
    """The tenant's grants, open ones and those that ended, newest first."""
    caller.require(Right.SUPPORT)
    with scope.reading(caller.tenant.id):
        return list(SupportGrant.objects.order_by("-id")[:limit])


def granted_to(user: User, *, now: datetime) -> list[tuple[Tenant, SupportGrant]]:
    """What a support person may enter now, in all tenants."""
    with scope.at_the_gate():
        person = SupportPerson.objects.filter(user_id=user.id).first()
        if person is None:
            return []
        to = Q(person_id=user.id) | Q(person_id=None, team=person.team)
        rows = list(SupportGrant.objects.filter(to, _is_open(now)).order_by("id"))
    tenants = Tenant.objects.in_bulk({row.tenant_id for row in rows})
    return [(tenants[row.tenant_id], row) for row in rows]


def enter(user: User, tenant_id: int, grant_id: int, *, now: datetime) -> Caller:
    """Begin to use a grant, with its entry in the tenant's log. Raises NotFound."""
    caller = caller_by_grant(user, tenant_id, grant_id, now=now)
    if caller is None:
        raise NotFound
    with scope.writing(tenant_id):
        row = _open_one(grant_id, now=now)
        record(_act(row, "entered"), actor=caller.actor, now=now)
    return caller


def caller_by_grant(
    user: User, tenant_id: int, grant_id: int, *, now: datetime
) -> Caller | None:
    """What a support person is and may by one grant; None once it holds no more."""
    for tenant, row in granted_to(user, now=now):
        if (tenant.id, row.id) == (tenant_id, grant_id):
            granted = granted_of(row)
            actor = Actor(ActorType.SUPPORT, user.name, user.id)
            _touch(row, actor, now=now)
            return Caller(tenant, actor, granted.rights, granted.reach)
    return None


def _touch(row: SupportGrant, actor: Actor, *, now: datetime) -> None:
    """Note to the minute when it was last used; where another writes, the next time."""
    if row.last_used_at is not None and row.last_used_at > now - TOUCH_AFTER:
        return
    with suppress(Busy), writing_if_free(row.tenant_id):
        SupportGrant.objects.filter(id=row.id).update(
            last_used_at=now, last_used_by=actor.name
        )


def in_use(caller: Caller, *, now: datetime) -> list[str]:
    """Who of support was here in the last ten minutes, by open grants."""
    with scope.reading(caller.tenant.id):
        used = SupportGrant.objects.filter(
            _is_open(now), last_used_at__gt=now - IN_USE
        ).values_list("last_used_by", flat=True)
        return sorted(set(used))


def is_at_the_desk(caller: Caller) -> bool:
    """Whether somebody of the support desk has entered no tenant."""
    return caller.tenant.slug == SUPPORT_DESK


def teams_of(people: Iterable[Supporter]) -> list[str]:
    return sorted({one.team for one in people})
