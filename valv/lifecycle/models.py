"""Runs and their reports; jobs, what they are done to, and the receipts they leave."""

from typing import ClassVar

from django.db import models

from valv.lifecycle.request_models import PrivacyRequest as PrivacyRequest
from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class Leased(TenantOwned):
    """Work that one process at a time does; ``runner`` is the one that has the lease.

    ``report`` counts what was done, across all that did it.
    """

    state = models.CharField(max_length=12)
    report = models.JSONField(default=dict)
    finished_at = InstantField(null=True)
    lease_until = InstantField(null=True)
    runner = models.CharField(max_length=200, default="")

    class Meta(TenantOwned.Meta):
        abstract = True


class NightlyRun(Leased):
    """One run for one local date; repeated, it goes on where it was.

    ``suspects`` are interactions that were not there, though a key for their text was.
    """

    id = models.BigAutoField(primary_key=True)
    date = models.DateField()
    started_at = InstantField()
    suspects = models.JSONField(default=list)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "nightly_run"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id", "date"], name="nightly_once")
        ]


class Job(Leased):
    """Something that is done to many interactions, or to all of one person.

    ``sealed`` is JSON of who is meant, under the job's own key: both go when it is
    done. ``options`` say what is done, ``places`` count what was found when it was
    planned. ``at_night`` leaves it to the coming night.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    options = models.JSONField(default=dict)
    sealed = models.BinaryField(null=True)
    at_night = models.BooleanField(default=False)
    total = models.IntegerField(default=0)
    places = models.JSONField(default=dict)
    actor_type = models.CharField(max_length=16)
    actor = models.CharField(max_length=200)
    actor_id = models.BigIntegerField(null=True)
    created_at = InstantField()
    approved_at = InstantField(null=True)
    gone_at = InstantField(null=True)
    tried_at = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "job"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "state"], name="job_state"),
        ]


class JobItem(TenantOwned):
    """One interaction that a job is done to, and what became of it.

    It goes with its interaction.
    """

    pk = models.CompositePrimaryKey("job_id", "interaction_id")
    job_id = models.BigIntegerField()
    interaction_id = models.BigIntegerField()
    state = models.SmallIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "job_item"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "job_id", "state", "interaction_id"],
                name="job_item_state",
            ),
            models.Index(
                fields=["tenant_id", "interaction_id"], name="job_item_interaction"
            ),
        ]


class Receipt(TenantOwned):
    """What a job did, signed, naming nobody; it stays when the job's row has gone.

    ``proof`` is the log's, as it was then: it holds when the entry's body is gone.
    """

    id = models.BigAutoField(primary_key=True)
    job_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    issued_at = InstantField()
    note = models.TextField()
    proof = models.JSONField(default=dict)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "receipt"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "job_id"], name="receipt_job")
        ]
