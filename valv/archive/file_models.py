"""Tables of files that were made of many interactions, and of what is in each."""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class PreparedFile(TenantOwned):
    """A zip that a job made, under a key of its own, named by ``id``.

    Without a ``blob`` it is still being made. ``n`` is its number among the job's,
    ``members`` counts the contents in it. It opens for nobody from ``expires_at`` on.
    """

    id = models.BigIntegerField(primary_key=True)
    job_id = models.BigIntegerField()
    n = models.IntegerField()
    blob = models.CharField(max_length=120, default="")
    stored_bytes = models.BigIntegerField(default=0)
    members = models.IntegerField(default=0)
    created_at = InstantField()
    expires_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "prepared_file"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "job_id", "n"], name="prepared_job"),
            models.Index(fields=["tenant_id", "expires_at"], name="prepared_expires"),
        ]


class PreparedPart(TenantOwned):
    """One content that is in a file; ``content_id`` 0 is general information alone."""

    pk = models.CompositePrimaryKey("file_id", "interaction_id", "content_id")
    file_id = models.BigIntegerField()
    interaction_id = models.BigIntegerField()
    content_id = models.BigIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "prepared_part"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "interaction_id"], name="prepared_part_of"
            ),
            models.Index(
                fields=["tenant_id", "content_id"], name="prepared_part_content"
            ),
        ]
