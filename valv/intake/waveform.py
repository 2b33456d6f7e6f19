"""The picture of a sound: the lowest and highest sample of each stretch of it.

The form is that of BBC audiowaveform, data format version 2, with 8-bit samples, so
that its tools and its readers understand ours. All numbers are little-endian:

    int32   version, always 2
    uint32  flags, always 1: samples of 8 bits
    int32   sample rate, in hertz
    int32   samples per window
    uint32  windows per lane
    int32   lanes
    then for each window, for each lane: int8 lowest, int8 highest

There are at most 100 windows a second and at most 8,000 in a lane: when a recording
outgrows that, each two windows become one. Memory is therefore the same for a minute
and for a day. Refuses bytes that are not of this form.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from valv.core.errors import Malformed

Samples = NDArray[np.int16]
"""Samples of 16 bits in the shape (samples, lanes)."""

MOST_WINDOWS: Final = 8_000
WINDOWS_A_SECOND: Final = 100

_HEADER: Final = struct.Struct("<iIiiIi")
_VERSION: Final = 2
_EIGHT_BITS: Final = 1


@dataclass(frozen=True, slots=True)
class Waveform:
    """``windows`` has the shape (windows, lanes, 2): lowest and highest, in 8 bits."""

    rate: int
    samples_per_window: int
    windows: NDArray[np.int8]

    @property
    def lanes(self) -> int:
        return int(self.windows.shape[1])

    def to_bytes(self) -> bytes:
        count, lanes, _ = self.windows.shape
        head = (_VERSION, _EIGHT_BITS, self.rate, self.samples_per_window, count, lanes)
        return _HEADER.pack(*head) + self.windows.tobytes()


def waveform_from_bytes(data: bytes) -> Waveform:
    """Read a waveform back; raises Malformed for any other bytes."""
    if len(data) < _HEADER.size:
        raise Malformed("The waveform is cut short.")
    version, flags, rate, width, count, lanes = _HEADER.unpack_from(data)
    if (version, flags) != (_VERSION, _EIGHT_BITS) or not 1 <= lanes <= 2:
        raise Malformed("The waveform is of an unknown form.")
    if len(data) != _HEADER.size + count * lanes * 2:
        raise Malformed("The waveform does not have the length it states.")
    body = np.frombuffer(data, np.int8, offset=_HEADER.size)
    return Waveform(rate, width, body.reshape(count, lanes, 2))


def peaks_as_json(peaks: bytes) -> dict[str, object]:
    """The same in the JSON of audiowaveform; raises Malformed."""
    waveform = waveform_from_bytes(peaks)
    return {
        "version": _VERSION,
        "channels": waveform.lanes,
        "sample_rate": waveform.rate,
        "samples_per_pixel": waveform.samples_per_window,
        "bits": 8,
        "length": len(waveform.windows),
        "data": waveform.windows.ravel().tolist(),
    }


class PeakMeter:
    """Takes a sound block by block and keeps only its waveform."""

    def __init__(self, *, rate: int, lanes: int) -> None:
        self._rate = rate
        self._width = -(-rate // WINDOWS_A_SECOND)
        self._rest = np.empty((0, lanes), np.int16)
        self._windows = [np.empty((0, lanes, 2), np.int16)]
        self._count = 0

    def take(self, samples: Samples) -> None:
        joined = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        whole = len(joined) // self._width * self._width
        self._rest = joined[whole:].copy()
        if whole:
            self._add(_extremes(joined[:whole], width=self._width))

    def waveform(self) -> Waveform:
        """The waveform, when all is taken; its last window may be a shorter stretch."""
        # Twice at most: thinning may hand the odd last window back as samples.
        while len(self._rest):
            rest, self._rest = self._rest, self._rest[:0]
            self._add(_extremes(rest, width=len(rest)))
        return Waveform(self._rate, self._width, _eight_bits(self._all()))

    def _add(self, windows: NDArray[np.int16]) -> None:
        self._windows.append(windows)
        self._count += len(windows)
        while self._count > MOST_WINDOWS:
            self._thin()

    def _thin(self) -> None:
        # Samples left over are fewer than one window of either width, so only the
        # windows need merging; an odd one waits as samples that give the same peaks.
        windows = self._all()
        if len(windows) % 2:
            odd = windows[-1].T
            self._rest = np.concatenate([_stretched(odd, self._width), self._rest])
            windows = windows[:-1]
        self._width *= 2
        merged = np.empty((len(windows) // 2, *windows.shape[1:]), np.int16)
        np.minimum(windows[::2, :, 0], windows[1::2, :, 0], out=merged[:, :, 0])
        np.maximum(windows[::2, :, 1], windows[1::2, :, 1], out=merged[:, :, 1])
        self._windows, self._count = [merged], len(merged)

    def _all(self) -> NDArray[np.int16]:
        if len(self._windows) > 1:
            self._windows = [np.concatenate(self._windows)]
        return self._windows[0]


def _extremes(samples: Samples, *, width: int) -> NDArray[np.int16]:
    lanes = np.ascontiguousarray(samples.T).reshape(samples.shape[1], -1, width)
    return np.stack([lanes.min(axis=2).T, lanes.max(axis=2).T], axis=2)


def _stretched(extremes: NDArray[np.int16], width: int) -> Samples:
    return np.resize(extremes, (width, extremes.shape[1]))


def _eight_bits(windows: NDArray[np.int16]) -> NDArray[np.int8]:
    # Rounded to the nearest, so that the hiss of a quiet line is drawn as silence.
    rounded = (windows.astype(np.int32) + 128) >> 8
    drawn: NDArray[np.int8] = np.minimum(rounded, 127).astype(np.int8)
    return drawn
