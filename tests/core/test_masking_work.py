"""However hostile a text is, the work of masking grows no faster than its length.

Work is counted, not timed: every line of ours that runs, by the interpreter's trace.
Expressions are what no line counts; none of them may try twice.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from re import _parser
from types import FrameType
from typing import Any

import pytest

from tests.core.masks import AS_ONE_BEGINS, masking
from valv.core import digit_groups, payment_numbers, secret_numbers
from valv.core.mask_patterns import MOST_FOUND, MaskPattern
from valv.core.masking import Masking

CARD = "4111 1111 1111 1111"
FULL_WIDTH = "\uff14\uff11\uff11\uff11 "
HOSTILE = {
    "one run": "1", "single digits": "1 ", "pairs": "12 ", "threes": "123 ",
    "fours": "1234 ", "eights": "12345678 ", "dates": "19121212 ",
    "nearly cards": "4111 1111 1111 1112 ", "cards": CARD + " ", "tight": "1234-",
    "nearly ours": "191212-1213 ", "ours": "19121212-1212 ", "phones": "0701129801 ",
    "nearly Finnish": "131052-308U ", "Finnish": "131052-308T ", "spaces": "1  .",
    "nearly accounts": "SE45 5000 0000 0583 9825 7465 ", "begun accounts": "SE45 ",
    "an account begun": "se4 5", "long account": "LC55ABCD", "wide": FULL_WIDTH,
    "other spaces": "4111\u2009", "joiners": "1\u200b", "letters": "a",
    "far": "1         ",
}  # fmt: skip
SIZES = (2_500, 5_000, 10_000)
AT_MOST = 100_000


@contextmanager
def counted() -> Iterator[list[int]]:
    """Lines run inside ``valv.core``."""
    count = [0]

    def trace(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if "/valv/core/" not in frame.f_code.co_filename:
            return None
        count[0] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(before)


def work(masks: Masking, text: str) -> int:
    with counted() as count:
        masks.text(text)
    return count[0]


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=list(HOSTILE))
def test_twice_the_text_is_at_most_twice_the_work(unit: str) -> None:
    done = [work(AS_ONE_BEGINS, (unit * size)[:size]) for size in SIZES]

    assert all(more <= 2.1 * less + 500 for less, more in pairwise(done)), done
    assert done[-1] < 60 * SIZES[-1]


def test_the_longest_text_is_masked_whole() -> None:
    text = (CARD + " ") * (AT_MOST // 20)

    assert AS_ONE_BEGINS.text(text) == ("[card] " * (AT_MOST // 20))


def test_a_row_of_many_pieces_is_no_more_work_than_one() -> None:
    def of(pieces: int) -> int:
        with counted() as count:
            AS_ONE_BEGINS.texts([CARD] * pieces)
        return count[0]

    assert of(2_000) <= 2.2 * of(1_000)


@pytest.mark.parametrize("module", [digit_groups, payment_numbers, secret_numbers])
def test_no_expression_tries_twice(module: Any) -> None:
    """A repeat without end stands for one class of characters, and ends it all."""
    held = [value for value in vars(module).values() if isinstance(value, re.Pattern)]
    for pattern in held:
        parsed = _parser.parse(pattern.pattern, pattern.flags)
        endless = [part for part in _parts(parsed) if _is_endless(part)]
        assert len(endless) <= 1
        assert not endless or len(parsed) == 1


def _parts(parsed: Any) -> Iterator[Any]:
    for operation, argument in parsed:
        yield operation, argument
        for inner in argument if isinstance(argument, tuple) else ():
            if isinstance(inner, _parser.SubPattern):
                yield from _parts(inner)


def _is_endless(part: Any) -> bool:
    operation, argument = part
    return "REPEAT" in str(operation) and str(argument[1]) == "MAXREPEAT"


def test_a_tenants_pattern_is_asked_so_often_and_no_more() -> None:
    """RE2 reads on to the end for each find, so finds are limited."""
    masks = masking(patterns=(MaskPattern(name="x", pattern="ab.*c|ab"),))
    done = [work(masks, "ab" * (size // 2)) for size in SIZES]

    assert done[0] == done[1] == done[2] <= 30 * MOST_FOUND
    assert masks.text("ab" * AT_MOST).endswith("[x]")
    assert "b" not in masks.text("ab" * AT_MOST)
