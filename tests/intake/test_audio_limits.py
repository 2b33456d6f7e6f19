"""What audio may not do: open files, fill memory, run for ever, or swap its peaks."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.sounds import encoded, mp3_and_facts, tone, wav
from valv.core.errors import Malformed, TooLarge
from valv.intake.audio import transcode
from valv.intake.waveform import (
    MOST_WINDOWS,
    PeakMeter,
    peaks_as_json,
    waveform_from_bytes,
)

PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{url}'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nt=0 0\na={url}\nm=audio 5 RTP/AVP 0\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">'
    "<Period><AdaptationSet><Representation><BaseURL>{url}</BaseURL>"
    "</Representation></AdaptationSet></Period></MPD>",
}

MEASURE = """
import io, struct
from valv.intake.audio import transcode

class Endless(io.RawIOBase):
    '''A WAV of 200 MB that never was: its header, then the same noise again.'''
    size = 200_000_000
    noise = bytes((7 * i * i + i // 3) % 256 for i in range(65_536))
    head = struct.pack('<4sI4s4sIHHIIHH4sI', b'RIFF', size - 8, b'WAVE', b'fmt ', 16,
                       1, 2, 96_000, 96_000 * 8, 8, 32, b'data', size - 44)
    at = 0
    def readable(self): return True
    def seekable(self): return True
    def tell(self): return self.at
    def seek(self, offset, whence=0):
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at
    def read(self, size=-1):
        size = max(min(size, self.size - self.at), 0)
        part = self.head[self.at:self.at + size] if self.at < 44 else self.noise[:size]
        self.at += len(part)
        return part

def kilobytes(name):
    # Not ru_maxrss: a started program inherits that of the one which started it.
    lines = open('/proc/self/status').read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

idle = kilobytes('VmRSS')
result = transcode(Endless(), channels=None)
made = sum(map(len, result.chunks))
print(kilobytes('VmHWM') - idle, made, round(result.seconds))
"""


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_playlist_is_refused_and_what_it_names_is_not_opened(
    kind: str, scheme: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.wav").write_bytes(wav(tone(440, seconds=1)))
    named = PLAYLISTS[kind].format(url=f"{scheme}{tmp_path}/secret.wav")

    with pytest.raises(Malformed):
        transcode(io.BytesIO(named.encode()), channels=None)


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_naming_a_system_file_is_refused(kind: str) -> None:
    named = PLAYLISTS[kind].format(url="file:///etc/passwd")

    with pytest.raises(Malformed):
        transcode(io.BytesIO(named.encode()), channels=None)


def test_two_hundred_megabytes_take_little_memory() -> None:
    run = [sys.executable, "-c", MEASURE]
    answer = subprocess.run(run, capture_output=True, check=True, text=True)

    kilobytes, made, seconds = map(int, answer.stdout.split())
    assert kilobytes < 60_000
    assert seconds == 260
    assert made == pytest.approx(260 * 6_000, rel=0.01)


def test_a_recording_that_is_too_long_is_stopped_on_the_way() -> None:
    silence = encoded(np.zeros((800_000, 1), np.int16), wrapping="flac", codec="flac")
    result = transcode(io.BytesIO(silence), channels=None, longest=60)

    assert len(silence) < 30_000
    with pytest.raises(TooLarge):
        list(result.chunks)


@pytest.mark.parametrize("rate", [1, 3_999, 192_001, 4_000_000])
def test_an_impossible_sample_rate_is_refused(rate: int) -> None:
    with pytest.raises(Malformed):
        mp3_and_facts(wav(tone(440, seconds=1), rate=rate))


def test_sixteen_channels_are_refused() -> None:
    with pytest.raises(Malformed):
        mp3_and_facts(wav(np.zeros((8_000, 16), np.int16)))


def test_a_fault_of_the_source_is_not_taken_for_bad_audio() -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 200_000:
                raise ConnectionError
            return super().read(size)

    with pytest.raises(ConnectionError):
        list(transcode(Torn(wav(tone(440, seconds=60))), channels=None).chunks)


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 50_000), min_size=1, max_size=40),
    lanes=st.integers(1, 2),
    seed=st.integers(0, 1_000),
)
def test_peaks_hold_every_sample_and_stay_few(
    sizes: list[int], lanes: int, seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(-32_768, 32_767, (sum(sizes), lanes))
    sound = noise.astype(np.int16)
    meter = PeakMeter(rate=4_000, lanes=lanes)
    for part in np.split(sound, np.cumsum(sizes)[:-1]):
        meter.take(part)

    drawn = meter.waveform()

    assert len(drawn.windows) <= MOST_WINDOWS
    assert len(drawn.windows) == -(-len(sound) // drawn.samples_per_window)
    for index in (0, len(drawn.windows) // 2, len(drawn.windows) - 1):
        start = index * drawn.samples_per_window
        held = sound[start : start + drawn.samples_per_window].astype(int) + 128 >> 8
        assert (drawn.windows[index, :, 0] == held.min(axis=0)).all()
        assert (drawn.windows[index, :, 1] == held.max(axis=0).clip(max=127)).all()


def test_a_waveform_reads_back_and_becomes_json() -> None:
    peaks = mp3_and_facts(wav(tone(440, seconds=1)))[1].peaks

    shown = peaks_as_json(peaks)

    assert waveform_from_bytes(peaks).to_bytes() == peaks
    assert (shown["length"], shown["channels"], shown["bits"]) == (100, 1, 8)
    assert shown["samples_per_pixel"] == 80
    assert shown["data"][:2] == [-35, 35]  # type: ignore[index]


@given(st.binary(max_size=80))
def test_other_bytes_are_no_waveform(data: bytes) -> None:
    with pytest.raises(Malformed):
        waveform_from_bytes(data)
