"""The content of an arrival, made ready piece by piece, or told why not.

The bytes of a recording are inline or beside the arrival, and must be those that were
vouched for. What is held already, or was removed, is passed over; what a rule refuses
is named; what cannot be had is told of, and the rest goes on.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from valv.archive import contents
from valv.archive.models import Interaction
from valv.core.errors import Conflict, Gone, Refused
from valv.core.interaction import Arrival, ContentKind, RecordingPart
from valv.intake import beginnings
from valv.intake.audio import examine
from valv.intake.beginnings import Guess
from valv.intake.bodies import set_medium
from valv.intake.contents import Incoming, Piece, Prepared, is_held, prepare, refuse
from valv.intake.decisions import judge
from valv.intake.drafts import refuse_storage
from valv.intake.general import heed, restrict
from valv.intake.parties import is_barred
from valv.intake.recordings import recording
from valv.intake.stated import Stated
from valv.intake.written_down import chat_log, transcript
from valv.storage import scope, spools
from valv.tenants.models import Tenant

# The bytes of a file beside the arrival, as often as asked; None if it is not there.
Beside = Callable[[str], Iterable[bytes] | None]

# Rules that are no news to whoever imports: the tenant itself decided so.
SILENT = frozenset({"storage_time", "anonymised"})


def nothing_beside(_name: str) -> None:
    """There is nothing beside an arrival that came alone."""


@dataclass(slots=True)
class Pieces:
    """What became of the parts: sealed and waiting for their rows, refused, amiss.

    A dry run seals nothing, and lists what would come.
    """

    prepared: list[Prepared] = field(default_factory=list)
    refused: list[tuple[Piece, Refused]] = field(default_factory=list)
    amiss: list[str] = field(default_factory=list)
    is_dry: bool = False
    would_come: list[Piece] = field(default_factory=list)

    def refuse_with_recording(self, piece: Piece) -> None:
        """Raises Refused for the transcript of a recording that is refused here."""
        for other, refusal in self.refused:
            if (other.kind, other.n) == (ContentKind.RECORDING, piece.n):
                raise refusal

    def told(self) -> list[Refused]:
        """The refusals to be named, each rule once."""
        rules = {one.rule: one for _, one in self.refused if one.rule not in SILENT}
        return list(rules.values())


@dataclass(frozen=True, slots=True)
class Asking:
    """An arrival on its way in, and what is known of its interaction."""

    tenant: Tenant
    arrival: Arrival
    guess: Guess
    beside: Beside
    now: datetime

    def interaction(self) -> Interaction:
        """As it would be with what the arrival says. Inside a scope; never saved."""
        row = beginnings.known(self.guess)
        row = row or beginnings.imagined(self.guess, now=self.now)
        if self.arrival.general.media:
            set_medium(row, self.arrival.general.media)
        apply_refusals(self.arrival, row)
        if not row.held and is_barred(self.tenant, self.arrival.general, now=self.now):
            row.stated |= int(Stated.STANDING)
        return row

    def judge(self, row: Interaction, piece: Piece) -> None:
        """Raises Refused if the recording rules say no."""
        general = self.arrival.general
        judge(self.tenant, row, piece.kind, piece.ref, general=general)


def apply_refusals(arrival: Arrival, row: Interaction) -> None:
    """A refusal once given stands; evidence of one is a refusal."""
    row.deny_recording |= arrival.recording_refused
    if arrival.storage_refused:
        refuse_storage(row)
    heed(row, arrival.general.variables or {})
    if arrival.restricted:
        restrict(row)


def make_ready(asking: Asking, pieces: Pieces) -> None:
    """Seal all that is to come in. What was sealed stands in ``pieces`` at any time.

    Raises Refused (``content_hash``) for bytes that are not those vouched for, and
    Malformed or TooLarge for what cannot be read.
    """
    for part in asking.arrival.recordings:
        _make_recording_ready(asking, part, pieces)
    for written in asking.arrival.transcripts:
        _take(asking, transcript(asking.tenant, written), pieces)
    if asking.arrival.chat_log is not None:
        _take(asking, chat_log(asking.tenant, asking.arrival.chat_log), pieces)


def _make_recording_ready(asking: Asking, part: RecordingPart, pieces: Pieces) -> None:
    with _bytes_of(part, asking.beside) as came:
        if came is None:
            if not _has_row(asking, part.n):
                pieces.amiss.append(
                    f"Recording {part.n} is not here: no such file lies beside it."
                )
            return
        if part.digests and came.sha512 not in part.digests:
            raise Refused(
                "content_hash",
                f"The bytes of recording {part.n} are not those that were vouched for.",
            )
        piece = Piece(
            ContentKind.RECORDING,
            part.n,
            came.sha256,
            started_at=part.started_at,
            agent=part.agent,
        )
        if pieces.is_dry:
            examine(came.file, channels=None, hint=_hint(part))
        incoming = recording(
            asking.tenant, piece, came.file, channels=None, hint=_hint(part)
        )
        _take(asking, incoming, pieces)


@contextmanager
def _bytes_of(part: RecordingPart, beside: Beside) -> Iterator[spools.Spooled | None]:
    chunks: Iterable[bytes] | None = None if part.body is None else [part.body]
    if chunks is None and part.filename:
        chunks = beside(part.filename)
    if chunks is None:
        yield None
        return
    with spools.spooled(chunks) as came:
        yield came


def _has_row(asking: Asking, n: int) -> bool:
    """Whether the recording came, or went, already."""
    with scope.reading(asking.tenant.id):
        known = beginnings.known(asking.guess)
        if known is None:
            return False
        row = contents.row_of(known.id, ContentKind.RECORDING, n)
    return row is not None and bool(row.blob or row.removed_at)


def _hint(part: RecordingPart) -> str:
    if part.filename:
        return part.filename
    return "." + (part.mediatype or "").partition("/")[2].removeprefix("x-")


def _take(asking: Asking, incoming: Incoming, pieces: Pieces) -> None:
    piece = incoming.piece
    try:
        with scope.reading(asking.tenant.id):
            row = asking.interaction()
            there = is_held(asking.tenant, row, piece)
            if not there:
                refuse(asking.tenant, row, piece.kind)
                asking.judge(row, piece)
                if piece.kind is ContentKind.TRANSCRIPT:
                    pieces.refuse_with_recording(piece)
    except Gone:
        return
    except Refused as refusal:
        pieces.refused.append((piece, refusal))
        return
    except Conflict as conflict:
        pieces.amiss.append(f"{piece.name}: {conflict.detail}")
        return
    if not there and pieces.is_dry:
        pieces.would_come.append(piece)
    elif not there:
        pieces.prepared.append(prepare(asking.tenant, incoming, now=asking.now))
