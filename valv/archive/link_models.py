"""Tables of what is shared with people who have no account.

They go with their interaction, and a copy with what it is a copy of. Addresses are
references to where they stand once; of token, codes and visits only hashes are kept.
"""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import TenantOwned


class SecureLink(TenantOwned):
    """A link to copies of one interaction's content, and how far its visitor came.

    Without a ``hash`` it leads nowhere: it was not sent yet, or has ended. ``code`` is
    the one-time code that was sent last, ``visit`` what a browser shows that entered
    it. ``plays`` counts what was heard or read.
    """

    id = models.BigAutoField(primary_key=True)
    interaction_id = models.BigIntegerField()
    hash = models.BinaryField(max_length=32, null=True)
    recipient_id = models.BigIntegerField()
    code_to_id = models.BigIntegerField()
    purpose = models.CharField(max_length=12, default="")
    most_plays = models.IntegerField()
    plays = models.IntegerField(default=0)
    created_at = InstantField()
    created_by = models.CharField(max_length=200)
    expires_at = InstantField()
    sent_at = InstantField(null=True)
    ended_at = InstantField(null=True)
    ended_by = models.CharField(max_length=200, default="")
    ended_why = models.CharField(max_length=12, default="")
    code = models.BinaryField(max_length=32, null=True)
    code_at = InstantField(null=True)
    code_tries = models.IntegerField(default=0)
    codes = models.IntegerField(default=0)
    accepted_at = InstantField(null=True)
    visit = models.BinaryField(max_length=32, null=True)
    visit_until = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "secure_link"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "hash"], name="secure_link_hash"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "interaction_id"], name="secure_link_interaction"
            ),
            models.Index(
                fields=["tenant_id", "recipient_id"], name="secure_link_recipient"
            ),
            models.Index(
                fields=["tenant_id", "code_to_id"], name="secure_link_code_to"
            ),
            models.Index(
                fields=["tenant_id", "expires_at"],
                name="secure_link_open",
                condition=models.Q(ended_at__isnull=True),
            ),
        ]


class SharedCopy(TenantOwned):
    """A copy under a key of its own, named by ``id``; ``of_id`` is the original's.

    ``handle`` is what a play is heard under, until ``handle_until``.
    """

    id = models.BigIntegerField(primary_key=True)
    link_id = models.BigIntegerField()
    interaction_id = models.BigIntegerField()
    of_id = models.BigIntegerField()
    kind = models.SmallIntegerField()
    n = models.IntegerField()
    blob = models.CharField(max_length=120)
    stored_bytes = models.BigIntegerField()
    seconds = models.FloatField(null=True)
    format = models.CharField(max_length=12)
    handle = models.BinaryField(max_length=32, null=True)
    handle_until = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "shared_copy"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "link_id"], name="shared_copy_link"),
            models.Index(fields=["tenant_id", "of_id"], name="shared_copy_of"),
            models.Index(
                fields=["tenant_id", "interaction_id"], name="shared_copy_interaction"
            ),
        ]
