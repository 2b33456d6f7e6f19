"""The audit log's rows: plain numbers and words, no foreign keys."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class Entry(TenantOwned):
    """One act. ``seq`` is given by the sequencer, gapless in each tenant.

    ``mac`` and ``leaf`` are for the log that proves itself.
    """

    id = models.BigAutoField(primary_key=True)
    seq = models.BigIntegerField(null=True)
    at = InstantField()
    action = models.CharField(max_length=16)
    actor_type = models.CharField(max_length=16)
    actor = models.CharField(max_length=200)
    actor_id = models.BigIntegerField(null=True)
    interaction_id = models.BigIntegerField(null=True)
    content = models.CharField(max_length=24, null=True)
    identifier_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, default="")
    details = models.JSONField(default=dict)
    mac = models.BinaryField(null=True)
    leaf = models.BinaryField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "audit_entry"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "seq"], name="audit_seq")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "at", "id"], name="audit_at"),
            models.Index(
                fields=["tenant_id", "interaction_id"],
                name="audit_interaction",
                condition=models.Q(interaction_id__isnull=False),
            ),
            models.Index(
                fields=["tenant_id", "id"],
                name="audit_pending",
                condition=models.Q(seq__isnull=True),
            ),
        ]
