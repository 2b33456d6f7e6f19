"""Content on its way in: asked, sealed, asked again, admitted.

A rule is asked before a byte is stored, and once more in the transaction that admits,
for a refusal may have come meanwhile. What waits for its decision is admitted, and
shown to nobody. The same bytes twice are one content; other bytes in its place a
conflict; and nothing comes where something was removed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from valv.archive import contents, vocabulary
from valv.archive.contents import Sealing
from valv.archive.flags import FLAG_OF_KIND
from valv.archive.models import ChatPart, Content, Interaction
from valv.archive.sessions import stored_word
from valv.archive.storage_terms import Sorting
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Conflict, Gone, Refused
from valv.core.identifiers import Kind
from valv.core.interaction import ContentKind, ContentState, Media, refuse_content
from valv.core.legs import RecordingRef
from valv.core.people import Actor
from valv.core.recording_table import REASONS
from valv.core.storage_rules import Terms
from valv.intake import pauses
from valv.intake.bodies import ruling_medium
from valv.intake.decisions import judge, refusal_by
from valv.intake.drafts import Draft, set_flag
from valv.intake.parties import Read, know
from valv.intake.stated import Stated
from valv.intake.told import evidence_of
from valv.storage import keys
from valv.storage.models import Intent
from valv.tenants.models import Tenant

MEDIA_OF_KIND = {
    ContentKind.RECORDING: frozenset({Media.PHONE, Media.SOCIAL, Media.CHAT}),
    ContentKind.CHAT_LOG: frozenset({Media.CHAT, Media.SOCIAL}),
    ContentKind.TRANSCRIPT: frozenset({Media.PHONE, Media.SOCIAL, Media.CHAT}),
}
# Refusals that last: a tombstone tells of them, and nothing comes in its place.
LASTING = frozenset(
    {
        "storage_refused",
        "standing_entry",
        "storage_time",
        "anonymised",
        "recording_gone",
        *REASONS,
    }
)
HELD = (ContentState.PRESENT.number, ContentState.AWAITING.number)


@dataclass(frozen=True, slots=True)
class Piece:
    """What is about to come in. ``digest`` is of the source's own bytes.

    ``agent`` is the source's id of whoever the recording is of, ``visitor`` the name
    that a chat log gives the visitor.
    """

    kind: ContentKind
    n: int
    digest: bytes
    started_at: datetime | None = None
    agent: str | None = None
    visitor: Read = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.kind.value}:{self.n}"

    @property
    def ref(self) -> RecordingRef:
        return RecordingRef(self.n, self.agent, self.started_at)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the content once it is stored."""

    bytes: int
    format: str
    seconds: float | None = None
    channels: int | None = None


