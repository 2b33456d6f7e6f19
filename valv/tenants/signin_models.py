"""How the users of a tenant prove who they are, and that they did."""

from typing import ClassVar, Self

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import GateManager, TenantOwned


class SignInSetting(TenantOwned):
    """How one signs in, as ``core.sign_in_rules`` has it; the newest is in force.

    ``sealed`` is JSON under the tenant's key, for it holds the provider's secret.
    """

    id = models.BigAutoField(primary_key=True)
    sealed = models.BinaryField()
    since = InstantField()
    set_by = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "sign_in_setting"


class SignIn(TenantOwned):
    """One signing-in that holds until it ends; ending it is deleting the row.

    ``ends_at`` is its last moment, ``idle_seconds`` how long it lasts unused.
    ``confirmed_at`` is when the person last proved to be there. A ``limited`` one may
    set up a second factor, and do nothing else.
    """

    id = models.CharField(primary_key=True, max_length=32)
    user_id = models.BigIntegerField()
    how = models.CharField(max_length=20)
    browser = models.CharField(max_length=60)
    network = models.CharField(max_length=60)
    began_at = InstantField()
    seen_at = InstantField()
    ends_at = InstantField()
    idle_seconds = models.IntegerField()
    confirmed_at = InstantField()
    limited = models.BooleanField(default=False)

    objects: ClassVar[GateManager[Self]] = GateManager()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "sign_in"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "user_id"], name="sign_in_user")
        ]


class Authenticator(TenantOwned):
    """A user's seed for codes by time, sealed; it counts once it is confirmed.

    ``last_step`` is the last step whose code was taken.
    """

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    seed = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    made_at = InstantField()
    confirmed_at = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "authenticator"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "user_id"], name="authenticator_once"
            )
        ]


class RecoveryCode(TenantOwned):
    """The SHA-256 of a code that stands in for an authenticator, once."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "recovery_code"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "user_id"], name="recovery_code_user")
        ]


class Passkey(TenantOwned):
    """A user's passkey: its id, its public key and what its owner calls it.

    ``credential`` is the attested credential data of WebAuthn section 6.5.1.
    """

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    credential_id = models.BinaryField(unique=True)
    credential = models.BinaryField()
    uses = models.BigIntegerField(default=0)
    name = models.CharField(max_length=60)
    made_at = InstantField()
    used_at = InstantField(null=True)

    objects: ClassVar[GateManager[Self]] = GateManager()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "passkey"


class ProviderIdentity(TenantOwned):
    """As whom the tenant's provider knows a user: issuer and subject, hashed."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    hash = models.BinaryField()
    made_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "provider_identity"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "hash"], name="provider_identity_once"
            )
        ]


class AccessEntry(TenantOwned):
    """Someone came in, or tried to; without a user it was nobody who is known."""

    id = models.BigAutoField(primary_key=True)
    at = InstantField()
    user_id = models.BigIntegerField(null=True)
    how = models.CharField(max_length=20)
    went_well = models.BooleanField()
    browser = models.CharField(max_length=60)
    network = models.CharField(max_length=60)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "access_entry"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "at"], name="access_entry_at")
        ]


class Tries(models.Model):
    """How often something was tried in vain lately, under keyed hashes.

    It belongs to no tenant, for whoever guesses has none. ``about`` is what was tried,
    such as an address, wherever it was tried from.
    """

    key = models.CharField(primary_key=True, max_length=64)
    about = models.CharField(max_length=64)
    failures = models.IntegerField()
    last_at = InstantField()

    class Meta:
        db_table = "tries"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["last_at"], name="tries_last"),
            models.Index(fields=["about"], name="tries_about"),
        ]
