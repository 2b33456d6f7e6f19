"""The archive's tables.

Children carry ``(tenant_id, interaction_id)`` as plain columns without database foreign
keys, which would forbid dropping a month. ``aged_from`` is the moment a storage time is
counted from: the end, or the last event of what never ended; ``terms`` is the number of
the storage terms by which it is counted (``tenants.models.StorageTerms``).
"""

from typing import ClassVar

from django.db import models
from django.db.models.lookups import GreaterThan

from valv.archive.evidence_models import ChatCopy as ChatCopy
from valv.archive.evidence_models import Consent as Consent
from valv.archive.file_models import PreparedFile as PreparedFile
from valv.archive.file_models import PreparedPart as PreparedPart
from valv.archive.flags import WHOM, Flag
from valv.archive.hold_models import Hold as Hold
from valv.archive.hold_models import HoldItem as HoldItem
from valv.archive.link_models import SecureLink as SecureLink
from valv.archive.link_models import SharedCopy as SharedCopy
from valv.archive.page_models import PlayHandle as PlayHandle
from valv.archive.page_models import StoredSearch as StoredSearch
from valv.archive.score_models import KeptScore as KeptScore
from valv.archive.standing_models import StandingEntry as StandingEntry
from valv.archive.word_models import Agent as Agent
from valv.archive.word_models import Queue as Queue
from valv.archive.word_models import Topic as Topic
from valv.storage.fields import InstantField
from valv.storage.models import Monthly, MonthlyById, TenantOwned

Q, F = models.Q, models.F
# Events may tell of somebody else: a source stated who, or a job cut who it was.
TOLD_APART = Q(GreaterThan(F("flags").bitand(int(Flag.RAW)), 0)) & (
    Q(GreaterThan(F("stated").bitand(WHOM), 0)) | Q(anonymised_at__isnull=False)
)


class Interaction(MonthlyById, TenantOwned):
    """One call, chat, e-mail, e-task or social contact: its general information.

    ``text`` is sealed JSON {subject, url, variables}. ``stated`` is the set of fields a
    source stated outright (bits of ``intake.stated``), which win over what events tell.
    ``flags`` is the set of ``queries.Flag`` for what is present, ``gaps`` that of what
    its events showed to be missing, a bit for each ``core.completeness.Gap``.
    """

    id = models.BigIntegerField(primary_key=True)
    session_id = models.CharField(max_length=200)
    media = models.SmallIntegerField()
    direction = models.SmallIntegerField(default=0)
    started_at = InstantField()
    ended_at = InstantField(null=True)
    aged_from = InstantField()
    terms = models.IntegerField(default=0, db_default=0)
    queue_id = models.BigIntegerField(null=True)
    agent_ids = models.JSONField(default=list)
    wait_seconds = models.FloatField(null=True)
    talk_seconds = models.FloatField(null=True)
    outcome = models.CharField(max_length=40, null=True)
    phone_id = models.BigIntegerField(null=True)
    email_id = models.BigIntegerField(null=True)
    name_id = models.BigIntegerField(null=True)
    handle_id = models.BigIntegerField(null=True)
    withheld = models.BooleanField(default=False)
    has_others = models.BooleanField(default=False)
    text = models.BinaryField(null=True)
    flags = models.SmallIntegerField(default=0)
    score = models.FloatField(null=True)
    stated = models.IntegerField(default=0)
    gaps = models.SmallIntegerField(default=0)
    deny_recording = models.BooleanField(default=False)
    storage_refused = models.BooleanField(default=False)
    restricted = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    anonymised_at = InstantField(null=True)
    updated_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "interaction"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=[
                    "tenant_id",
                    "started_at",
                    "id",
                    "media",
                    "direction",
                    "queue_id",
                    "outcome",
                    "flags",
                    "score",
                ],
                name="interaction_time",
            ),
            models.Index(
                fields=["tenant_id", "queue_id", "started_at", "id", "media"],
                name="interaction_queue",
                condition=Q(queue_id__isnull=False),
            ),
            *(
                models.Index(
                    fields=["tenant_id", f"{kind}_id", "started_at", "id"],
                    name=f"interaction_{kind}",
                    condition=Q(**{f"{kind}_id__isnull": False}),
                )
                for kind in ("phone", "email", "name", "handle")
            ),
            models.Index(
                fields=["tenant_id"], name="interaction_held", condition=Q(held=True)
            ),
            models.Index(
                fields=["tenant_id", "id"],
                name="interaction_restricted",
                condition=Q(restricted=True),
            ),
            models.Index(
                fields=["tenant_id", "id"],
                name="interaction_told_apart",
                condition=TOLD_APART,
            ),
            models.Index(
                fields=["tenant_id", "terms", "aged_from", "id"],
                name="interaction_kept",
            ),
        ]


