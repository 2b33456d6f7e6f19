"""The register of what people ask for who are in the archive."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class PrivacyRequest(TenantOwned):
    """Something that somebody asked for; kinds and decisions are of ``core``.

    ``sealed`` is who it is from, as text, under a key of the request's own: both go
    with the answer, or with the forgetting that it led to. Whom its other texts name is
    put by reference. ``job_id`` is the job that did what was asked.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=12)
    sealed = models.BinaryField(null=True)
    received_on = models.DateField()
    due_on = models.DateField()
    extended_for = models.CharField(max_length=500, default="")
    checked_by = models.CharField(max_length=500, default="")
    decision = models.CharField(max_length=12, default="")
    decided_for = models.CharField(max_length=500, default="")
    decided_at = InstantField(null=True)
    answered_how = models.CharField(max_length=500, default="")
    answered_at = InstantField(null=True)
    job_id = models.BigIntegerField(null=True)
    registered_at = InstantField()
    registered_by = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "privacy_request"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "due_on"],
                name="privacy_request_open",
                condition=models.Q(answered_at__isnull=True),
            ),
        ]
