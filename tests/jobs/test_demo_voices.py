"""The demo's callers and agents can be told apart, by ear and by lane."""

import io

import numpy as np
import pytest

from tests.intake.sounds import Sound, heard
from valv.core.errors import Misconfigured
from valv.core.interaction import Sender
from valv.intake.audio import transcode
from valv.jobs.demo.voices import AGENTS, CALLERS, Turn, Voice, recorded, said

TURNS = [
    Turn(Sender.AGENT, "Välkommen till Björkö Energi, du talar med Åsa."),
    Turn(Sender.CUSTOMER, "Hej, jag har fått samma faktura två gånger."),
]
CALLER, AGENT = CALLERS["sv"][0], AGENTS["sv"][0]


def loudness(sound: Sound) -> float:
    return float(np.abs(sound.astype(int)).mean())


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_the_caller_speaks_left_and_the_agent_right(rate: int) -> None:
    spoken = recorded(TURNS, caller=CALLER, agent=AGENT, rate=rate)

    sound = heard(spoken.wav)
    agents, callers = np.split(sound, [int(spoken.starts[1] * rate)])
    assert loudness(agents[:, 1]) > 300 > loudness(agents[:, 0])
    assert loudness(callers[:, 0]) > 300 > loudness(callers[-rate:, 1])
    assert len(sound) / rate == pytest.approx(spoken.seconds)


def test_what_was_spoken_is_taken_like_any_recording() -> None:
    spoken = recorded(TURNS, caller=CALLER, agent=AGENT)

    result = transcode(io.BytesIO(spoken.wav), channels=2)

    assert sum(map(len, result.chunks)) > 10_000
    assert (result.channels, result.seconds) == (2, spoken.seconds)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_two_voices_sound_the_same(language: str) -> None:
    voices = CALLERS[language] + AGENTS[language]

    sounds = {said("Hallo, 4 7 11.", voice=voice).tobytes() for voice in voices}

    assert len(sounds) == len(voices)


def test_a_second_reading_takes_about_as_long() -> None:
    first = recorded(TURNS, caller=CALLER, agent=AGENT)

    second = recorded(TURNS, caller=CALLER, agent=AGENT)
    assert second.seconds == pytest.approx(first.seconds, abs=0.2)


def test_an_unknown_voice_is_named() -> None:
    with pytest.raises(Misconfigured, match="nobody"):
        said("Hello.", voice=Voice("nobody"))
