"""Users who left: when, and how long they are still known by name."""

from datetime import UTC, datetime, timedelta

from django.db.models import Max, Q

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.errors import Conflict, Malformed, NotFound
from valv.core.people import Actor
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.signin_models import (
    Authenticator,
    Passkey,
    ProviderIdentity,
    RecoveryCode,
    SignIn,
)

LONGEST_DAYS = 36_500
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NOWHERE = "@former.invalid"
NAMES = {"sv": "Tidigare användare {n}", "en": "Former user {n}"}


def user_by_number(tenant: Tenant, user_id: int) -> User:
    """Raises NotFound."""
    with scope.reading(tenant.id):
        found = User.objects.filter(id=user_id).first()
    if found is None:
        raise NotFound
    return found


def is_known(user: User) -> bool:
    """Whether anything but a pseudonym is left of them."""
    return not user.email.endswith(NOWHERE)


def former_users(tenant_id: int) -> list[User]:
    """Those who left, the latest first."""
    with scope.reading(tenant_id):
        return list(User.objects.filter(is_active=False).order_by("-left_at", "-id"))


def present_users(tenant_id: int) -> list[User]:
    """Those who may sign in, by name."""
    with scope.reading(tenant_id):
        return list(User.objects.filter(is_active=True).order_by("name", "id"))


def note_left(*, now: datetime) -> None:
    """Since when, of those who are not active and of whom it is not known."""
    User.objects.filter(is_active=False, left_at=None).update(left_at=now)


def due_for_pseudonym(tenant: Tenant, *, now: datetime) -> list[int]:
    """Users who left longer ago than names are kept, or were begun with before."""
    days = tenant.former_after_days
    with scope.writing(tenant.id):
        note_left(now=now)
        before = NEVER if days is None else now - timedelta(days=days)
        over = Q(left_at__lt=before) | Q(former_n__isnull=False)
        known = User.objects.filter(over, is_active=False)
        left = known.exclude(email__endswith=NOWHERE).order_by("id")
        return list(left.values_list("id", flat=True))


def promise_pseudonym(tenant: Tenant, user_id: int) -> tuple[str, str]:
    """Choose a pseudonym for one who left; answers their name, and the pseudonym.

    Inside a ``writing`` scope; the same again for who was promised one. Raises
    NotFound, and Conflict for one who has not left.
    """
    held = User.objects.filter(id=user_id)
    user = held.first()
    if user is None:
        raise NotFound
    if user.is_active:
        raise Conflict("They can still sign in. Let them leave first.")
    n = user.former_n
    if n is None:
        n = (User.objects.aggregate(last=Max("former_n"))["last"] or 0) + 1
        held.update(former_n=n)
    return user.name, NAMES.get(tenant.language, NAMES["en"]).format(n=n)


def lose_name(user_id: int, pseudonym: str) -> None:
    """Keep nothing of a user but the pseudonym. Inside a ``writing`` scope."""
    for model in (Authenticator, RecoveryCode, Passkey, ProviderIdentity, SignIn):
        model.objects.filter(user_id=user_id).delete()
    User.objects.filter(id=user_id).update(
        name=pseudonym,
        email=f"{user_id}{NOWHERE}",
        password="!",  # noqa: S106 -- what no password hashes to
        rights=[],
        stated="{}",
        group_id=None,
        agent="",
        language="",
        last_login=None,
    )


def set_former_after(
    tenant: Tenant, days: int | None, *, actor: Actor, now: datetime
) -> None:
    """How many days after they left users get a pseudonym; None is never.

    Raises Malformed.
    """
    if days is not None and not 0 <= days <= LONGEST_DAYS:
        raise Malformed(f"It is 0 to {LONGEST_DAYS} days.", field="days")
    with scope.writing(tenant.id):
        held = Tenant.objects.filter(id=tenant.id)
        before = held.values_list("former_after_days", flat=True).get()
        if before != days:
            held.update(former_after_days=days)
            details = setting("former_users", {"days": before}, {"days": days})
            record(Act(Action.SETTING, details=details), actor=actor, now=now)
    tenant.former_after_days = days
