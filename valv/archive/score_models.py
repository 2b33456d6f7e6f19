"""Scores that stay when their surveys go."""

from typing import ClassVar

from django.db import models

from valv.storage.models import TenantOwned


class KeptScore(TenantOwned):
    """How many answers of one score a queue got on one local day, of surveys gone.

    It names no interaction; ``queue_id`` is -1 where there was none.
    """

    pk = models.CompositePrimaryKey(
        "tenant_id", "day", "queue_id", "scale_from", "scale_to", "score"
    )
    day = models.DateField()
    queue_id = models.IntegerField()
    scale_from = models.SmallIntegerField()
    scale_to = models.SmallIntegerField()
    score = models.FloatField()
    count = models.IntegerField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "kept_score"
        indexes: ClassVar[list[models.Index]] = []
