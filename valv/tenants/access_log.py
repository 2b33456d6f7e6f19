"""The access log: who came in or tried to, how, with what browser and from where.

It has its own storage time, and shows as much of a network address as the tenant says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Max

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.browsers import browser_of
from valv.core.networks import kept
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User
from valv.tenants.signin_models import AccessEntry
from valv.tenants.signin_settings import rules_in_force

BATCH = 1000
LATEST = 20
Key = tuple[datetime, int]


class How(StrEnum):
    """By what somebody proved, or failed to prove, who they are."""

    PASSWORD = "password"  # noqa: S105 -- the word, not one
    CODE = "code"  # a password, then a code by time
    RECOVERY = "recovery"  # a password, then a recovery code
    PASSKEY = "passkey"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence a request came, as it said: whole, and kept nowhere."""

    network: str
    user_agent: str

    @property
    def browser(self) -> str:
        return browser_of(self.user_agent)


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the log; ``user`` is None for somebody unknown."""

    id: int
    at: datetime
    user: str | None
    how: str
    went_well: bool
    browser: str
    network: str


def note_access(
    how: How, *, user: User | None, origin: Origin, went_well: bool, now: datetime
) -> None:
    """Enter a signing-in, good or bad. Needs the tenant's scope, writing."""
    AccessEntry.objects.create(
        at=now,
        user_id=None if user is None else user.id,
        how=how.value,
        went_well=went_well,
        browser=origin.browser,
        network=kept(origin.network, rules_in_force().network),
    )


def accesses(
    caller: Caller, *, limit: int, now: datetime, before: Key | None = None
) -> list[Access]:
    """The log, newest first, from where ``before`` ended. Reading it is entered."""
    with scope.writing(caller.tenant.id):
        rows = AccessEntry.objects.order_by("-at", "-id")
        if before is not None:
            at, id_ = before
            rows = rows.filter(at__lte=at).exclude(at=at, id__gte=id_)
        found = list(rows[:limit])
        names = dict(
            User.objects.filter(id__in={one.user_id for one in found}).values_list(
                "id", "name"
            )
        )
        details = {"log": "access"}
        record(Act(Action.LOG, details=details), actor=caller.actor, now=now)
    return [_access(one, names) for one in found]


def _access(row: AccessEntry, names: dict[int, str]) -> Access:
    user = None if row.user_id is None else names.get(row.user_id)
    return Access(
        row.id, row.at, user, row.how, row.went_well, row.browser, row.network
    )


def last_sign_ins() -> dict[int, datetime]:
    """When each user last came in, as far back as the log goes. Inside a scope."""
    came = AccessEntry.objects.filter(went_well=True, user_id__isnull=False)
    found = came.values("user_id").annotate(last=Max("at")).values_list
    return {user: at for user, at in found("user_id", "last") if user is not None}


def purge_accesses(tenant: Tenant, *, now: datetime) -> int:
    """Remove what is past its storage time, in small batches; answers how many."""
    gone = 0
    while True:
        with scope.writing(tenant.id):
            before = now - timedelta(days=rules_in_force().log_days)
            due = AccessEntry.objects.filter(at__lt=before).order_by("at")
            ids = list(due.values_list("id", flat=True)[:BATCH])
            AccessEntry.objects.filter(id__in=ids).delete()
        gone += len(ids)
        if len(ids) < BATCH:
            return gone
