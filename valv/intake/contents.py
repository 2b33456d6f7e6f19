"""Content on its way in: asked, sealed, asked again, admitted.

A rule is asked before a byte is stored, and once more in the transaction that admits,
for a refusal may have come meanwhile. What is refused is recorded and destroyed before
the answer. The same bytes twice are one content; other bytes in its place a conflict.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from valv.archive import contents, vocabulary
from valv.archive.contents import Sealing
from valv.archive.flags import FLAG_OF_KIND
from valv.archive.models import ChatPart, Content, Interaction
from valv.archive.operations import locked as locked
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Conflict, NotFound, Refused
from valv.core.interaction import ContentKind, ContentState, Media, refuse_content
from valv.core.people import Actor
from valv.core.retention import StorageTimes
from valv.storage import intents, keys, scope
from valv.storage.models import Intent
from valv.tenants.models import Tenant
from valv.tenants.queries import storage_times

# Refusals that last: a tombstone tells of them, and nothing comes in its place.
LASTING = frozenset({"deny_recording", "storage_refused", "storage_time", "anonymised"})
MEDIA_OF_KIND = {
    ContentKind.RECORDING: frozenset({Media.PHONE, Media.SOCIAL, Media.CHAT}),
    ContentKind.CHAT_LOG: frozenset({Media.CHAT, Media.SOCIAL}),
    ContentKind.TRANSCRIPT: frozenset({Media.PHONE, Media.SOCIAL, Media.CHAT}),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What is about to come in. ``digest`` is of the source's own bytes.

    ``agent`` is the source's id of whoever the recording is of.
    """

    kind: ContentKind
    n: int
    digest: bytes
    started_at: datetime | None = None
    agent: str | None = None

    @property
    def name(self) -> str:
        return f"{self.kind.value}:{self.n}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the content once it is stored."""

    bytes: int
    format: str
    seconds: float | None = None
    channels: int | None = None


Fill = Callable[[Sealing], tuple[Sealing, Facts]]


