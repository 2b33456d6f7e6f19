"""Recordings on their way in: decoded once, and kept as MP3 with their waveform."""

from collections.abc import Iterator, Sequence
from io import SEEK_END, SEEK_SET

from valv.archive import contents
from valv.archive.contents import Sealing
from valv.core.interaction import ContentKind
from valv.intake.audio import Stretch, examine, transcode
from valv.intake.contents import Facts, Incoming, Piece
from valv.intake.decoding import ByteSource
from valv.tenants.models import Tenant

CHUNK = 1 << 18
MP3 = "mp3"


def recording(
    tenant: Tenant,
    piece: Piece,
    source: ByteSource,
    *,
    channels: int | None,
    hint: str,
) -> Incoming:
    """A recording to be kept as MP3, or as it came where the tenant wishes.

    ``source`` is read and sought in, such as a finished spool, when the bytes are
    stored; that raises Malformed, EmptyAudio or TooLarge for what cannot be kept.
    """

    def fill(sealing: Sealing) -> tuple[Sealing, Facts]:
        if tenant.keep_original_audio:
            return _as_it_came(sealing, source, channels=channels, hint=hint)
        return as_mp3(sealing, source, channels=channels, hint=hint)

    return Incoming(piece, fill)


def as_mp3(
    sealing: Sealing,
    source: ByteSource,
    *,
    channels: int | None = None,
    hint: str = "",
    silent: Sequence[Stretch] = (),
) -> tuple[Sealing, Facts]:
    """Seal a sound as MP3 with its waveform, durably; ``silent`` where it is to be."""
    made = transcode(source, channels=channels, hint=hint, silent=silent)
    count = _Counted(made.chunks)
    sealing = contents.store(sealing, ContentKind.RECORDING, count)
    sealing = contents.store_peaks(sealing, made.peaks)
    return sealing, Facts(count.bytes, MP3, made.seconds, made.channels)


def _as_it_came(
    sealing: Sealing, source: ByteSource, *, channels: int | None, hint: str
) -> tuple[Sealing, Facts]:
    facts = examine(source, channels=channels, hint=hint)
    size = source.seek(0, SEEK_END)
    source.seek(0, SEEK_SET)
    chunks = iter(lambda: source.read(CHUNK) or b"", b"")
    sealing = contents.store(sealing, ContentKind.RECORDING, chunks)
    sealing = contents.store_peaks(sealing, facts.peaks)
    name = facts.media_type.partition("/")[2][:12]
    return sealing, Facts(size, name, facts.seconds, facts.channels)


class _Counted:
    """Chunks, and how many bytes they were."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.bytes += len(chunk)
            yield chunk
