"""What restricted content may be opened for, as a table to be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.answers import Answer, Purpose
from valv.core.errors import Refused
from valv.core.purposes import Given, Use, check_use, use_from, uses_open

TABLE = """
    purpose     yes      no       silence
    recording   opens    refused  opens
    quality     opens    refused  refused
    training    opens    refused  refused
    legal       opens    opens    opens
    other       refused  refused  refused
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
ANSWERS = (Answer.YES, Answer.NO, None)
CELLS = [
    (use, answer, cell == "opens")
    for use, *cells in ROWS
    for answer, cell in zip(ANSWERS, cells, strict=True)
]


def said(purpose: str, answer: Answer | None) -> list[Given]:
    if answer is None or purpose not in set(Purpose):
        return []
    return [(Purpose(purpose), answer)]


def test_the_table_is_whole() -> None:
    assert [row[0] for row in ROWS] == list(Use)


@pytest.mark.parametrize(("use", "answer", "opens"), CELLS)
def test_a_purpose_opens_by_what_was_answered(
    use: str, answer: Answer | None, *, opens: bool
) -> None:
    answers = said(use, answer)

    assert (Use(use) in uses_open(answers)) is opens
    if opens:
        check_use(Use(use), answers)
    else:
        with pytest.raises(Refused) as refusal:
            check_use(Use(use), answers)
        assert refusal.value.rule == "purpose_refused"


@given(st.sampled_from([Use.QUALITY, Use.TRAINING]), st.permutations([*Answer]))
def test_a_no_outweighs_every_yes(use: Use, order: list[Answer]) -> None:
    answers = [one for answer in order for one in said(use.value, answer)]

    assert use not in uses_open(answers)


def test_no_answer_is_no_yes() -> None:
    assert Use.QUALITY not in uses_open(said("quality", Answer.NONE))


@pytest.mark.parametrize("word", [None, "", "  "])
def test_without_a_purpose_nothing_opens(word: str | None) -> None:
    with pytest.raises(Refused) as refusal:
        check_use(use_from(word), said("quality", Answer.YES))

    assert refusal.value.rule == "purpose_required"


@pytest.mark.parametrize(
    ("word", "use"),
    [("quality", Use.QUALITY), (" Legal ", Use.LEGAL), ("marketing", Use.OTHER)],
)
def test_a_purpose_that_is_not_in_the_table_is_other(word: str, use: Use) -> None:
    assert use_from(word) is use