class Session(TenantOwned):
    """Which interaction a source's session id means; as long as the interaction."""

    pk = models.CompositePrimaryKey("tenant_id", "session_id")
    session_id = models.CharField(max_length=200)
    interaction_id = models.BigIntegerField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "session"


class Stray(TenantOwned):
    """An interaction whose start is further than 24 h from the moment in its id."""

    interaction_id = models.BigIntegerField(primary_key=True)
    started_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "stray"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "started_at", "interaction_id"], name="stray_time"
            )
        ]


class Participation(Monthly, TenantOwned):
    """An agent who took part; ``started_at`` is the interaction's."""

    pk = models.CompositePrimaryKey("interaction_id", "agent_id")
    interaction_id = models.BigIntegerField()
    agent_id = models.BigIntegerField()
    started_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "participation"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "agent_id", "started_at", "interaction_id"],
                name="participation_agent",
            )
        ]


class OtherParty(Monthly, TenantOwned):
    """A further outside party; the first of each kind stands on the interaction."""

    pk = models.CompositePrimaryKey("interaction_id", "identifier_id")
    interaction_id = models.BigIntegerField()
    identifier_id = models.BigIntegerField()
    started_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "other_party"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "identifier_id", "started_at", "interaction_id"],
                name="other_party_identifier",
            )
        ]


