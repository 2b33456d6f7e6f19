"""Fragments in a blob of bytes: what is found is what looking at each value finds."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valv.archive.scan import SCAN_CAP, Values
from valv.core.identifiers import Fragment, Match

texts = st.text("aå", min_size=1, max_size=7)
fragments = st.builds(Fragment, st.sampled_from(Match), texts)


@settings(max_examples=100)
@given(st.lists(texts, max_size=20), fragments)
def test_short_and_overlapping(values: list[str], fragment: Fragment) -> None:
    found, capped = Values(_rows(values)).find([fragment], cap=SCAN_CAP)
    assert found == {n for n, value in enumerate(values) if fragment.fits(value)}
    assert not capped


@pytest.mark.parametrize("text", ["7", "467", "4670", "46701", "0123", "90123"])
@pytest.mark.parametrize("match", Match)
def test_values_of_several_pieces(text: str, match: Match) -> None:
    chance, fragment = Random(1), Fragment(match, text)
    values = [f"467{chance.randrange(10**5):05}" for _ in range(6_000)]
    found, _ = Values(_rows(values)).find([fragment], cap=len(values))
    assert found == {n for n, value in enumerate(values) if fragment.fits(value)}


def test_no_more_than_are_asked_for() -> None:
    values = Values(_rows([f"467{n:07}" for n in range(10_000)]))
    found, capped = values.find([Fragment(Match.PREFIX, "46700")], cap=100)
    assert capped
    assert 100 < len(found) <= 200


def _rows(values: list[str]) -> list[tuple[int, str, str]]:
    return [(n, value, value) for n, value in enumerate(values)]
