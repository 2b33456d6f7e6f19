"""Rows of the storage room, and what every tenant's table inherits."""

from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND

from valv.storage import scope
from valv.storage.fields import InstantField
from valv.storage.lookups import Among

M = TypeVar("M", bound=models.Model)
models.BigIntegerField.register_lookup(Among)


class _OfTenant(Exact):
    """Whose row it is; said to SQLite to be true of many rows.

    Else it takes any index that begins with the tenant to lead to ten rows, and walks
    all the tenant's rows instead of looking up a few hundred by their ids.
    """

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, parameters = self.as_sql(compiler, connection)
        return f"likelihood({sql}, 0.01)", parameters


class TenantManager(models.Manager[M]):
    """Refuses every query outside a tenant's scope, and sees no other tenant in it."""

    def get_queryset(self) -> models.QuerySet[M]:
        rows = super().get_queryset()
        # As ``filter`` would, in a tenth of its time: every query begins here.
        field: Any = self.model._meta.get_field("tenant_id")
        column = field.get_col(rows.query.get_initial_alias())
        rows.query.where.add(_OfTenant(column, scope.current()), AND)
        return rows


class GateManager(TenantManager[M]):
    """As ``TenantManager``, but open at the gate: sign-in precedes the tenant."""

    def get_queryset(self) -> models.QuerySet[M]:
        if scope.gate_is_open():
            return models.Manager.get_queryset(self)
        return super().get_queryset()


class TenantOwned(models.Model):
    """A row that belongs to a tenant. New ones belong to the scope's tenant."""

    tenant_id = models.IntegerField(default=scope.current_or_none)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class Monthly:
    """On PostgreSQL the table is partitioned by the month of an interaction id."""

    partition_key = "interaction_id"


class MonthlyById:
    """As ``Monthly``, for the interactions themselves."""

    partition_key = "id"


class Installation(models.Model):
    """The data's half of the pair that must belong together; one row.

    ``generation`` is never above the keys' own: keys older than the data are found.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    installation_id = models.UUIDField()
    generation = models.BigIntegerField(default=0)
    created_at = InstantField()

    class Meta:
        db_table = "installation"


class Intent(TenantOwned):
    """A destruction that is decided and not yet carried out; the row goes when it is.

    Of many objects of a kind, whose keys and bytes go together.

    Committed with its audit entry, before the key is destroyed and the bytes are
    discarded, so that a crash in between is finished at the next start. One that is
    ``arriving`` is of what comes in, and is taken back with its admission.
    """

    id = models.BigAutoField(primary_key=True)
    key_kind = models.SmallIntegerField()
    object_ids = models.JSONField(default=list)
    blobs = models.JSONField(default=list)
    arriving = models.BooleanField(default=False)
    created_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "intent"


class KeyInstallation(models.Model):
    """The keys' half of the pair, in the key database; one row.

    ``generation`` rises by one with each destruction. ``check_value`` is a known text
    sealed under the master key, so that a wrong master key is known at the start.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    installation_id = models.UUIDField()
    generation = models.BigIntegerField(default=0)
    check_value = models.BinaryField()
    copy_confirmed_at = InstantField(null=True)

    class Meta:
        db_table = "key_installation"


class MasterChange(models.Model):
    """A change of the master key under way, in the key database; one row, or none.

    Each key is sealed under the other: either opens both, until the old one is retired
    and the row goes.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    new_under_old = models.BinaryField()
    old_under_new = models.BinaryField()
    begun_at = InstantField()

    class Meta:
        db_table = "master_change"


class SealingKey(models.Model):
    """One wrapped data key, in the key database. Its row gone, what it sealed is."""

    pk = models.CompositePrimaryKey("kind", "object_id")
    kind = models.SmallIntegerField()
    object_id = models.BigIntegerField()
    tenant_id = models.IntegerField()
    wrapped = models.BinaryField()

    class Meta:
        db_table = "sealing_key"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "kind"], name="sealing_key_tenant")
        ]
