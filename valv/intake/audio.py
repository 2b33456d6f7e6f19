"""Recordings on their way in: decoded once, kept as MP3, drawn in the same pass.

What is kept is MP3 of a constant bit rate, so that a player can jump in it by byte
ranges: 32 kbit/s for one lane, 48 kbit/s for two, left the caller and right the
agent. MP3 that is already so is kept as it is, less its tags and pictures, which may
name people. Stretches that are to be silent are so, in sound and picture. Nothing is
ever written to a file here, and memory does not grow with the length. Refuses what
cannot be decoded, and says so when there is no sound in it.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from math import ceil
from typing import Final

import lameenc

from valv.intake.decoding import (
    LONGEST_SECONDS,
    AudioPacket,
    ByteSource,
    Decoding,
    EmptyAudio,
)
from valv.intake.waveform import PeakMeter, Samples, peaks_as_json

__all__ = [
    "EmptyAudio",
    "Facts",
    "Transcoded",
    "examine",
    "peaks_as_json",
    "transcode",
]

KBITS_MONO: Final = 32
KBITS_STEREO: Final = 48
MOST_KBITS_KEPT: Final = 128

_MP3: Final = "audio/mpeg"
_MEDIA_TYPES: Final = {
    "wav": "audio/wav",
    "mp3": _MP3,
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "matroska": "audio/webm",
    "mov": "audio/mp4",
}
_PIECE = 1 << 16
Stretch = tuple[float, float]
_LAYER_III = 0b010


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a recording once it has been heard to its end.

    ``peaks`` is in the form of ``waveform``; ``media_type`` is that of what is to be
    kept; ``damaged`` counts packets that could not be decoded and were left out.
    """

    seconds: float
    channels: int
    rate: int
    media_type: str
    peaks: bytes
    damaged: int


class Transcoded:
    """MP3 as it is made: read ``chunks`` to their end, then ask for the facts.

    ``chunks`` raises Malformed or TooLarge if the recording turns out, further on,
    to be broken or endless; what came before is then to be discarded.
    """

    def __init__(self, hearing: "_Hearing", *, mp3: Iterator[bytes]) -> None:
        self._hearing = hearing
        try:
            # The first bytes show whether there is any sound, before any is promised.
            first = next(mp3)
        except BaseException:
            hearing.close()
            raise
        self.chunks: Iterator[bytes] = chain([first], mp3)

    @property
    def facts(self) -> Facts:
        """Known once ``chunks`` is at its end; RuntimeError before."""
        return self._hearing.facts(media_type=_MP3)

    @property
    def seconds(self) -> float:
        return self.facts.seconds

    @property
    def channels(self) -> int:
        return self.facts.channels

    @property
    def peaks(self) -> bytes:
        return self.facts.peaks

    def close(self) -> None:
        """Let go of the source; only needed when ``chunks`` is not read to its end."""
        self._hearing.close()


def transcode(
    source: ByteSource,
    *,
    channels: int | None,
    hint: str = "",
    longest: float = LONGEST_SECONDS,
    silent: Sequence[Stretch] = (),
) -> Transcoded:
    """Turn a recording into MP3 in one pass, with its waveform.

    ``channels`` 1 mixes what has more into one lane, 2 or None keeps stereo as two
    lanes; headerless audio is read with as many. ``hint`` is a file name or ending,
    heeded only for headerless audio (``.ulaw``, ``.alaw``, ``.gsm``, ``.g722``,
    ``.g729``, ``.sln``, ``.sln16`` …). ``longest`` is in seconds, and so is where it is
    to be ``silent``, from and to.

    Raises EmptyAudio if there is no sound, Malformed if it cannot be read, TooLarge
    if it is too long; each may also come out of ``chunks``.
    """
    make = _encoded
    decoding = Decoding(source, hint=hint, channels=channels, longest=longest)
    if decoding.format_name == "mp3" and not silent:
        with closing(decoding):
            make = _as_it_is if _fit_to_keep(decoding, channels=channels) else make
        decoding = Decoding(source, hint=hint, channels=channels, longest=longest)
    hearing = _Hearing(decoding, silent)
    return Transcoded(hearing, mp3=make(hearing))


