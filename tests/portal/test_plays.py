"""Hearing a recording: what counts as one play, and whose a handle is."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.held import lay_content
from tests.portal.spoken import tell_call
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import PlayHandle
from valv.storage import scope
from valv.tenants.models import Tenant, User


@pytest.fixture
def call(acme: Tenant) -> str:
    return tell_call(acme)


@pytest.fixture
def listener(alma: User) -> Visitor:
    return Visitor().enters(alma)


def play(visitor: Visitor, call: str) -> str:
    """Press play; answers the address of the sound."""
    answer = visitor.asks(f"/interactions/{call}/recordings/1/play")
    assert answer.status_code == 200
    found = re.search(r'src="(/plays/[\w-]+)"', text_of(answer))
    assert found is not None
    return found[1]


def heard(visitor: Visitor, sound: str, asked: str = "") -> Any:
    return visitor.get(sound, **({"Range": asked} if asked else {}))


def test_play_brings_the_player_and_the_sound_is_mp3(
    listener: Visitor, call: str
) -> None:
    answer = heard(listener, play(listener, call))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "audio/mpeg"
    assert answer["Cache-Control"] == "no-store"
    assert answer.getvalue()[0] == 0xFF


def test_twenty_ranges_are_one_play(listener: Visitor, call: str) -> None:
    sound = play(listener, call)

    ranges = [heard(listener, sound, f"bytes={i * 100}-{i * 100 + 99}")
              for i in range(20)]  # fmt: skip

    assert {answer.status_code for answer in ranges} == {206}
    (entry,) = listener.entries("play")
    assert (str(entry.interaction_id), entry.content) == (call, "recording:1")
    assert entry.actor == "Alma"


def test_a_second_page_view_is_another_play(listener: Visitor, call: str) -> None:
    assert play(listener, call) != play(listener, call)

    assert len(listener.entries("play")) == 2


def test_pressing_play_is_no_second_sight(listener: Visitor, call: str) -> None:
    play(listener, call)

    assert listener.entries("see") == []


def test_a_range_past_the_end_says_how_long_it_is(listener: Visitor, call: str) -> None:
    answer = heard(listener, play(listener, call), "bytes=99999999-")

    assert answer.status_code == 416
    assert re.fullmatch(r"bytes \*/\d+", answer["Content-Range"])


def test_the_waveform_has_a_lane_for_each_side(listener: Visitor, call: str) -> None:
    drawn = listener.get(play(listener, call) + "/peaks").json()

    caller, agent = drawn["lanes"]
    assert drawn["seconds"] == pytest.approx(2, abs=0.1)
    half = len(caller) // 2
    assert max(caller[:half]) > 20 > max(caller[half + 40 :])
    assert max(agent[: half - 40]) < 20 < max(agent[half:])
    assert listener.entries("play") == listener.entries("play")[:1]


def test_the_lanes_are_named(listener: Visitor, call: str) -> None:
    answer = listener.asks(f"/interactions/{call}/recordings/1/play")

    assert "Slutkund" in text_of(answer)
    assert "data-at-once" in text_of(answer)


def test_sound_without_a_waveform_is_heard_all_the_same(
    listener: Visitor, acme: Tenant, call: str
) -> None:
    lay_content(acme, int(call), n=2)
    answer = listener.asks(f"/interactions/{call}/recordings/2/play")
    found = re.search(r'data-peaks="([^"]+)"', text_of(answer))

    assert found is not None
    assert listener.get(found[1]).json()["lanes"] == []


def test_without_script_the_whole_page_comes_with_the_player(
    listener: Visitor, call: str
) -> None:
    html = text_of(listener.post(f"/interactions/{call}/recordings/1/play"))

    assert "<audio controls" in html
    assert "<html" in html


def test_a_handle_is_the_persons_own(
    listener: Visitor, cleo: User, dag: User, call: str
) -> None:
    sound = play(listener, call)

    for other in (cleo, dag):
        visitor = Visitor().enters(other)
        assert heard(visitor, sound).status_code == 404
        assert visitor.get(f"{sound}/peaks").status_code == 404


def test_a_handle_runs_out(listener: Visitor, acme: Tenant, call: str) -> None:
    sound = play(listener, call)
    with scope.writing(acme.id):
        handle = PlayHandle.objects.get()
        handle.created_at -= timedelta(hours=2, seconds=1)
        handle.save()

    assert heard(listener, sound).status_code == 404


def test_a_handle_to_what_was_deleted_plays_no_more(
    listener: Visitor, call: str
) -> None:
    sound = play(listener, call)
    listener.post(
        f"/interactions/{call}/recordings/1/delete", reason="Bad om det",
        confirmed="yes",
    )  # fmt: skip

    assert heard(listener, sound).status_code == 410


def test_nobody_plays_what_is_not_there(listener: Visitor, call: str) -> None:
    for n in (2, 0, 10**30):
        answer = listener.asks(f"/interactions/{call}/recordings/{n}/play")
        assert answer.status_code == 404
    assert listener.entries("play") == []
