"""Whom a text names by number or address: told by a mark, and put back to be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.identifiers import Kind
from valv.core.mentions import (
    GONE,
    hidden,
    marked,
    marks_in,
    mentioned,
    spelled,
)
from valv.core.traces import leads_to_somebody

WRITTEN = [
    "0701234567", "070-123 45 67", "+46 70 123 45 67", "0046701234567", "08-123 456 78",
    "anna@example.com", "Anna.B@EXAMPLE.com", "0701234567@sms.example.se",
]  # fmt: skip
WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
MARK = 3765203606964170587


def mark(text: str) -> str:
    return marked(text, lambda _: MARK, region="SE")


@pytest.mark.parametrize("written", WRITTEN)
def test_what_names_somebody_is_a_mark(written: str) -> None:
    assert mark(f"Ring {written} igen") == f"Ring ⟦{MARK}⟧ igen"


def test_each_is_of_its_kind_and_in_order() -> None:
    found = mentioned("a@b.se, 0701234567 och 08-123 456 78", region="SE")

    assert [who.kind for _, who in found] == [Kind.EMAIL, Kind.PHONE, Kind.PHONE]
    assert [who.normal for _, who in found][1:] == ["+46701234567", "+46812345678"]


@given(WORDS, st.sampled_from(WRITTEN), WORDS, st.sampled_from(WRITTEN), WORDS)
def test_no_kept_text_leads_to_somebody(
    before: str, one: str, between: str, other: str, after: str
) -> None:
    kept = mark(f"{before} {one} {between} {other} {after}")

    assert not leads_to_somebody(kept, region="SE")
    assert marks_in([kept]) == {MARK}


@given(WORDS, WORDS)
def test_a_kept_text_reads_as_it_was_written(before: str, after: str) -> None:
    text = f"{before} 0701234567 {after}".translate({ord("⟦"): "[", ord("⟧"): "]"})
    numbers: list[str] = []

    def number_of(who: object) -> int:
        numbers.append(who.shown)  # type: ignore[attr-defined]
        return len(numbers)

    kept = marked(text, number_of, region="SE")

    shown = dict(enumerate(numbers, 1))
    if numbers == ["+46701234567"]:
        assert spelled(kept, shown) == text.replace("0701234567", "+46701234567")


def test_who_is_forgotten_leaves_nothing() -> None:
    kept = mark("Ring 0701234567")

    assert spelled(kept, {}) == hidden(kept) == f"Ring {GONE}"


@pytest.mark.parametrize("typed", ["⟦12⟧", "⟦⟦12⟧⟧", "⟦ 12 ⟧"])
def test_a_mark_that_was_typed_is_none(typed: str) -> None:
    assert marks_in([mark(typed)]) == set()
