"""Rows of the intake: what a tenant sets about what comes in, and what stays away."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import Monthly, TenantOwned


class RegistrationSetting(TenantOwned):
    """What agents may register, as ``core.registration.Topics`` in JSON, since when."""

    id = models.BigAutoField(primary_key=True)
    topics = models.JSONField()
    since = InstantField()
    set_by = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "registration_setting"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "-id"], name="registration_setting_newest"
            )
        ]


class Missing(Monthly, TenantOwned):
    """A part of an interaction that has not come, as it was last counted.

    ``kind`` is a ``core.completeness.Gap``, ``n`` the number of a recording, else 0;
    ``started_at`` is the interaction's.
    """

    pk = models.CompositePrimaryKey("interaction_id", "kind", "n")
    interaction_id = models.BigIntegerField()
    kind = models.SmallIntegerField()
    n = models.IntegerField()
    started_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "missing_part"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "started_at", "interaction_id", "kind", "n"],
                name="missing_part_time",
            )
        ]


class DayCount(TenantOwned):
    """What came of one local day, so that no page has to count it.

    ``gaps`` are numbers by kind. ``worse_at`` is when it was found to be worse than
    the days before, and told once.
    """

    id = models.BigAutoField(primary_key=True)
    date = models.DateField()
    interactions = models.IntegerField(default=0)
    expected = models.IntegerField(default=0)
    gaps = models.JSONField(default=dict)
    counted_at = InstantField(null=True)
    worse_at = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "completeness_day"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "date"], name="completeness_day_once"
            )
        ]


class CompletenessSetting(TenantOwned):
    """How long to wait for what, and where to tell that it got worse, since when.

    ``patience`` is ``core.completeness.Patience`` in JSON. Without a ``webhook`` nobody
    is told; its secret is derived from ``secret_n`` and stands nowhere.
    """

    id = models.BigAutoField(primary_key=True)
    patience = models.JSONField()
    webhook = models.CharField(max_length=500, default="")
    secret_n = models.IntegerField(default=1)
    since = InstantField()
    set_by = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "completeness_setting"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "-id"], name="completeness_setting_newest"
            )
        ]


class Delivery(TenantOwned):
    """News to be told to the tenant's webhook until it is taken; about nobody.

    ``due_at`` is None once it was taken (``taken_at``) or given up.
    """

    id = models.BigAutoField(primary_key=True)
    body = models.JSONField()
    created_at = InstantField()
    due_at = InstantField(null=True)
    taken_at = InstantField(null=True)
    tries = models.IntegerField(default=0)
    failure = models.CharField(max_length=200, default="")

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "delivery"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "due_at"],
                name="delivery_due",
                condition=models.Q(due_at__isnull=False),
            )
        ]
