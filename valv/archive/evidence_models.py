"""Tables of evidence: what a person agreed to, and the copies of a chat sent to them.

They go with their interaction. Words of a source are sealed under its text key, and an
address is a reference to where it stands once; whoever forgets a person reaches both.
"""

from typing import ClassVar

from django.db import models

from valv.storage.fields import InstantField
from valv.storage.models import Monthly, TenantOwned

NOBODY_ANY_MORE = 0


class Consent(Monthly, TenantOwned):
    """One answer for one purpose, under the keyed hash of what told of it.

    ``sealed`` is JSON {question, version}, where there is one.
    """

    pk = models.CompositePrimaryKey("interaction_id", "event", "purpose")
    interaction_id = models.BigIntegerField()
    event = models.BinaryField(max_length=16)
    purpose = models.SmallIntegerField()
    answer = models.SmallIntegerField()
    how = models.SmallIntegerField()
    at = InstantField()
    sealed = models.BinaryField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "consent"


class ChatCopy(Monthly, TenantOwned):
    """A copy of the chat log by e-mail; ``sent_at`` once the mail server took it.

    None for one that failed, or that a crash left in doubt. ``identifier_id`` is
    ``NOBODY_ANY_MORE`` once the person was cut.
    """

    pk = models.CompositePrimaryKey("interaction_id", "n")
    interaction_id = models.BigIntegerField()
    n = models.IntegerField()
    identifier_id = models.BigIntegerField()
    asked_at = InstantField()
    sent_at = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "chat_copy"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "identifier_id", "interaction_id"],
                name="chat_copy_identifier",
            )
        ]