def receive(
    tenant: Tenant,
    interaction_id: int,
    piece: Piece,
    fill: Fill,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Take content in; ``fill`` stores its bytes. Answers whether it is new.

    Raises Refused (and records it), Gone for what was removed, Conflict for other bytes
    in its place, NotFound if the interaction is not there.
    """
    try:
        return _received(tenant, interaction_id, piece, fill, actor=actor, now=now)
    except Refused as refusal:
        _note_refusal(tenant, interaction_id, piece, refusal, actor=actor, now=now)
        raise


def _received(
    tenant: Tenant,
    interaction_id: int,
    piece: Piece,
    fill: Fill,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    digest = keys.digest(tenant.id, "content", piece.digest)
    with scope.reading(tenant.id):
        if _is_there(tenant, interaction_id, piece, digest):
            return False
    sealing = contents.begin(tenant.id, now=now)
    try:
        sealing, facts = fill(sealing)
        with scope.writing(tenant.id):
            doomed = _admit(
                tenant, interaction_id, piece, digest, sealing, facts, now=now
            )
            act = Act(Action.RECEIVE, interaction_id, content=piece.name)
            record(act, actor=actor, now=now)
    except _Held:
        contents.abandon(sealing)
        return False
    except BaseException:
        contents.abandon(sealing)
        raise
    intents.carry_out(tenant.id, doomed)
    return True


class _Held(Exception):
    """The very same bytes came in meanwhile."""


def _is_there(tenant: Tenant, interaction_id: int, piece: Piece, digest: bytes) -> bool:
    """Ask the rules, then whether these very bytes are held already."""
    interaction = Interaction.objects.filter(id=interaction_id).first()
    if interaction is None:
        raise NotFound
    refuse(tenant, interaction, piece.kind)
    row = contents.row_of(interaction_id, piece.kind, piece.n)
    return _is_held(interaction, piece, row, digest)


def _is_held(
    interaction: Interaction, piece: Piece, row: Content | None, digest: bytes
) -> bool:
    """Raises Gone, Refused or Conflict where nothing can come in this place."""
    contents.raise_if_removed(row)
    if row is not None and row.state == ContentState.PRESENT.number and row.digest:
        if bytes(row.digest) != digest:
            raise Conflict("Other bytes are held in this place.")
        return True
    if piece.kind is ContentKind.TRANSCRIPT:
        # A transcript goes with its recording, and does not come after it either.
        contents.raise_if_removed(
            contents.row_of(interaction.id, ContentKind.RECORDING, piece.n)
        )
    if interaction.anonymised_at is not None:
        raise Refused("anonymised", "The person was cut from this interaction.")
    return False


def refuse(
    tenant: Tenant,
    interaction: Interaction,
    kind: ContentKind,
    *,
    times: StorageTimes | None = None,
) -> None:
    """Raises Refused, naming the rule, if this content may not be kept.

    ``times`` spares reading the storage times where many are asked about.
    """
    media = Media.numbered(interaction.media)
    refuse_content(media, social_kept=tenant.social_content)
    if kind is not ContentKind.CHAT_LOG and interaction.deny_recording:
        raise Refused("deny_recording", "The caller refused to be recorded.")
    if interaction.storage_refused:
        raise Refused("storage_refused", "The visitor refused storage.")
    if media not in MEDIA_OF_KIND[kind]:
        raise Refused("media", f"A {kind.value} does not belong to {media.value}.")
    if not (times or storage_times()).keeps(kind):
        raise Refused("storage_time", "The storage time of this content is 0 days.")


def _admit(
    tenant: Tenant,
    interaction_id: int,
    piece: Piece,
    digest: bytes,
    sealing: Sealing,
    facts: Facts,
    *,
    now: datetime,
) -> list[Intent]:
    """Ask once more, now that nobody else can change it, and commit the row.

    Answers the intents that end what it takes the place of: a chat log made of
    messages gives way to one sent whole. Raises _Held as well as what ``receive`` does.
    """
    interaction = locked(interaction_id)
    refuse(tenant, interaction, piece.kind)
    row = contents.row_of(interaction_id, piece.kind, piece.n)
    if _is_held(interaction, piece, row, digest):
        raise _Held
    doomed = _replaced(row, now=now)
    row = row or Content(
        interaction_id=interaction_id, kind=piece.kind.number, n=piece.n
    )
    row.aged_from, row.provisional = interaction.aged_from, False
    row.started_at = piece.started_at or row.started_at
    row.agent_id = _agent_id(piece) or row.agent_id
    row.digest, row.format = digest, facts.format
    row.seconds, row.channels, row.bytes = facts.seconds, facts.channels, facts.bytes
    contents.admit(row, sealing)
    interaction.flags |= int(FLAG_OF_KIND[piece.kind])
    interaction.save(update_fields=["flags"])
    return doomed


def _replaced(row: Content | None, *, now: datetime) -> list[Intent]:
    if row is None or row.id is None:
        return []
    ChatPart.objects.filter(interaction_id=row.interaction_id).delete()
    return intents.commit([contents.intent_of(row, now=now)])


def _agent_id(piece: Piece) -> int | None:
    if piece.agent is None:
        return None
    return vocabulary.agent_ids({piece.agent: ""})[piece.agent]


def _note_refusal(
    tenant: Tenant,
    interaction_id: int,
    piece: Piece,
    refusal: Refused,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Record the refusal, and leave a tombstone that says why nothing is there."""
    with scope.writing(tenant.id):
        interaction = Interaction.objects.filter(id=interaction_id).first()
        if interaction is None:
            return
        row = contents.row_of(interaction_id, piece.kind, piece.n)
        if row is None and refusal.rule in LASTING:
            _refused_row(interaction, piece, refusal, now=now).save(force_insert=True)
        details = {"rule": refusal.rule}
        record(
            Act(Action.REFUSE, interaction_id, content=piece.name, details=details),
            actor=actor,
            now=now,
        )


def _refused_row(
    interaction: Interaction, piece: Piece, refusal: Refused, *, now: datetime
) -> Content:
    return Content(
        interaction_id=interaction.id,
        kind=piece.kind.number,
        n=piece.n,
        state=ContentState.REFUSED.number,
        aged_from=interaction.aged_from,
        removed_at=now,
        removed_by="rule",
        removed_reason=refusal.rule,
    )
