"""A pause in a recording is silent, whichever came first: the sound, or word of it."""

from io import BytesIO

import numpy as np
import pytest

from tests.intake.asking import Source, event, states
from tests.intake.sounds import tone, wav
from tests.intake.test_provisional import PENDING, held, lay
from valv.archive import contents
from valv.archive.models import Content
from valv.audit.models import Entry
from valv.core.people import SYSTEM
from valv.intake import quieting
from valv.intake.decoding import Decoding
from valv.intake.quieting import quieten_left
from valv.intake.waveform import waveform_from_bytes

pytestmark = pytest.mark.django_db(transaction=True)
SAID, CARD = 440, 880
WHOLE = wav(
    np.concatenate(
        [tone(SAID, seconds=3), tone(CARD, seconds=3), tone(SAID, seconds=3)]
    )
)
CUT = wav(tone(SAID, seconds=6))
CALL = (
    event(0, "session.started", media="phone"),
    event(1, "queue.entered", queue="Support"),
    event(2, "agent.connected", agent="a7"),
    event(2, "recording.started", n=1, agent="a7") | {"event_id": "begin"},
    event(5, "recording.stopped", n=1),
    event(8, "recording.started", n=1) | {"event_id": "again"},
    event(11, "recording.stopped", n=1),
)
END = event(12, "session.ended")


def record(source: Source, sound: bytes = WHOLE) -> int:
    answer = source.ask("PUT", "/interactions/S1/recordings/1", sound)
    return int(answer.status_code)


def heard(source: Source) -> dict[int, float]:
    """For how many seconds each of the two tones is heard."""
    path = f"/interactions/{source.id_of('S1')}/recordings/1"
    answer = source.ask("GET", path)
    assert answer.status_code == 200
    return tones_in(answer.getvalue())


def tones_in(mp3: bytes) -> dict[int, float]:
    decoding = Decoding(BytesIO(mp3), hint="", channels=None, longest=60)
    blocks = [b for p in decoding.demux() for b in decoding.decode(p)]
    samples = np.concatenate(blocks)[:, 0].astype(float)
    width = decoding.rate // 20
    windows = samples[: len(samples) // width * width].reshape(-1, width)
    at = np.arange(width) / decoding.rate
    return {
        hertz: float(
            (np.abs(windows @ np.exp(2j * np.pi * hertz * at)) > width * 300).sum() / 20
        )
        for hertz in (SAID, CARD)
    }


def is_paused(source: Source) -> bool:
    """Nothing of the card is heard, and next to all that was said beside it."""
    tones = heard(source)
    return tones[CARD] == 0 and 5.2 <= tones[SAID] <= 6.1


def test_the_sound_that_goes_on_through_a_pause_is_silenced(source: Source) -> None:
    source.tell(*CALL, END)
    record(source)

    assert is_paused(source)
    (row,) = source.rows(Content)
    assert (row.pauses, row.format) == ([[3000, 6000]], "mp3")


def test_a_pause_told_of_afterwards_is_silenced_as_well(source: Source) -> None:
    record(source)
    before = heard(source)[CARD]
    source.tell(*CALL, END)

    assert before > 2.9
    assert is_paused(source)
    assert held() == (1, 2)


def test_the_waveform_is_silent_too(source: Source) -> None:
    source.tell(*CALL, END)
    record(source)

    (row,) = source.rows(Content)
    reader = contents.peaks_reader(row)
    assert reader is not None
    drawn = waveform_from_bytes(b"".join(reader.read())).windows
    assert np.abs(drawn[300:600].astype(int)).max() == 0
    assert np.abs(drawn[50:250].astype(int)).min() > 0


def test_a_sound_that_was_cut_at_the_pause_is_left_as_it_is(source: Source) -> None:
    source.tell(*CALL, END)
    record(source, CUT)

    assert heard(source)[SAID] > 5.9
    (row,) = source.rows(Content)
    assert row.pauses == [[3000, 3000]]


def test_the_same_bytes_are_held_after_it_too(source: Source) -> None:
    source.tell(*CALL, END)

    assert [record(source), record(source), record(source, CUT)] == [201, 200, 409]


def test_nobody_hears_it_before_it_is_silent(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.tell(*CALL, END)
    with monkeypatch.context() as patch:
        patch.setattr(quieting, "_loud", lambda *_: [])
        record(source)
    path = f"/interactions/{source.id_of('S1')}/recordings/1"
    before = source.ask("GET", path).status_code, states(source.item("S1"))

    quieten_left(source.tenant, actor=SYSTEM, now=source.rows(Entry)[0].at)

    assert before == (404, [("recording", 1, "awaiting")])
    assert is_paused(source)


def test_one_that_waits_is_silenced_at_once_and_goes_on_waiting(
    source: Source,
) -> None:
    lay(source, PENDING)
    source.tell(*CALL)
    record(source)
    (row,) = source.rows(Content)
    waits = (row.provisional, row.pauses)

    source.tell(event(9, "recording.requested", action="save"), END)

    assert waits == (True, [[3000, 6000]])
    assert is_paused(source)


def test_one_that_is_refused_after_it_is_gone(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL)
    record(source)
    source.tell(END)

    assert held() == (0, 0)


def test_a_pause_of_which_the_rest_is_told_later_is_silenced_then(
    source: Source,
) -> None:
    source.tell(*(one for one in CALL if one["event_id"] != "again"), END)
    record(source)
    (before,) = source.rows(Content)
    source.tell(*CALL)

    assert before.pauses == []
    assert is_paused(source)
