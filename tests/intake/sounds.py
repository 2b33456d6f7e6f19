"""Made-up sounds, in any wrapping: nothing recorded from anyone."""

import io
import subprocess
import wave

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from valv.intake.audio import Facts, transcode

Sound = NDArray[np.int16]
"""Samples in the shape (samples, lanes)."""


def tone(hertz: float, *, seconds: float, rate: int = 8000, level: int = 9000) -> Sound:
    at = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * np.pi * hertz * at) * level).astype(np.int16)[:, None]


def two_lanes(seconds: float, *, rate: int = 8000) -> Sound:
    """The caller sounds in the first half only, the agent in the second only."""
    half = int(seconds * rate / 2)
    caller = tone(440, seconds=seconds, rate=rate)
    agent = tone(700, seconds=seconds, rate=rate)
    caller[half:] = 0
    agent[:half] = 0
    return np.hstack([caller, agent])


def wav(sound: Sound, *, rate: int = 8000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((sound.shape[1], 2, rate, 0, "NONE", ""))
        out.writeframes(sound.astype("<i2").tobytes())
    return file.getvalue()


def encoded(sound: Sound, *, wrapping: str, codec: str, rate: int = 8000) -> bytes:
    """The sound as PyAV writes it."""
    file = io.BytesIO()
    layout = "stereo" if sound.shape[1] == 2 else "mono"
    with av.open(file, "w", wrapping) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, AudioStream)
        for start in range(0, len(sound), 8000):
            piece = np.ascontiguousarray(sound[start : start + 8000]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(piece, "s16", layout)
            frame.sample_rate, frame.pts = rate, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def by_program(command: list[str], data: bytes) -> bytes:
    """What a program makes of bytes, from pipe to pipe."""
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def mp3_and_facts(
    data: bytes, *, channels: int | None = None, hint: str = ""
) -> tuple[bytes, Facts]:
    result = transcode(io.BytesIO(data), channels=channels, hint=hint)
    return b"".join(result.chunks), result.facts


def heard(data: bytes) -> Sound:
    """The samples of an encoded sound, read by PyAV without our own code."""
    with av.open(io.BytesIO(data), "r") as container:
        channels = container.streams.audio[0].channels
        layout = "stereo" if channels == 2 else "mono"
        convert = av.AudioResampler(format="s16", layout=layout)
        blocks = [
            each.to_ndarray().reshape(-1, channels)
            for frame in container.decode(audio=0)
            for each in convert.resample(frame)
        ]
    return np.concatenate(blocks)
