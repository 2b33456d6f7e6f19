"""Tenants and those who may enter."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from valv.storage import scope
from valv.storage.fields import InstantField
from valv.storage.models import GateManager, TenantOwned
from valv.tenants.signin_models import AccessEntry as AccessEntry
from valv.tenants.signin_models import Authenticator as Authenticator
from valv.tenants.signin_models import Passkey as Passkey
from valv.tenants.signin_models import ProviderIdentity as ProviderIdentity
from valv.tenants.signin_models import RecoveryCode as RecoveryCode
from valv.tenants.signin_models import SignIn as SignIn
from valv.tenants.signin_models import SignInSetting as SignInSetting
from valv.tenants.signin_models import Tries as Tries
from valv.tenants.support_models import SupportGrant as SupportGrant
from valv.tenants.support_models import SupportPerson as SupportPerson


class Tenant(models.Model):
    """One customer of the installation. Nothing crosses from one to another.

    ``masking_version`` is that of the masking in force, 0 as one begins. It comes along
    with the tenant, so that no request asks for what it knows already. So do the acts
    that need a reason, a space between them, and the reasons proposed, one a line.
    ``stated`` is what all its users inherit, a ``core.inheritance.Stated`` as JSON, and
    ``file_names`` the pattern of ``core.file_names``. A change of the storage times
    waits for ``storage_wait_days``, and for a second person if it takes two.
    """

    id = models.AutoField(primary_key=True)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    region = models.CharField(max_length=2)
    timezone = models.CharField(max_length=64)
    language = models.CharField(max_length=8, default="sv")
    keep_original_audio = models.BooleanField(default=False)
    social_content = models.BooleanField(default=False)
    masking_version = models.IntegerField(default=0)
    longest_token_days = models.IntegerField(null=True)
    reasons_required = models.CharField(max_length=60, default="")
    reasons_proposed = models.TextField(default="")
    stated = models.TextField(default="{}")
    file_names = models.CharField(max_length=120, default="")
    former_after_days = models.IntegerField(null=True)
    hold_grace_days = models.IntegerField(default=0)
    hold_two_persons = models.BooleanField(default=False)
    storage_wait_days = models.IntegerField(default=0)
    storage_two_persons = models.BooleanField(default=False)
    created_at = InstantField()

    class Meta:
        db_table = "tenant"

    def __str__(self) -> str:
        return self.slug


class UserManager(GateManager["User"], BaseUserManager["User"]):
    """Users are looked up at the gate, or within their tenant."""


class User(AbstractBaseUser):
    """A person of a tenant who signs in.

    ``rights`` are granted to themselves, and ``stated`` is what else is stated of them
    alone, as JSON; ``tenants.rights`` tells what they may in the end. ``agent`` is by
    which id the source knows them. The address is unique in the installation, for it is
    all one types to sign in. ``came_with`` is the tenant, where it was read along. One
    who is not active has left; with a number ``former_n`` they have a pseudonym.
    """

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.IntegerField(default=scope.current_or_none)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    rights = models.JSONField(default=list)
    stated = models.TextField(default="{}")
    group_id = models.BigIntegerField(null=True)
    agent = models.CharField(max_length=200, default="")
    language = models.CharField(max_length=8, default="")
    is_active = models.BooleanField(default=True)
    left_at = InstantField(null=True)
    former_n = models.IntegerField(null=True)
    created_at = InstantField()

    objects: ClassVar[UserManager] = UserManager()
    came_with: "Tenant | None" = None

    USERNAME_FIELD = "email"

    class Meta:
        db_table = "valv_user"
        base_manager_name = "objects"


class Token(TenantOwned):
    """A machine's way in. Only the SHA-256 of its secret is kept.

    Until ``previous_until`` the secret before the last rotation lets in as well.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    hash = models.BinaryField(unique=True)
    scopes = models.JSONField(default=list)
    created_at = InstantField()
    expires_at = InstantField(null=True)
    last_used_at = InstantField(null=True)
    revoked_at = InstantField(null=True)
    rotated_at = InstantField(null=True)
    previous_hash = models.BinaryField(null=True, unique=True)
    previous_until = InstantField(null=True)

    objects: ClassVar[GateManager[Self]] = GateManager()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "api_token"


