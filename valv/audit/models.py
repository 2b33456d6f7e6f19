"""The audit log's rows: plain numbers and words, no foreign keys."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import CanonicalJson, InstantField
from valv.storage.models import TenantOwned


class Entry(TenantOwned):
    """One act. ``seq`` is given by the sequencer, gapless in each tenant.

    ``mac`` speaks for the row until a leaf does, and again once something is cut from
    it; neither ``seq`` nor ``mac`` means that it was not written by ``record``.
    ``salts`` open the commitments in the leaf; where one is gone, ``cuts`` keeps its
    commitment.
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
    details = CanonicalJson(default=dict)
    mac = models.BinaryField(null=True)
    salts = models.BinaryField(null=True)
    cuts = models.BinaryField(null=True)

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
                fields=["tenant_id", "identifier_id"],
                name="audit_identifier",
                condition=models.Q(identifier_id__isnull=False),
            ),
            *(
                models.Index(fields=["tenant_id", one, "at", "id"], name=f"audit_{one}")
                for one in ("action", "actor")
            ),
            models.Index(
                fields=["tenant_id", "content", "at", "id"],
                name="audit_content",
                condition=models.Q(content__isnull=False),
            ),
            models.Index(
                fields=["tenant_id", "actor_type", "at", "id"],
                name="audit_actor_type",
            ),
            models.Index(
                fields=["tenant_id", "at", "id"],
                name="audit_reason",
                condition=models.Q(reason__gt=""),
            ),
            models.Index(
                fields=["tenant_id", "at", "id"],
                name="audit_of_nobody",
                condition=models.Q(interaction_id__isnull=True),
            ),
            models.Index(
                fields=["tenant_id", "id"],
                name="audit_pending",
                condition=models.Q(seq__isnull=True),
            ),
        ]


class Tile(TenantOwned):
    """256 hashes of the tree, or fewer at its edge. They stay when entries go."""

    id = models.BigAutoField(primary_key=True)
    level = models.SmallIntegerField()
    position = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "audit_tile"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "level", "position"], name="audit_tile_place"
            )
        ]


class SignedCheckpoint(TenantOwned):
    """A signed note: how far the log had come. The newest is the tree's head.

    ``published_at`` is when it was written out to where Valv cannot take it back.
    """

    id = models.BigAutoField(primary_key=True)
    size = models.BigIntegerField()
    note = models.TextField()
    published_at = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "audit_checkpoint"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "size"], name="audit_size")
        ]