def examine(
    source: ByteSource,
    *,
    channels: int | None,
    hint: str = "",
    longest: float = LONGEST_SECONDS,
) -> Facts:
    """Hear a recording that is kept as it came: facts and waveform, no MP3.

    Arguments and errors as for ``transcode``.
    """
    decoding = Decoding(source, hint=hint, channels=channels, longest=longest)
    media_type = _MEDIA_TYPES.get(decoding.format_name.partition(",")[0])
    hearing = _Hearing(decoding)
    with closing(hearing):
        for _ in hearing.heard():
            pass
    return hearing.facts(media_type=media_type or "application/octet-stream")


class _Hearing:
    """A recording heard from start to end, its waveform drawn on the way."""

    def __init__(self, decoding: Decoding, silent: Sequence[Stretch] = ()) -> None:
        self._decoding = decoding
        self._silent = silent
        self._heard = 0
        self._meter: PeakMeter | None = None
        self._ended = False

    @property
    def lanes(self) -> int:
        return self._decoding.lanes

    @property
    def rate(self) -> int:
        return self._decoding.rate

    def close(self) -> None:
        self._decoding.close()

    def heard(self) -> Iterator[tuple[AudioPacket, list[Samples]]]:
        with closing(self._decoding):
            for packet in self._decoding.demux():
                blocks = []
                for block in self._decoding.decode(packet):
                    quiet = self._silenced(block)
                    self._draw(quiet)
                    blocks.append(quiet)
                yield packet, blocks
            self._decoding.finish()
            self._ended = True

    def facts(self, *, media_type: str) -> Facts:
        if not self._ended or self._meter is None:
            raise RuntimeError("The recording has not been heard to its end.")
        return Facts(
            seconds=self._decoding.seconds,
            channels=self.lanes,
            rate=self.rate,
            media_type=media_type,
            peaks=self._meter.waveform().to_bytes(),
            damaged=self._decoding.damaged,
        )

    def _silenced(self, block: Samples) -> Samples:
        """The block, with nothing in it where it is to be silent."""
        first, self._heard = self._heard, self._heard + len(block)
        for start, end in self._silent:
            begin = max(int(start * self.rate) - first, 0)
            stop = min(ceil(end * self.rate) - first, len(block))
            if begin < stop:
                block = block.copy()
                block[begin:stop] = 0
        return block

    def _draw(self, block: Samples) -> None:
        if self._meter is None:
            self._meter = PeakMeter(rate=self.rate, lanes=self.lanes)
        self._meter.take(block)


def _encoded(hearing: _Hearing) -> Iterator[bytes]:
    encoder: lameenc.Encoder | None = None
    for _, blocks in hearing.heard():
        for block in blocks:
            encoder = encoder or _encoder(rate=hearing.rate, lanes=hearing.lanes)
            if made := bytes(encoder.encode(block.tobytes())):
                yield made
    if encoder is not None:
        yield bytes(encoder.flush())


def _encoder(*, rate: int, lanes: int) -> lameenc.Encoder:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(lanes)
    encoder.set_in_sample_rate(rate)
    encoder.set_out_sample_rate(rate)
    encoder.set_bit_rate(KBITS_STEREO if lanes == 2 else KBITS_MONO)
    encoder.set_quality(5)
    return encoder


def _as_it_is(hearing: _Hearing) -> Iterator[bytes]:
    piece = bytearray()
    for packet, _ in hearing.heard():
        piece += bytes(packet)
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _fit_to_keep(decoding: Decoding, *, channels: int | None) -> bool:
    """Whether every frame is MP3 of one bit rate, one sample rate and few kilobits."""
    kinds, size, seconds = set(), 0, 0.0
    for packet in decoding.demux():
        if packet.size:
            kinds.add(_frame_kind(bytes(packet)))
            size += packet.size
            seconds += float((packet.duration or 0) * (packet.time_base or 0))
        if len(kinds) > 1:
            return False
    if len(kinds) != 1 or not seconds or size * 8 > seconds * MOST_KBITS_KEPT * 1000:
        return False
    layer, _, _, mono = kinds.pop()
    return layer == _LAYER_III and (mono or channels != 1)


def _frame_kind(frame: bytes) -> tuple[int, int, int, bool]:
    """Layer, bit rate, sample rate, and whether mono.

    The header is that of ISO/IEC 11172-3 section 2.4.1.3: 11 bits of sync, then
    version, layer, protection, bit rate, sample rate, padding, private, mode.
    """
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return 0, 0, 0, False
    return frame[1] & 0x06, frame[2] >> 4, frame[2] & 0x0C, frame[3] >> 6 == 3
