"""Whom nobody is to be kept of who gets in touch again."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class StandingEntry(TenantOwned):
    """One number, address or handle, by a keyed hash that is of no search.

    It tells nobody's value and is looked up by nothing but what arrives. ``job_id`` is
    the job that forgot them; it goes when it is ended, or its time is over.
    """

    id = models.BigAutoField(primary_key=True)
    hash = models.BinaryField()
    until = InstantField()
    job_id = models.BigIntegerField()
    created_at = InstantField()
    created_by = models.CharField(max_length=200)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "standing_entry"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "hash"], name="standing_entry_once"
            )
        ]
