"""The signings-in that hold: begun, listed, confirmed anew, and ended.

Ending one takes effect on the next request of every process, for each request looks.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from secrets import token_hex

from django.contrib.sessions.models import Session

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import NotFound
from valv.core.networks import kept
from valv.core.people import Actor, ActorType
from valv.storage import scope
from valv.storage.passing import writing_if_free
from valv.tenants import slowdown
from valv.tenants.access_log import How, Origin, note_access
from valv.tenants.models import User
from valv.tenants.second_factor import has_second_factor
from valv.tenants.signin import Presence, caller_of_user
from valv.tenants.signin_models import SignIn
from valv.tenants.signin_settings import rules_in_force

TOUCH_AFTER = timedelta(minutes=1)
COMPLETE = frozenset({How.PASSKEY, How.PROVIDER, How.CODE, How.RECOVERY})


def begin(user: User, *, how: How, origin: Origin, now: datetime) -> str:
    """Let somebody in who proved who they are; answers the id to know it by.

    In one transaction with its entries in both logs. Where the tenant asks for a second
    factor and none was shown, it is limited to setting one up.
    """
    with scope.writing(user.tenant_id):
        rules = rules_in_force()
        row = SignIn.objects.create(
            id=token_hex(16),
            user_id=user.id,
            how=how.value,
            browser=origin.browser,
            network=kept(origin.network, rules.network),
            began_at=now,
            seen_at=now,
            ends_at=now + timedelta(hours=rules.longest_hours),
            idle_seconds=rules.idle_minutes * 60,
            confirmed_at=now,
            limited=rules.second_factor and how not in COMPLETE,
        )
        SignIn.objects.filter(user_id=user.id, ends_at__lte=now).delete()
        note_access(how, user=user, origin=origin, went_well=True, now=now)
        actor = caller_of_user(user).actor
        record(Act(Action.SIGN_IN, details=_told(how)), actor=actor, now=now)
    return row.id


def _told(how: How) -> dict[str, object]:
    return {} if how is How.PASSWORD else {"how": how.value}


def note_failure(user: User, *, how: How, origin: Origin, now: datetime) -> None:
    """Into both logs of the tenant whose user it would have been."""
    actor = Actor(ActorType.EXTERNAL, user.name, user.id)
    details = {"failed": True, "user": user.id, **_told(how)}
    with scope.writing(user.tenant_id):
        note_access(how, user=user, origin=origin, went_well=False, now=now)
        record(Act(Action.SIGN_IN, details=details), actor=actor, now=now)


def note_unknown(tenant_id: int, *, how: How, origin: Origin, now: datetime) -> None:
    """Somebody whom nobody knows tried; what was typed is not kept."""
    with scope.writing(tenant_id):
        note_access(how, user=None, origin=origin, went_well=False, now=now)


def touch(presence: Presence, *, now: datetime) -> None:
    """Note that it is in use, to the minute. Raises Busy at once, as it can wait."""
    if now - presence.seen_at >= TOUCH_AFTER:
        with writing_if_free(presence.user.tenant_id):
            SignIn.objects.filter(id=presence.id, seen_at__lt=now).update(seen_at=now)


def confirm(presence: Presence, *, now: datetime) -> None:
    """The person proved anew to be there."""
    with scope.writing(presence.user.tenant_id):
        SignIn.objects.filter(id=presence.id).update(confirmed_at=now)


def lift_limit(user: User) -> None:
    """They have a second factor now. Needs the tenant's scope, writing."""
    SignIn.objects.filter(user_id=user.id).update(limited=False)


def sign_ins_of(user: User, *, now: datetime) -> list[SignIn]:
    """Those that still hold, last used first."""
    with scope.reading(user.tenant_id):
        rows = SignIn.objects.filter(user_id=user.id, ends_at__gt=now)
        latest = rows.order_by("-seen_at", "-began_at")
        return [row for row in latest if _holds(row, now)]


def _holds(row: SignIn, now: datetime) -> bool:
    return bool(now - row.seen_at < timedelta(seconds=row.idle_seconds))


def sign_out(presence: Presence, *, now: datetime) -> None:
    with scope.writing(presence.user.tenant_id):
        SignIn.objects.filter(id=presence.id).delete()
        actor = caller_of_user(presence.user).actor
        record(Act(Action.SIGN_OUT), actor=actor, now=now)


def revoke(user: User, sign_in_id: str, *, actor: Actor, now: datetime) -> None:
    """End one of them. Raises NotFound for one that is not theirs, or ended."""
    with scope.writing(user.tenant_id):
        ended = SignIn.objects.filter(user_id=user.id, id=sign_in_id).delete()[0]
        if not ended:
            raise NotFound
        _note_revoked(user, ended, actor=actor, now=now)


def revoke_all(
    user: User, *, actor: Actor, now: datetime, but: Iterable[str] = ()
) -> int:
    """End all of them save some; answers how many there were."""
    with scope.writing(user.tenant_id):
        rows = SignIn.objects.filter(user_id=user.id).exclude(id__in=list(but))
        ended = rows.delete()[0]
        if ended:
            _note_revoked(user, ended, actor=actor, now=now)
    return ended


def _note_revoked(user: User, ended: int, *, actor: Actor, now: datetime) -> None:
    details = {"setting": "sign_ins_ended", "user": user.id, "count": ended}
    record(Act(Action.SETTING, details=details), actor=actor, now=now)


def unlock(user: User, *, actor: Actor, now: datetime) -> None:
    """Forget what was tried for the user's address, from wherever."""
    with scope.writing(user.tenant_id):
        slowdown.forget(user.email)
        details = {"setting": "unlocked", "user": user.id}
        record(Act(Action.SETTING, details=details), actor=actor, now=now)


def needs_code(user: User) -> bool:
    """Whether a password alone does not let this user in."""
    with scope.reading(user.tenant_id):
        return has_second_factor(user)


def clear_sessions(*, now: datetime) -> int:
    """Remove what browsers were remembered by and is over, whose it ever was.

    They hold a sign-in's id and what a page keeps between two requests; Django leaves
    them. Answers how many.
    """
    gone, _each = Session.objects.filter(expire_date__lt=now).delete()
    return gone
