"""Sound out of whatever it was wrapped in, as blocks of 16-bit samples.

Reads only the bytes it is handed. A playlist, a manifest or a reference that names
another file or address is refused, as is every container and codec not listed here:
telephony and the web use these, and each further parser is one more to attack.
Refuses also what no call is: rates outside 4–192 kHz, more than 8 channels, and
recordings longer than a day, however few bytes they come in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Final, NoReturn, Protocol, TypeAlias

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from valv.core.errors import Malformed, TooLarge
from valv.intake.waveform import Samples

LONGEST_SECONDS: Final = 24 * 3600
MP3_RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)

AudioPacket: TypeAlias = "Packet[AudioStream]"

_LOWEST_RATE, _HIGHEST_RATE = 4_000, 192_000
_MOST_CHANNELS = 8
_BLOCK = 16_384
_FORMATS = (
    "wav,w64,aiff,au,caf,voc,mp3,aac,ogg,flac,matroska,mov,asf,avi,amr,ilbc,wv,"
    "gsm,g722,g729,g726,g726le,mulaw,alaw,s16le"
)
_CODECS = (
    "mp3,mp3float,mp2,mp2float,aac,opus,libopus,vorbis,flac,alac,wavpack,speex,"
    "gsm,gsm_ms,g722,g723_1,g726,g726le,g729,ilbc,amrnb,amrwb,libopencore_amrnb,"
    "libopencore_amrwb,adpcm_ima_wav,adpcm_ima_qt,adpcm_ms,adpcm_g722,adpcm_yamaha,"
    "truespeech,wmav1,wmav2,wmapro,wmavoice,pcm_alaw,pcm_mulaw,pcm_u8,pcm_s8,"
    "pcm_s16le,pcm_s16be,pcm_s16le_planar,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,"
    "pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be"
)
# A container says so itself, and then the name of the file decides nothing: Asterisk
# and others write RIFF under names that end in .gsm.
_CONTAINER_MAGIC = (b"RIFF", b"RIFX", b"OggS", b"fLaC", b"ID3", b".snd", b"\x1aE\xdf")
_RAW: Final = {
    "ulaw": ("mulaw", 8000),
    "ul": ("mulaw", 8000),
    "mulaw": ("mulaw", 8000),
    "pcmu": ("mulaw", 8000),
    "alaw": ("alaw", 8000),
    "al": ("alaw", 8000),
    "pcma": ("alaw", 8000),
    "gsm": ("gsm", None),
    "g722": ("g722", None),
    "g729": ("g729", None),
    "sln": ("s16le", 8000),
    "sln12": ("s16le", 12000),
    "sln16": ("s16le", 16000),
    "sln24": ("s16le", 24000),
    "sln32": ("s16le", 32000),
    "sln44": ("s16le", 44100),
    "sln48": ("s16le", 48000),
    "sln96": ("s16le", 96000),
    "sln192": ("s16le", 192000),
}
_PCM_FORMATS: Final = ("mulaw", "alaw", "s16le")
_UNREADABLE: Final = "The audio cannot be read: it is broken, or of an unknown kind."


class EmptyAudio(Malformed):
    """There is a file, perhaps a header, but not one sample of sound."""

    title = "Audio is empty"

    def __init__(self) -> None:
        super().__init__("The audio is empty.", field="recording")


class ByteSource(Protocol):
    """What audio is read from: seekable bytes, such as a sealed spool."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


