"""Making tenants and users; setting storage times, masking and recording rules."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import IntegrityError
from msgspec.structs import asdict

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.errors import Conflict, Malformed
from valv.core.masking import MaskingRules, checked
from valv.core.moments import zone_names
from valv.core.people import Actor
from valv.core.permissions import Right
from valv.core.phones import checked_region
from valv.core.recording_policy import Policy, changes_between, told
from valv.core.retention import StorageTimes
from valv.core.traces import refuse_traces
from valv.storage import keys, scope
from valv.storage.sealed import seal_value
from valv.tenants.models import (
    MaskingSetting,
    RecordingPolicy,
    Tenant,
    User,
    UserGroup,
)
from valv.tenants.passwords import check_password_is_good
from valv.tenants.queries import (
    SUPPORT_DESK,
    MaskingVersion,
    PolicyVersion,
    masking_seal,
    masking_version,
    recording_policy,
)
from valv.tenants.storage_changes import groups_named
from valv.tenants.storage_terms import set_storage_times as set_storage_times

LONGEST_SLUG, LONGEST_NAME, LONGEST_ADDRESS = 40, 100, 254
LONGEST_REASON = 500
CHANGED_MEANWHILE = "The rules were changed meanwhile. Look at them again."


def create_tenant(
    slug: str,
    *,
    name: str,
    region: str,
    timezone: str,
    actor: Actor,
    now: datetime,
    language: str | None = None,
) -> Tenant:
    """Make a tenant with its keys and the default storage times.

    Raises Conflict if the slug is taken, Malformed for a value that cannot be.
    """
    _check_place(slug, region=region, timezone=timezone)
    check_name(name)
    if slug == SUPPORT_DESK:
        raise Conflict("That name is the support desk's.")
    return _create(
        slug,
        name=name,
        region=region,
        timezone=timezone,
        actor=actor,
        now=now,
        language=language,
    )


def create_desk(*, actor: Actor, now: datetime) -> Tenant:
    """Make the tenant of those who support the others; it never has an archive."""
    return _create(
        SUPPORT_DESK,
        name="Support",
        region="SE",
        timezone="UTC",
        actor=actor,
        now=now,
        language=None,
    )


def _create(
    slug: str,
    *,
    name: str,
    region: str,
    timezone: str,
    actor: Actor,
    now: datetime,
    language: str | None,
) -> Tenant:
    if Tenant.objects.filter(slug=slug).exists():
        raise Conflict(f"There is already a tenant “{slug}”.")
    tenant = Tenant.objects.create(
        slug=slug,
        name=name,
        region=region.upper(),
        timezone=timezone,
        language=language or ("sv" if region.upper() == "SE" else "en"),
        created_at=now,
    )
    keys.create_for_tenant(tenant.id)
    set_storage_times(tenant, StorageTimes(), actor=actor, now=now)
    return tenant


def _check_place(slug: str, *, region: str, timezone: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError:
        raise Malformed(
            "A tenant's short name holds letters, digits, - and _ only.", field="tenant"
        ) from None
    if len(slug) > LONGEST_SLUG:
        raise Malformed(f"It has at most {LONGEST_SLUG} letters.", field="tenant")
    checked_region(region)
    if timezone not in zone_names():
        raise Malformed("That time zone is not known.", field="timezone")
    ZoneInfo(timezone)


def create_user(
    tenant: Tenant,
    *,
    email: str,
    password: str,
    rights: Iterable[Right],
    actor: Actor,
    now: datetime,
    name: str = "",
) -> User:
    """Add someone who may sign in. Raises Malformed or Conflict."""
    address = _checked_address(email)
    check_password_is_good(password)
    check_name(name or "-")
    check_address_is_free(address)
    with scope.writing(tenant.id):
        user = User.objects.create(
            email=address,
            name=name or address.partition("@")[0],
            rights=sorted(right.value for right in rights),
            password=make_password(password),
            created_at=now,
        )
        details = setting("user", {}, {"rights": user.rights}) | {"user": user.id}
        record(Act(Action.SETTING, details=details), actor=actor, now=now)
    return user


def set_language(tenant: Tenant, user_id: int, *, language: str) -> None:
    """In which language a user likes the pages; it changes no right."""
    with scope.writing(tenant.id):
        User.objects.filter(id=user_id).update(language=language)


def check_login(*, email: str, password: str) -> None:
    """Raises Malformed for what ``create_user`` would not take."""
    _checked_address(email)
    check_password_is_good(password)


def check_address_is_free(email: str) -> None:
    """Raises Conflict if somebody of the installation signs in by it already."""
    with scope.at_the_gate():
        if User.objects.filter(email=_checked_address(email)).exists():
            raise Conflict("There is already a user with this address.")


def _checked_address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Malformed("That is no e-mail address.", field="email") from None
    if len(address) > LONGEST_ADDRESS:
        raise Malformed("The address is too long.", field="email")
    return address


def check_name(name: str) -> None:
    """A name is shown in lists and the audit log: one printable line."""
    if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        raise Malformed(
            f"A name is printable, and has 1 to {LONGEST_NAME} characters.",
            field="name",
        )


def set_content_kept(
    tenant: Tenant,
    *,
    actor: Actor,
    now: datetime,
    social_content: bool | None = None,
    keep_original_audio: bool | None = None,
) -> None:
    """Say which content is kept, of what comes from now on; None stays as it is.

    What changes nothing is not entered.
    """
    asked = {
        "social_content": social_content,
        "keep_original_audio": keep_original_audio,
    }
    stated = {name: value for name, value in asked.items() if value is not None}
    with scope.writing(tenant.id):
        before = Tenant.objects.filter(id=tenant.id)
        held = before.values(*asked).get()
        changed = stated.items() - held.items()
        if changed:
            before.update(**dict(changed))
            details = setting("content_kept", held, {**held, **stated})
            record(Act(Action.SETTING, details=details), actor=actor, now=now)
    for name, value in stated.items():
        setattr(tenant, name, value)


def set_masking(
    tenant: Tenant,
    rules: MaskingRules,
    *,
    actor: Actor,
    now: datetime,
    instead_of: int | None = None,
) -> MaskingVersion:
    """Put other masking in force, for what comes from now on, as a version of its own.

    What changes nothing makes no version. ``instead_of`` is the version that was
    changed: raises Conflict if it is not in force any more. Raises Malformed, naming
    the field, for rules that cannot be applied.
    """
    rules = checked(rules)
    with scope.writing(tenant.id):
        number = Tenant.objects.values_list("masking_version", flat=True)
        before = masking_version(tenant.id, number.get(id=tenant.id))
        if instead_of not in (None, before.version):
            raise Conflict(CHANGED_MEANWHILE)
        if rules == before.rules:
            return before
        made = MaskingVersion(before.version + 1, rules, now, actor.name)
        _keep_masking(tenant, made, now=now)
        details = setting("masking", _counted(before), _counted(made))
        record(Act(Action.SETTING, details=details), actor=actor, now=now)
    tenant.masking_version = made.version
    return made


def _keep_masking(tenant: Tenant, made: MaskingVersion, *, now: datetime) -> None:
    """Raises Conflict if somebody else made this version meanwhile."""
    seal = masking_seal(tenant.id, made.version)
    sealed = seal_value(msgspec.json.encode(made.rules), **seal)
    row = MaskingSetting(
        version=made.version, sealed=sealed, since=now, set_by=made.set_by
    )
    try:
        row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(CHANGED_MEANWHILE) from None
    Tenant.objects.filter(id=tenant.id).update(masking_version=made.version)


def _counted(made: MaskingVersion) -> dict[str, object]:
    """How many there are of each, and nothing of what they say."""
    listed = {name: len(value) for name, value in asdict(made.rules).items()}
    return {"version": made.version, **listed}


def set_recording_policy(
    tenant: Tenant,
    policy: Policy,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    instead_of: int | None = None,
) -> PolicyVersion:
    """Put new recording rules in force from now on, as a version of their own.

    What changes nothing makes no version. ``instead_of`` is the version that was
    changed: raises Conflict if it is not in force any more. Raises Malformed for a
    reason that cannot be shown, or leads to somebody.
    """
    _check_reason(reason)
    refuse_traces(reason, region=tenant.region, field="reason")
    with scope.writing(tenant.id):
        before = recording_policy()
        if instead_of not in (None, before.version):
            raise Conflict(CHANGED_MEANWHILE)
        changed = changes_between(before.policy, policy)
        if not changed:
            return before
        version = PolicyVersion(
            before.version + 1, policy, now, actor.name, reason.strip()
        )
        _keep_version(version, now=now)
        details: dict[str, Any] = {"setting": "recording_policy"}
        details |= {"version": version.version, "changes": told(changed)}
        act = Act(Action.SETTING, reason=reason, details=details)
        record(act, actor=actor, now=now)
    return version


def _check_reason(reason: str) -> None:
    if not (reason == "" or reason.isprintable()) or len(reason) > LONGEST_REASON:
        raise Malformed(
            f"A reason is one line of at most {LONGEST_REASON} characters.",
            field="reason",
        )


def _keep_version(version: PolicyVersion, *, now: datetime) -> None:
    """Raises Conflict if somebody else made this version meanwhile."""
    row = RecordingPolicy(
        version=version.version,
        policy=version.policy.as_json(),
        since=now,
        set_by=version.set_by,
        reason=version.reason,
    )
    try:
        row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(CHANGED_MEANWHILE) from None
    _keep_agents(version.policy.groups)


def _keep_agents(agents: Mapping[str, Iterable[str]]) -> None:
    """Let the user groups have these agents and no others.

    They are made where new, and go where nobody is in them and nothing else is stated,
    nor a rule of the storage times names them.
    """
    for name, listed in agents.items():
        UserGroup.objects.update_or_create(
            name=name,
            tenant_id=scope.current(),
            defaults={"agents": list(listed)},
        )
    left = UserGroup.objects.exclude(name__in=agents)
    used = User.objects.exclude(group_id=None).values_list("group_id", flat=True)
    unstated = left.filter(stated="{}").exclude(name__in=groups_named())
    unstated.exclude(id__in=set(used)).delete()
    left.update(agents=[])
