"""Recordings come in as they are, and are kept as MP3 with a waveform."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.intake.sounds import (
    by_program,
    encoded,
    heard,
    mp3_and_facts,
    tone,
    two_lanes,
    wav,
)
from tests.missing import missing
from valv.core.errors import Malformed
from valv.intake.audio import EmptyAudio, examine, transcode
from valv.intake.waveform import waveform_from_bytes

MONO = tone(440, seconds=3)
STEREO = two_lanes(3)
WIDE = two_lanes(3, rate=48_000)

WRAPPED = {
    "wav": lambda: wav(MONO),
    "wav of two lanes": lambda: wav(STEREO),
    "wav A-law": lambda: encoded(MONO, wrapping="wav", codec="pcm_alaw"),
    "wav mu-law": lambda: encoded(MONO, wrapping="wav", codec="pcm_mulaw"),
    "flac": lambda: encoded(STEREO, wrapping="flac", codec="flac"),
    "mp3": lambda: encoded(MONO, wrapping="mp3", codec="libmp3lame"),
    "mp3 of two lanes": lambda: encoded(STEREO, wrapping="mp3", codec="libmp3lame"),
    "ogg opus": lambda: encoded(WIDE, wrapping="ogg", codec="libopus", rate=48_000),
    "webm": lambda: encoded(WIDE, wrapping="webm", codec="libopus", rate=48_000),
    "m4a": lambda: encoded(WIDE, wrapping="ipod", codec="aac", rate=48_000),
}

RAW = {
    "a.ulaw": lambda: encoded(MONO, wrapping="mulaw", codec="pcm_mulaw"),
    "a.alaw": lambda: encoded(MONO, wrapping="alaw", codec="pcm_alaw"),
    "a.g722": lambda: encoded(WIDE[:, :1], wrapping="g722", codec="g722", rate=16_000),
    "a.sln": lambda: MONO.tobytes(),
    "sln16": lambda: tone(440, seconds=3, rate=16_000).tobytes(),
}


def the_program(name: str) -> str:
    package = "lame" if name == "lame" else "ffmpeg"
    return shutil.which(name) or missing(name, f"apt-get install -y {package}")


@pytest.mark.parametrize("wrapping", WRAPPED)
def test_every_wrapping_keeps_its_length_and_lanes(wrapping: str) -> None:
    mp3, facts = mp3_and_facts(WRAPPED[wrapping]())

    lanes = 1 if wrapping in {"wav", "wav A-law", "wav mu-law", "mp3"} else 2
    assert facts.seconds == pytest.approx(3, abs=0.02)
    assert facts.channels == lanes
    assert facts.damaged == 0
    assert heard(mp3).shape[1] == lanes
    assert len(heard(mp3)) / facts.rate == pytest.approx(3, abs=0.25)


@pytest.mark.parametrize("name", RAW)
def test_headerless_audio_is_read_by_its_name(name: str) -> None:
    _, facts = mp3_and_facts(RAW[name](), hint=name)

    expected = 9 if name == "a.g722" else 3
    assert facts.seconds == pytest.approx(expected, abs=0.02)


def test_headerless_audio_of_two_lanes_needs_to_be_told() -> None:
    raw = encoded(STEREO, wrapping="alaw", codec="pcm_alaw")

    assert mp3_and_facts(raw, hint="x.alaw", channels=2)[1].seconds == 3
    assert mp3_and_facts(raw, hint="x.alaw")[1].seconds == 6


def test_a_header_outranks_the_name() -> None:
    _, facts = mp3_and_facts(wav(MONO), hint="call.gsm")

    assert facts.seconds == 3


@pytest.mark.parametrize(("wrapping", "codec"), [("gsm", "gsm"), ("wav", "gsm_ms")])
def test_gsm_is_read_raw_and_in_wav(wrapping: str, codec: str) -> None:
    ffmpeg = [the_program("ffmpeg"), "-v", "error", "-f", "wav", "-i", "-"]
    as_gsm = [*ffmpeg, "-c:a", f"lib{codec}", "-f", wrapping, "-"]

    _, facts = mp3_and_facts(by_program(as_gsm, wav(MONO)), hint="a.gsm")

    assert facts.seconds == pytest.approx(3, abs=0.04)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_a_sample_rate_that_mp3_knows_is_kept(rate: int) -> None:
    mp3, facts = mp3_and_facts(wav(tone(440, seconds=1, rate=rate), rate=rate))

    assert facts.rate == rate
    assert facts.seconds == 1
    assert len(heard(mp3)) >= rate


def test_another_sample_rate_becomes_the_next_that_mp3_knows() -> None:
    odd = wav(tone(440, seconds=2, rate=37_800), rate=37_800)

    _, facts = mp3_and_facts(odd)

    assert facts.rate == 44_100
    assert facts.seconds == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize("wrapping", ["wav of two lanes", "flac", "webm"])
def test_the_caller_stays_left_and_the_agent_right(wrapping: str) -> None:
    mp3, facts = mp3_and_facts(WRAPPED[wrapping]())

    sound = np.abs(heard(mp3).astype(int))
    early, late = sound[: facts.rate], sound[2 * facts.rate : 3 * facts.rate]
    assert early[:, 0].mean() > 100 * early[:, 1].mean()
    assert late[:, 1].mean() > 100 * late[:, 0].mean()


def test_two_lanes_are_mixed_into_one_when_asked() -> None:
    mp3, facts = mp3_and_facts(wav(STEREO), channels=1)

    assert facts.channels == 1
    assert np.abs(heard(mp3)[8_000:9_000]).max() > 3_000
    assert np.abs(heard(mp3)[16_000:17_000]).max() > 3_000


def test_more_than_two_channels_become_one_lane() -> None:
    _, facts = mp3_and_facts(wav(np.hstack([MONO, MONO, MONO])))

    assert (facts.channels, facts.seconds) == (1, 3)


def test_constant_mp3_is_kept_frame_by_frame_without_its_tags() -> None:
    original = WRAPPED["mp3 of two lanes"]()
    tag = b"ID3\x03\x00\x00\x00\x00\x00\x14TIT2\x00\x00\x00\x0a\x00\x00\x00Anna Berg"

    mp3, facts = mp3_and_facts(tag + original)

    assert mp3[:100] in original
    assert mp3 in original
    assert b"Anna" not in mp3
    assert facts.channels == 2


def test_mp3_of_two_lanes_is_made_anew_when_one_is_asked_for() -> None:
    original = WRAPPED["mp3 of two lanes"]()

    assert mp3_and_facts(original, channels=1)[1].channels == 1
    assert heard(mp3_and_facts(original, channels=1)[0]).shape[1] == 1


def test_mp3_of_changing_bit_rate_is_made_constant() -> None:
    lame = the_program("lame")
    noise = np.random.default_rng(7).normal(0, 4_000, (16_000, 1)).astype(np.int16)
    sound = np.vstack([MONO, noise, MONO * 0])
    varying = by_program([lame, "--quiet", "-V5", "-", "-"], wav(sound))

    mp3, facts = mp3_and_facts(varying)

    assert mp3 not in varying
    assert len(mp3) * 8 / 32_000 == pytest.approx(facts.seconds, abs=0.3)


def test_ffprobe_reads_what_we_write(tmp_path: Path) -> None:
    ffprobe = the_program("ffprobe")
    path = tmp_path / "kept.mp3"
    path.write_bytes(mp3_and_facts(wav(STEREO))[0])

    asked = [ffprobe, "-v", "error", "-of", "json", "-show_streams", str(path)]
    answer = subprocess.run(asked, capture_output=True, check=True)

    stream = json.loads(answer.stdout)["streams"][0]
    assert (stream["codec_name"], stream["channels"]) == ("mp3", 2)
    assert (stream["sample_rate"], stream["bit_rate"]) == ("8000", "48000")
    assert float(stream["duration"]) == pytest.approx(3, abs=0.25)
    assert answer.stderr == b""


def test_the_waveform_is_that_of_the_recording() -> None:
    _, facts = mp3_and_facts(wav(STEREO))

    drawn = waveform_from_bytes(facts.peaks)
    first = STEREO[:80].astype(int) + 128 >> 8
    assert drawn.windows.shape == (300, 2, 2)
    assert drawn.windows[0].tolist() == [
        [first[:, 0].min(), first[:, 0].max()],
        [0, 0],
    ]


@pytest.mark.parametrize("wrapping", WRAPPED)
def test_a_recording_kept_as_it_came_has_the_same_facts(wrapping: str) -> None:
    data = WRAPPED[wrapping]()

    facts = examine(io.BytesIO(data), channels=None)

    made = mp3_and_facts(data)[1]
    assert (facts.seconds, facts.peaks) == (made.seconds, made.peaks)
    assert facts.media_type.startswith("audio/")


def test_facts_are_not_known_before_the_end() -> None:
    result = transcode(io.BytesIO(wav(MONO)), channels=None)

    with pytest.raises(RuntimeError):
        _ = result.seconds
    result.close()


@pytest.mark.parametrize("sound", [b"", wav(MONO[:0]), wav(STEREO[:0], rate=44_100)])
def test_a_header_without_sound_is_empty(sound: bytes) -> None:
    with pytest.raises(EmptyAudio):
        transcode(io.BytesIO(sound), channels=None)


@pytest.mark.parametrize(
    "broken",
    [
        b"Hello, this is no sound at all. " * 400,
        wav(MONO)[:30],
        bytes(range(256)) * 200,
        wav(MONO)[:20] + b"\xee\xee" + wav(MONO)[22:],
    ],
    ids=["text", "cut header", "noise", "unknown codec"],
)
def test_what_is_no_audio_is_refused_in_one_sentence(
    broken: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Malformed) as refusal:
        transcode(io.BytesIO(broken), channels=None)

    assert refusal.value.detail.count(".") == 1
    assert capfd.readouterr() == ("", "")


def test_a_bad_stretch_is_left_out_and_counted() -> None:
    whole = WRAPPED["mp3 of two lanes"]()
    scratched = whole[:4_000] + bytes(range(256)) * 12 + whole[4_000:]

    _, facts = mp3_and_facts(scratched)

    assert facts.damaged == 1
    assert facts.seconds == pytest.approx(3, abs=0.3)


def test_a_cut_recording_keeps_what_there_is() -> None:
    _, facts = mp3_and_facts(wav(MONO)[:-16_000])

    assert facts.seconds == 2