class Decoding:
    """One recording being decoded; every sample counted, none kept.

    ``lanes`` and ``rate`` are those of the blocks that come out, and are known when
    the first has come.
    """

    def __init__(
        self, source: ByteSource, *, hint: str, channels: int | None, longest: float
    ) -> None:
        self._wanted = channels
        self._longest = longest
        self._container = _opened(source, hint=hint, channels=channels)
        with _plain_errors(), self._closed_on_error():
            self._stream = _audio_of(self._container)
        self._resampler: AudioResampler | None = None
        self._shape: tuple[str, str, int] | None = None
        self.rate = 0
        self.lanes = 0
        self.samples = 0
        self.packets = 0
        self.damaged = 0

    @property
    def seconds(self) -> float:
        return self.samples / self.rate if self.rate else 0.0

    @property
    def format_name(self) -> str:
        return self._container.format.name

    @property
    def codec_name(self) -> str:
        return self._stream.codec_context.name

    def close(self) -> None:
        self._container.close()

    def demux(self) -> Iterator[AudioPacket]:
        """The recording's packets, last an empty one; other streams are ignored."""
        with _plain_errors():
            yield from self._container.demux(self._stream)

    def decode(self, packet: AudioPacket) -> Iterator[Samples]:
        """The sound of a packet in blocks; of the empty packet, what still remained.

        A packet that cannot be decoded is counted as damaged and left out.
        """
        self.packets += 1
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self.damaged += 1
            return
        for frame in frames:
            yield from self._blocks(frame)
        if not packet.size:
            yield from self._flush()

    def finish(self) -> None:
        """Judge the whole: raises EmptyAudio, or Malformed if too much was damaged."""
        if self.damaged > 1 + self.packets // 10 or (self.damaged and not self.samples):
            raise Malformed(_UNREADABLE, field="recording")
        if not self.samples:
            raise EmptyAudio

    def _blocks(self, frame: AudioFrame) -> Iterator[Samples]:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self._flush()
            self._begin(frame)
            self._shape = shape
        with _plain_errors():
            yield from self._converted(frame)

    def _begin(self, frame: AudioFrame) -> None:
        channels = frame.layout.nb_channels
        if not _LOWEST_RATE <= frame.sample_rate <= _HIGHEST_RATE:
            raise Malformed("The audio's sample rate is out of range.")
        if not 1 <= channels <= _MOST_CHANNELS:
            raise Malformed("The audio has too many channels.")
        if not self.rate:
            self.rate = _mp3_rate(frame.sample_rate)
            self.lanes = 2 if channels == 2 and self._wanted != 1 else 1
        if frame.sample_rate == self.rate and frame.format.name == "s16":
            return
        self._resampler = AudioResampler(
            format="s16", rate=self.rate, frame_size=_BLOCK
        )

    def _converted(self, frame: AudioFrame | None) -> Iterator[Samples]:
        if self._resampler is None:
            ready = [frame] if frame else []
        else:
            ready = self._resampler.resample(frame)
        for each in ready:
            yield self._counted(self._in_lanes(each))

    def _flush(self) -> Iterator[Samples]:
        with _plain_errors():
            yield from self._converted(None)
        self._resampler = self._shape = None

    def _in_lanes(self, frame: AudioFrame) -> Samples:
        channels = frame.layout.nb_channels
        samples = np.asarray(frame.to_ndarray(), np.int16).reshape(-1, channels)
        if channels == self.lanes:
            return samples
        mixed = samples.mean(axis=1, keepdims=True).astype(np.int16)
        return np.repeat(mixed, self.lanes, axis=1)

    def _counted(self, samples: Samples) -> Samples:
        self.samples += len(samples)
        if self.seconds > self._longest:
            raise TooLarge(f"The audio is longer than {self._longest / 3600:g} hours.")
        return samples

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._container.close()
            raise


def _opened(source: ByteSource, *, hint: str, channels: int | None) -> InputContainer:
    source.seek(0)
    start = source.read(12)
    source.seek(0)
    if not start:
        raise EmptyAudio
    raw = None if start.startswith(_CONTAINER_MAGIC) else _raw_format(hint)
    av.logging.set_level(None)
    with _plain_errors():
        return av.open(
            source,
            "r",
            format=raw[0] if raw else None,
            container_options=_options(raw, channels=channels),
            metadata_errors="replace",
            buffer_size=1 << 16,
            io_open=_no_other_file,
        )


def _options(
    raw: tuple[str, int | None] | None, *, channels: int | None
) -> dict[str, str]:
    options = {
        "format_whitelist": _FORMATS,
        "codec_whitelist": _CODECS,
        "protocol_whitelist": "none",
        # Without this WAV comes in crumbs, and most of the time goes to crumbs.
        "max_size": "65536",
    }
    if raw and raw[0] in _PCM_FORMATS:
        options["sample_rate"] = str(raw[1])
        options["ch_layout"] = "stereo" if channels == 2 else "mono"
    return options


def _raw_format(hint: str) -> tuple[str, int | None] | None:
    ending = PurePath(hint).suffix.lower().lstrip(".") or hint.lower()
    return _RAW.get(ending)


def _no_other_file(*_: object) -> NoReturn:
    raise Malformed("The audio names another file, which is never opened.")


def _audio_of(container: InputContainer) -> AudioStream:
    streams = container.streams.audio
    if not streams:
        raise Malformed("There is no sound in it.", field="recording")
    codec: object = streams[0].codec_context
    if codec is None or streams[0].codec_context.codec.name not in _CODECS.split(","):
        raise Malformed("The audio's codec is not among those read.")
    return streams[0]


def _mp3_rate(rate: int) -> int:
    return next((known for known in MP3_RATES if known >= rate), MP3_RATES[-1])


@contextmanager
def _plain_errors() -> Iterator[None]:
    # FFmpeg's own words may quote what it read, so they are not passed on.
    try:
        yield
    except av.FFmpegError:
        raise Malformed(_UNREADABLE, field="recording") from None
