"""A no stands, and only a yes is a yes."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.masks import read_event
from valv.core.consent import (
    is_recording_accepted,
    is_recording_refused,
    is_storage_refused,
)
from valv.core.events import Event

Told = tuple[str, dict[str, object]]
NOES: list[Told] = [
    ("consent.refused", {"purpose": "recording"}),
    ("variable.set", {"name": "deny_recording", "value": True}),
    ("variable.set", {"name": "deny_recording", "value": "true"}),
    ("variable.set", {"name": "Deny_Recording", "value": "TRUE"}),
    ("variable.set", {"name": "DENY_RECORDING", "value": " Yes"}),
    ("variable.set", {"name": "deny_recording", "value": 1}),
    ("session.started", {"media": "phone", "variables": {"deny_recording": "1"}}),
    ("variable.set", {"name": "deny_recording", "value": "x", "mask": True}),
    ("session.started", {"media": "phone", "variables": {"deny_recording": "true"}}),
    ("recording.requested", {"action": "start", "accepted": False}),
    ("recording.requested", {"action": "start", "accepted": "false"}),
]
YESES: list[Told] = [
    ("consent.given", {"purpose": "recording"}),
    ("recording.requested", {"action": "start", "accepted": "true"}),
]
NEITHER: list[Told] = [
    ("variable.set", {"name": "deny_recording", "value": False}),
    ("digits.entered", {"module": "consent", "digits": "9"}),
    ("recording.requested", {"action": "start"}),
    ("consent.given", {"purpose": "marketing"}),
    ("consent.refused", {"purpose": "marketing"}),
    ("session.ended", {}),
]


def events(told: list[Told]) -> list[Event]:
    common = {"session_id": "s", "at": "2026-11-23T14:05:00Z"}
    return [
        read_event({"event_id": str(n), "type": type_, "data": data, **common})
        for n, (type_, data) in enumerate(told)
    ]


@given(
    st.sampled_from(NOES),
    st.lists(st.sampled_from(NOES + YESES + NEITHER)),
    st.randoms(),
)
def test_a_no_stands_whatever_else_is_said(
    no: Told, others: list[Told], chance: Random
) -> None:
    told = [no, *others]
    chance.shuffle(told)

    assert is_recording_refused(events(told))
    assert not is_recording_accepted(events(told))


@pytest.mark.parametrize("no", NOES)
def test_every_way_of_saying_no(no: Told) -> None:
    assert is_recording_refused(events([no]))


@pytest.mark.parametrize("yes", YESES)
def test_a_yes_is_accepted(yes: Told) -> None:
    assert is_recording_accepted(events([*NEITHER, yes]))


def test_silence_is_neither() -> None:
    assert not is_recording_refused(events(NEITHER))
    assert not is_recording_accepted(events(NEITHER))


@pytest.mark.parametrize(
    "told",
    [("chat.storage_refused", {}), ("consent.refused", {"purpose": "storage"})],
)
def test_a_chat_may_be_kept_out(told: Told) -> None:
    assert is_storage_refused(events([told]))
    assert not is_storage_refused(events(NOES))
