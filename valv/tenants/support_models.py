"""Support access: who supports, and what a tenant has granted them."""

from typing import ClassVar, Self

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import GateManager, TenantOwned


class SupportPerson(TenantOwned):
    """In which team a user of the support desk is."""

    user_id = models.BigIntegerField(primary_key=True)
    team = models.CharField(max_length=100)

    objects: ClassVar[GateManager[Self]] = GateManager()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "support_person"


class SupportGrant(TenantOwned):
    """Access that a tenant granted: to one person, or to a team if there is none.

    ``name`` is what it is shown by. It holds until ``expires_at``, unless it was ended.
    """

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField(null=True)
    team = models.CharField(max_length=100, default="")
    name = models.CharField(max_length=200)
    rights = models.JSONField(default=list)
    reach = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    created_at = InstantField()
    created_by = models.CharField(max_length=200)
    expires_at = InstantField()
    ended_at = InstantField(null=True)
    ended_by = models.CharField(max_length=200, default="")
    last_used_at = InstantField(null=True)
    last_used_by = models.CharField(max_length=200, default="")

    objects: ClassVar[GateManager[Self]] = GateManager()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "support_grant"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "expires_at"],
                name="support_grant_open",
                condition=models.Q(ended_at__isnull=True),
            )
        ]
