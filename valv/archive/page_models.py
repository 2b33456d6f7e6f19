"""Rows that pages leave for a day: searches under an opaque id, leave to play."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class StoredSearch(TenantOwned):
    """A portal search under an opaque id, sealed under the tenant's key."""

    id = models.CharField(max_length=32, primary_key=True)
    user_id = models.BigIntegerField()
    sealed = models.BinaryField()
    created_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "stored_search"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "created_at"], name="stored_search_age")
        ]


class PlayHandle(TenantOwned):
    """One page view's leave to play one recording: one audit entry, many ranges.

    ``purpose`` is what a restricted one was opened for.
    """

    id = models.CharField(max_length=32, primary_key=True)
    user_id = models.BigIntegerField()
    interaction_id = models.BigIntegerField()
    content_id = models.BigIntegerField()
    purpose = models.CharField(max_length=12, default="")
    created_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "play_handle"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "created_at"], name="play_handle_age")
        ]