class Identifier(TenantOwned):
    """A number, address, handle or name, once per tenant.

    ``hash`` is the tenant's keyed hash of kind and normal form; ``sealed`` is JSON
    {kind, shown, normal, form} under the identifier's own key. A name has an
    ``owner_id``: the identifier it came with, else its interaction; others have 0. All
    are blanked when the identifier is forgotten. ``mentioned_at`` is when staff last
    named it in a text, which it stays for.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.SmallIntegerField()
    owner_id = models.BigIntegerField(default=0)
    hash = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    written_at = InstantField()
    mentioned_at = InstantField(null=True)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "identifier"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant_id", "hash", "kind", "owner_id"],
                name="identifier_once",
                condition=Q(hash__isnull=False),
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_id", "written_at"], name="identifier_written"),
            models.Index(
                fields=["tenant_id", "owner_id"],
                name="identifier_owner",
                condition=~Q(owner_id=0),
            ),
        ]


class Epoch(TenantOwned):
    """Raised in the transaction that forgets; caches built before it are void."""

    id = models.BigAutoField(primary_key=True)
    epoch = models.BigIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "epoch"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_id"], name="epoch_once")
        ]


class Content(Monthly, TenantOwned):
    """A recording, chat log or transcript; the row outlives the bytes as a tombstone.

    ``id`` names the key and the blobs. ``digest`` is the keyed hash of the source's
    bytes; ``pauses`` are where it was silenced, as [from, to] in milliseconds of its
    sound. ``provisional`` says that its state may yet be another: content that waits
    for its decision, or the refusal of some of which no byte ever came.
    ``rule`` and ``policy_version`` say by what a recording is kept or waits, and stay
    what they were.
    """

    pk = models.CompositePrimaryKey("interaction_id", "kind", "n")
    interaction_id = models.BigIntegerField()
    kind = models.SmallIntegerField()
    n = models.IntegerField()
    id = models.BigIntegerField(null=True)
    state = models.SmallIntegerField()
    provisional = models.BooleanField(default=False)
    aged_from = InstantField()
    terms = models.IntegerField(default=0, db_default=0)
    started_at = InstantField(null=True)
    agent_id = models.BigIntegerField(null=True)
    seconds = models.FloatField(null=True)
    channels = models.SmallIntegerField(null=True)
    pauses = models.JSONField(default=list)
    bytes = models.BigIntegerField(null=True)
    stored_bytes = models.BigIntegerField(null=True)
    format = models.CharField(max_length=12, default="")
    blob = models.CharField(max_length=120, default="")
    peaks_blob = models.CharField(max_length=120, default="")
    peaks_stored_bytes = models.BigIntegerField(null=True)
    digest = models.BinaryField(null=True)
    rule = models.CharField(max_length=24, default="")
    policy_version = models.IntegerField(null=True)
    removed_at = InstantField(null=True)
    removed_by = models.CharField(max_length=200, default="")
    removed_reason = models.CharField(max_length=500, default="")

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "content"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "kind", "terms", "aged_from", "interaction_id"],
                name="content_kept",
                condition=Q(state=1),
            ),
            models.Index(fields=["tenant_id", "id"], name="content_id"),
            models.Index(
                fields=["tenant_id", "interaction_id"],
                name="content_provisional",
                condition=Q(provisional=True),
            ),
        ]


class Survey(Monthly, TenantOwned):
    """A score with its scale; the comment is sealed under the interaction's key."""

    interaction_id = models.BigIntegerField(primary_key=True)
    score = models.FloatField(null=True)
    scale_from = models.SmallIntegerField(default=0)
    scale_to = models.SmallIntegerField(default=10)
    comment = models.BinaryField(null=True)
    at = InstantField()
    aged_from = InstantField()
    terms = models.IntegerField(default=0, db_default=0)

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "survey"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "at", "interaction_id"], name="survey_time"
            ),
            models.Index(
                fields=["tenant_id", "terms", "aged_from"], name="survey_kept"
            ),
        ]


class Registration(Monthly, TenantOwned):
    """A topic an agent picked, each once, in the order they came.

    ``started_at`` is the interaction's.
    """

    pk = models.CompositePrimaryKey("interaction_id", "n")
    interaction_id = models.BigIntegerField()
    n = models.IntegerField()
    topic_id = models.BigIntegerField()
    at = InstantField(null=True)
    started_at = InstantField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "registration"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "topic_id", "started_at", "interaction_id"],
                name="registration_topic",
            )
        ]


class RawEvent(Monthly, TenantOwned):
    """What the source told, masked; ``event`` is the keyed hash of its event id.

    ``body`` is sealed JSON of event id and data under the interaction's text key;
    identifiers in it are references, not values. A chat message's text is not in it.
    """

    pk = models.CompositePrimaryKey("interaction_id", "event")
    interaction_id = models.BigIntegerField()
    event = models.BinaryField(max_length=16)
    type = models.CharField(max_length=40)
    at = InstantField()
    aged_from = InstantField()
    terms = models.IntegerField(default=0, db_default=0)
    body = models.BinaryField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "raw_event"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant_id", "at", "interaction_id"], name="raw_event_time"
            ),
            models.Index(
                fields=["tenant_id", "terms", "aged_from"], name="raw_event_kept"
            ),
        ]


class ChatPart(Monthly, TenantOwned):
    """One chat message of a chat that has not ended, sealed under its content's key."""

    pk = models.CompositePrimaryKey("interaction_id", "event")
    interaction_id = models.BigIntegerField()
    event = models.BinaryField(max_length=16)
    content_id = models.BigIntegerField()
    at = InstantField()
    sealed = models.BinaryField()

    class Meta(TenantOwned.Meta):
        abstract = False
        db_table = "chat_part"
