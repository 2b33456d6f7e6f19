"""How files that leave together are named."""

import pytest

from valv.core.errors import Malformed
from valv.core.file_names import USUAL, checked_pattern, named

FACTS = {
    "date": "2026-11-23", "time": "130500", "session": "a/b", "n": "1",
    "queue": "Försäljning", "number": "+46701234567",
}  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("", "2026-11-23_130500_a-b_1"),
        (USUAL, "2026-11-23_130500_a-b_1"),
        ("{session}_{n}.mp3", "a-b_1"),
        ("{queue} {number} {session}-{n}", "Försäljning +46701234567 a-b-1"),
        ("{agent}_{session}_{n}", "a-b_1"),
    ],
)
def test_a_pattern_is_filled(pattern: str, name: str) -> None:
    assert named(checked_pattern(pattern), FACTS) == name


@pytest.mark.parametrize(
    "pattern",
    ["{n}", "{session}", "{session}{n", "{session}_{n}_{name}", "{n.real}{session}",
     "../{session}{n}", "{session!r}{n}", "{n:>9}{session}", "{}{n}{session}"],
)  # fmt: skip
def test_what_tells_nothing_apart_or_may_not_be_is_refused(pattern: str) -> None:
    with pytest.raises(Malformed):
        checked_pattern(pattern)
