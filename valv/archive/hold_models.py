"""Tables of holds: the matter, and the interactions that it covers.

An interaction may be under many. It is *held* as long as one of them covers it; the
flag on the interaction is what everything that removes anything looks at.
"""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned

Q = models.Q


class Hold(TenantOwned):
    """A matter for which things must stay.

    ``rule`` is of ``core.holds``, for what is still to come, and is dropped at the
    release. ``searched`` are the kinds of parameter by which it was placed, without a
    value. Until ``complete_at`` not all is covered that it was placed on.

    One that ``restricts`` is the restriction of somebody's processing (GDPR 18): while
    it stands, what it covers is shown to nobody. It may end by itself, at ``ends_at``.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100)
    owner = models.CharField(max_length=100)
    reason = models.CharField(max_length=500)
    rule = models.JSONField(null=True)
    searched = models.JSONField(default=list)
    placed_at = InstantField()
    placed_by = models.CharField(max_length=200)
    complete_at = InstantField(null=True)
    asked_at = InstantField(null=True)
    asked_by = models.CharField(max_length=230, default="")
    asked_by_name = models.CharField(max_length=200, default="")
    released_at = InstantField(null=True)
    released_by = models.CharField(max_length=200, default="")
    release_reason = models.CharField(max_length=500, default="")
    lifts_at = InstantField(null=True)
    restricts = models.BooleanField(default=False)
    ends_at = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "hold"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "name"],
                name="hold_name_once",
                condition=Q(released_at__isnull=True),
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id"],
                name="hold_rules",
                condition=Q(rule__isnull=False),
            ),
            models.Index(
                fields=["tenant_id"],
                name="hold_restricts",
                condition=Q(restricts=True, released_at__isnull=True),
            ),
        ]


class HoldItem(TenantOwned):
    """One interaction under a hold. It goes with its interaction."""

    pk = models.CompositePrimaryKey("hold_id", "interaction_id")
    hold_id = models.BigIntegerField()
    interaction_id = models.BigIntegerField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "hold_item"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "interaction_id"], name="hold_item_interaction"
            )
        ]