class UserGroup(TenantOwned):
    """A user group, by its name, with the agents in it by the source's ids.

    An agent is in one group at most, and so is a user. ``stated`` is what its users
    inherit; the agents are those of the recording rules.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    agents = models.JSONField(default=list)
    stated = models.TextField(default="{}")

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "user_group"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "name"], name="user_group_once"
            )
        ]


class RecordingPolicy(TenantOwned):
    """One version of the recording rules, as plain values; the newest is in force.

    A version never changes, and carries the user groups as they were, so that a
    decision by it can be explained for as long as its recording is there.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.IntegerField()
    policy = models.JSONField()
    since = InstantField()
    set_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, default="")

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "recording_policy"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "version"], name="recording_policy_version"
            )
        ]


class StorageSetting(TenantOwned):
    """How many days each class of data is kept; NULL is unset, -1 is for ever.

    One version of it, and it never changes; the newest is in force. ``minimum`` and
    ``rules`` are of ``core.storage_rules``; ``decision`` is what the
    general times rest on.
    """

    id = models.BigAutoField(primary_key=True)
    general = models.IntegerField()
    recordings = models.IntegerField(null=True)
    restricted = models.IntegerField(null=True)
    chat_logs = models.IntegerField(null=True)
    transcripts = models.IntegerField(null=True)
    surveys = models.IntegerField(null=True)
    raw_events = models.IntegerField(null=True)
    log_entries = models.IntegerField(null=True)
    scores = models.IntegerField(null=True, default=0)
    minimum = models.JSONField(default=dict)
    rules = models.JSONField(default=list)
    decision = models.JSONField(default=dict)
    applies_to = models.CharField(max_length=12, default="existing")
    since = InstantField()
    set_by = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "storage_setting"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "-id"], name="storage_setting_newest")
        ]


class StorageTerms(TenantOwned):
    """By which version of the storage times some interactions are kept.

    ``matched`` are the names of its rules that fit them. Interactions carry the
    ``number``; without a row, number 0 is the newest version and no rule. One that is
    stale since a moment is of interactions that are still to be sorted, by the version
    ``sorted_by_id``: until then they stay.
    """

    pk = models.CompositePrimaryKey("tenant_id", "number")
    number = models.IntegerField()
    setting_id = models.BigIntegerField()
    matched = models.JSONField(default=list)
    stale_since = InstantField(null=True)
    sorted_by_id = models.BigIntegerField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "storage_terms"


class StorageChange(TenantOwned):
    """A change of the storage times that waits, or did.

    ``policy`` is a ``core.storage_rules.StoragePolicy`` as JSON. ``holds_from`` is
    empty until a second person confirms it, where one is needed; ``outcome`` until it
    is over.
    """

    id = models.BigAutoField(primary_key=True)
    policy = models.JSONField()
    applies_to = models.CharField(max_length=12)
    asked_at = InstantField()
    asked_by = models.CharField(max_length=230)
    asked_by_name = models.CharField(max_length=200)
    confirmed_at = InstantField(null=True)
    confirmed_by = models.CharField(max_length=200, default="")
    holds_from = InstantField(null=True)
    ended_at = InstantField(null=True)
    outcome = models.CharField(max_length=12, default="")

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "storage_change"
        indexes: ClassVar = [
            models.Index(fields=["tenant_id", "id"], name="storage_change_by_tenant")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant_id"],
                condition=models.Q(outcome=""),
                name="storage_change_one_waits",
            )
        ]


class MaskingSetting(TenantOwned):
    """One version of what is masked; it never changes.

    ``sealed`` is JSON under the tenant's key, for a pattern may tell of somebody.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.IntegerField()
    sealed = models.BinaryField()
    since = InstantField()
    set_by = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "masking_setting"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "version"], name="masking_setting_version"
            )
        ]