Fill = Callable[[Sealing], tuple[Sealing, Facts]]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A piece, and what stores its bytes."""

    piece: Piece
    fill: Fill


@dataclass(frozen=True, slots=True)
class Prepared:
    """A piece whose bytes are durable, sealed under a key of their own, without row."""

    piece: Piece
    sealing: Sealing
    facts: Facts


class Held(Exception):
    """The very same bytes came in meanwhile."""


def refuse(
    tenant: Tenant,
    interaction: Interaction,
    kind: ContentKind,
    *,
    kept: Sorting | None = None,
) -> None:
    """Raises Refused, naming the rule, if this content may not be kept.

    ``kept`` is given by whoever has read the storage times in this scope already.
    """
    media = ruling_medium(interaction)
    refuse_content(media, social_kept=tenant.social_content)
    if kind is not ContentKind.CHAT_LOG and interaction.deny_recording:
        raise refusal_by("deny_recording")
    if interaction.stated & Stated.STANDING:
        raise Refused("standing_entry", "Nothing is to be kept of this person.")
    if interaction.storage_refused:
        raise Refused("storage_refused", "The visitor refused storage.")
    if media not in MEDIA_OF_KIND[kind]:
        raise Refused("media", f"A {kind.value} does not belong to {media.value}.")
    _refuse_by_time(interaction, kind, (kept or Sorting()).terms(interaction))


def _refuse_by_time(row: Interaction, kind: ContentKind, terms: Terms) -> None:
    """A transcript goes with its recording, and is not kept where that is not."""
    kinds = {kind}
    if kind is ContentKind.TRANSCRIPT:
        kinds.add(ContentKind.RECORDING)
    if not all(terms.keeps(one, restricted=bool(row.restricted)) for one in kinds):
        raise Refused("storage_time", "The storage time of this content is 0 days.")


def is_held(tenant: Tenant, interaction: Interaction, piece: Piece) -> bool:
    """Whether these very bytes are held already. Inside a scope.

    Raises Gone for what was removed, Conflict for other bytes in its place, and Refused
    where the person was cut before anything came.
    """
    row = contents.row_of(interaction.id, piece.kind, piece.n)
    contents.raise_if_final(row)
    if row is not None and row.state in HELD and row.digest:
        if bytes(row.digest) != _digest(tenant, piece):
            raise Conflict("Other bytes are held in this place.")
        return True
    if piece.kind is ContentKind.TRANSCRIPT:
        _refuse_after_its_recording(interaction, piece.n)
    if interaction.anonymised_at is not None:
        raise Refused("anonymised", "The person was cut from this interaction.")
    return False


def _refuse_after_its_recording(interaction: Interaction, n: int) -> None:
    """A transcript goes with its recording, and does not come after it either."""
    recording = contents.row_of(interaction.id, ContentKind.RECORDING, n)
    try:
        contents.raise_if_final(recording)
    except Gone:
        if recording is not None and recording.state == ContentState.REFUSED.number:
            raise refusal_by(recording.removed_reason) from None
        raise Refused("recording_gone", "Its recording is gone.") from None


def _digest(tenant: Tenant, piece: Piece) -> bytes:
    return keys.digest(tenant.id, "content", piece.digest)


def prepare(tenant: Tenant, incoming: Incoming, *, now: datetime) -> Prepared:
    """Seal the bytes, durably and outside of any scope; then ``promise`` them.

    What ``fill`` raises leaves nothing behind.
    """
    sealing = contents.begin(tenant.id, now=now)
    try:
        sealing, facts = incoming.fill(sealing)
    except BaseException:
        contents.abandon(sealing)
        raise
    return Prepared(incoming.piece, sealing, facts)


def promise(prepared: Iterable[Prepared], *, now: datetime) -> list[Prepared]:
    """Decide to destroy it unless it is admitted next, so that no crash keeps it."""
    listed = list(prepared)
    sealings = contents.promise((one.sealing for one in listed), now=now)
    pairs = zip(listed, sealings, strict=True)
    return [replace(one, sealing=sealing) for one, sealing in pairs]


def abandon(prepared: Iterable[Prepared]) -> None:
    """Destroy what will not be admitted, before anything is answered."""
    for one in prepared:
        contents.abandon(one.sealing)


def admit(
    tenant: Tenant, draft: Draft, prepared: Prepared, *, actor: Actor, now: datetime
) -> list[Intent]:
    """Ask once more, now that nobody else can change it, and commit the row.

    Answers the intents that end what it takes the place of: a chat log made of messages
    gives way to one sent whole. Raises Held as well as what ``refuse`` and ``is_held``
    do; what was prepared is then to be abandoned.
    """
    piece, facts = prepared.piece, prepared.facts
    refuse(tenant, draft.row, piece.kind)
    if is_held(tenant, draft.row, piece):
        raise Held
    ruled = judge(tenant, draft.row, piece.kind, piece.ref)
    row = contents.row_of(draft.id, piece.kind, piece.n)
    doomed = _replaced(row, now=now)
    row = row or Content(
        interaction_id=draft.id,
        kind=piece.kind.number,
        n=piece.n,
        state=ContentState.AWAITING.number,
    )
    row.aged_from, row.terms = _aged_from(draft), draft.row.terms
    row.rule, row.policy_version = ruled.rule, ruled.version
    row.started_at = piece.started_at or row.started_at
    row.agent_id = _agent_id(tenant, piece) or row.agent_id
    row.digest, row.format = _digest(tenant, piece), facts.format
    row.seconds, row.channels, row.bytes = facts.seconds, facts.channels, facts.bytes
    waits = pauses.note(row, evidence_of(tenant.id, draft.row)) or ruled.waits
    contents.admit(row, prepared.sealing, provisional=waits)
    if not waits:
        set_flag(draft.row, FLAG_OF_KIND[piece.kind], on=True)
    details = {"waits": True} if waits else {}
    act = Act(Action.RECEIVE, draft.id, content=piece.name, details=details)
    record(act, actor=actor, now=now)
    _know_visitor(tenant, draft, piece, now=now)
    return doomed


def _know_visitor(tenant: Tenant, draft: Draft, piece: Piece, *, now: datetime) -> None:
    """A name alone belongs to its interaction; a stated one stands."""
    if not piece.visitor or draft.is_cut or draft.states(Stated.NAME):
        return
    (known,) = know(tenant, [(draft.id, piece.visitor)], now=now)
    draft.row.name_id = known.ids[Kind.NAME]
    draft.row.stated |= int(Stated.NAME_IN_LOG)


def _aged_from(draft: Draft) -> datetime:
    """Of a new interaction it is not settled yet; of others, ``saving`` keeps step."""
    row = draft.row
    ended_at = row.ended_at or row.started_at
    aged: datetime = max(row.started_at, ended_at) if draft.is_new else row.aged_from
    return aged


def _agent_id(tenant: Tenant, piece: Piece) -> int | None:
    if piece.agent is None:
        return None
    stored = stored_word(tenant, piece.agent)
    return vocabulary.agent_ids({stored: ""})[stored]


def _replaced(row: Content | None, *, now: datetime) -> list[Intent]:
    if row is None or row.id is None:
        return []
    ChatPart.objects.filter(interaction_id=row.interaction_id).delete()
    return contents.doomed([row], now=now)
