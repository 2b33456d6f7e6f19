"""Recordings and transcripts on their way in."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from io import SEEK_END, SEEK_SET

import msgspec

from valv.archive import contents
from valv.archive.contents import Sealing
from valv.core.interaction import ContentKind, Transcript
from valv.core.people import Actor
from valv.intake.audio import examine, transcode
from valv.intake.contents import Facts, Piece, receive
from valv.intake.decoding import ByteSource
from valv.tenants.models import Tenant

CHUNK = 1 << 18
MP3 = "mp3"


def put_recording(
    tenant: Tenant,
    interaction_id: int,
    piece: Piece,
    source: ByteSource,
    *,
    channels: int | None,
    hint: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Keep a recording as MP3, or as it came where the tenant wishes; with waveform.

    ``source`` is read and sought in, such as a finished spool. Answers whether it is
    new; raises as ``contents.receive``, and Malformed, EmptyAudio or TooLarge for audio
    that cannot be kept.
    """

    def fill(sealing: Sealing) -> tuple[Sealing, Facts]:
        if tenant.keep_original_audio:
            return _as_it_came(sealing, source, channels=channels, hint=hint)
        return _as_mp3(sealing, source, channels=channels, hint=hint)

    return receive(tenant, interaction_id, piece, fill, actor=actor, now=now)


def _as_mp3(
    sealing: Sealing, source: ByteSource, *, channels: int | None, hint: str
) -> tuple[Sealing, Facts]:
    made = transcode(source, channels=channels, hint=hint)
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


def put_transcript(
    tenant: Tenant,
    interaction_id: int,
    transcript: Transcript,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Keep what was said in recording ``n``, in writing. Answers whether it is new."""
    return put_text(
        tenant,
        interaction_id,
        ContentKind.TRANSCRIPT,
        transcript.n,
        msgspec.json.encode(transcript),
        actor=actor,
        now=now,
    )


def put_text(
    tenant: Tenant,
    interaction_id: int,
    kind: ContentKind,
    n: int,
    text: bytes,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Keep a chat log or transcript, as JSON. Answers whether it is new."""

    def fill(sealing: Sealing) -> tuple[Sealing, Facts]:
        return contents.store(sealing, kind, [text]), Facts(len(text), "json")

    piece = Piece(kind, n, hashlib.sha256(text).digest())
    return receive(tenant, interaction_id, piece, fill, actor=actor, now=now)
