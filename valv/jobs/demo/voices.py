"""Voices for the demo: what caller and agent say, as a recording in two lanes.

Speaks with espeak-ng through the library in the wheel ``espeakng-loader``, from
``espeak-ng/speak_lib.h`` (API revision 12). Everything happens in memory. The library
keeps one voice for the whole process, so one sentence is spoken at a time; it breathes
at random, so two readings of one dialogue are never the same bytes.

Refuses to start, and says what to install, when the wheel is not there.
"""

import ctypes
import io
import threading
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from valv.core.errors import Misconfigured
from valv.core.interaction import Sender

_SYNCHRONOUS, _DONT_EXIT, _UTF8 = 2, 0x8000, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_MOST_PATH = 160
_LEAD_IN = 0.8
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)
_one_at_a_time = threading.Lock()

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Voice:
    """A way to speak: an espeak-ng voice, pitch 0–100, words a minute."""

    name: str
    pitch: int = 50
    speed: int = 165


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of the two says before the other does."""

    sender: Sender
    text: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A WAV of two lanes, caller left, and when each turn starts, in seconds."""

    wav: bytes
    seconds: float
    starts: tuple[float, ...]


CALLERS: Final = {
    "sv": (
        Voice("sv+f2", 58, 168),
        Voice("sv+m3", 38, 158),
        Voice("sv+f4", 46, 148),
        Voice("sv+m7", 30, 176),
        Voice("sv+f5", 66, 180),
        Voice("sv+m1", 48, 150),
    ),
    "en": (
        Voice("en+f2", 56, 170),
        Voice("en+m3", 36, 160),
        Voice("en-GB-scotland+m1", 44, 165),
        Voice("en-US+f4", 50, 172),
        Voice("en+m7", 30, 150),
        Voice("en-GB-x-rp+f5", 62, 178),
    ),
}
AGENTS: Final = {
    "sv": (Voice("sv+f3", 50, 172), Voice("sv+m4", 42, 170), Voice("sv+f1", 44, 178)),
    "en": (
        Voice("en+f3", 48, 175),
        Voice("en-GB-x-rp+m4", 42, 172),
        Voice("en-US+f1", 46, 180),
    ),
}


def recorded(
    turns: Sequence[Turn], *, caller: Voice, agent: Voice, rate: int = 8_000
) -> Recording:
    """Speak a dialogue; ``rate`` is the sample rate of the WAV, in hertz.

    Raises Misconfigured if the voices are not installed.
    """
    voices = {Sender.CUSTOMER: caller, Sender.AGENT: agent}
    spoken = [
        _telephone(said(turn.text, voice=voices[turn.sender]), rate=rate)
        for turn in turns
    ]
    starts, length = _starts(turns, [len(sound) / rate for sound in spoken])
    lanes = np.zeros((int(length * rate), 2), np.int16)
    for turn, sound, start in zip(turns, spoken, starts, strict=True):
        first = int(start * rate)
        lane = 0 if turn.sender is Sender.CUSTOMER else 1
        lanes[first : first + len(sound), lane] = sound
    return Recording(_wav(lanes, rate=rate), len(lanes) / rate, starts)


def said(text: str, *, voice: Voice) -> Samples:
    """One voice saying one thing, at the rate of ``engine_rate``."""
    library, _ = _engine()
    with _one_at_a_time:
        if library.espeak_SetVoiceByName(voice.name.encode()):
            raise Misconfigured(f"espeak-ng has no voice {voice.name}.")
        library.espeak_SetParameter(_PITCH, voice.pitch, 0)
        library.espeak_SetParameter(_RATE, voice.speed, 0)
        library.espeak_SetParameter(_RANGE, 60, 0)
        return _collected(library, text)


def engine_rate() -> int:
    """The sample rate in which espeak-ng speaks."""
    return _engine()[1]


def _collected(library: ctypes.CDLL, text: str) -> Samples:
    pieces: list[bytes] = []

    def take(samples: object, count: int, _: object) -> int:
        if samples and count > 0:
            address = ctypes.cast(samples, ctypes.c_void_p)  # type: ignore[arg-type]
            pieces.append(ctypes.string_at(address, count * 2))
        return 0

    callback = _CALLBACK(take)
    data = text.encode()
    library.espeak_SetSynthCallback(callback)
    library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    library.espeak_SetSynthCallback(_SILENT)
    return np.frombuffer(b"".join(pieces), np.int16)


# Left in place between sentences, so that the library never holds a dead function.
_SILENT = _CALLBACK(lambda *_: 0)


@cache
def _engine() -> tuple[ctypes.CDLL, int]:
    try:
        import espeakng_loader
    except ImportError:
        how = "install it with: pip install espeakng-loader"
        raise Misconfigured(f"The demo's voices are missing; {how}") from None
    data = str(espeakng_loader.get_data_path())
    if len(data.encode()) >= _MOST_PATH:
        raise Misconfigured(
            "espeak-ng takes no path this long: install Valv in a shorter one."
        )
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
        ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    rate = library.espeak_Initialize(_SYNCHRONOUS, 500, data.encode(), _DONT_EXIT)
    if rate <= 0:
        raise Misconfigured("espeak-ng does not start.")
    return library, int(rate)


def _telephone(sound: Samples, *, rate: int) -> Samples:
    if not len(sound):
        return sound
    frame = av.AudioFrame.from_ndarray(sound[None, :], "s16", "mono")
    frame.sample_rate = engine_rate()
    convert = av.AudioResampler(format="s16", layout="mono", rate=rate)
    frames = [*convert.resample(frame), *convert.resample(None)]
    return np.concatenate([np.asarray(f.to_ndarray(), np.int16)[0] for f in frames])


def _starts(
    turns: Sequence[Turn], lengths: Sequence[float]
) -> tuple[tuple[float, ...], float]:
    """When each turn starts, and when the call ends.

    People pause for about as long as they think, and now and then break in early.
    """
    starts, at = [], _LEAD_IN
    for turn, length in zip(turns, lengths, strict=True):
        starts.append(at)
        thought = len(turn.text) * 37 % 9
        at = max(at + length + (thought - 1) * 0.12, starts[-1])
    return tuple(starts), at + _LEAD_IN


def _wav(lanes: Samples, *, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((2, 2, rate, 0, "NONE", ""))
        out.writeframes(lanes.astype("<i2").tobytes())
    return file.getvalue()
