"""Runs and their reports."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class NightlyRun(TenantOwned):
    """One run for one local date; repeated, it goes on where it was.

    ``runner`` is the process that holds the lease. ``suspects`` are interactions that
    were not there, though a key for their text was.
    """

    id = models.BigAutoField(primary_key=True)
    date = models.DateField()
    state = models.CharField(max_length=12)
    report = models.JSONField(default=dict)
    started_at = InstantField()
    finished_at = InstantField(null=True)
    lease_until = InstantField(null=True)
    runner = models.CharField(max_length=200, default="")
    suspects = models.JSONField(default=list)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "nightly_run"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "date"], name="nightly_once")
        ]
