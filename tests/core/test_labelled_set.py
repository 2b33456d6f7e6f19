"""How often masking errs, measured on the labelled set, and what the docs say of it."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.core.labelled import REGIONS, Labelled, labelled, read
from tests.core.masks import masking
from valv.core.masking import Masking
from valv.core.secret_numbers import Span

DOCS = Path(__file__).parents[2] / "docs" / "masking.md"
MASKING = {region: masking(region) for region in REGIONS.values()}
TRIED, SEED = 20_000, 20261125
Rates = dict[str, tuple[int, int, int, int]]


def spans_of(line: Labelled) -> list[Span]:
    return MASKING[line.region].spans(line.text)


def missed(line: Labelled, spans: list[Span]) -> int:
    return sum(
        not any(span.start <= start and span.end >= end for span in spans)
        for start, end in line.secrets
    )


def false_alarms(line: Labelled, spans: list[Span]) -> int:
    return sum(
        not any(span.start < end and span.end > start for start, end in line.secrets)
        for span in spans
    )


def measured() -> Rates:
    """By language: secrets, those missed, other lines, false alarms."""
    counts: dict[str, Counter[str]] = {language: Counter() for language in REGIONS}
    for line in labelled():
        spans, count = spans_of(line), counts[line.language]
        count["secrets"] += len(line.secrets)
        count["missed"] += missed(line, spans)
        count["others"] += not line.secrets
        count["false"] += false_alarms(line, spans)
    names = ("secrets", "missed", "others", "false")
    return {
        language: tuple(count[name] for name in names)  # type: ignore[misc]
        for language, count in counts.items()
    }


def by_chance(digits: int, masking: Masking) -> float:
    """How many in a thousand random rows of digits are taken for a secret."""
    chance = random.Random(SEED * digits)
    rows = (str(chance.randrange(10**digits)).zfill(digits) for _ in range(TRIED))
    return round(1000 * sum(bool(masking.spans(row)) for row in rows) / TRIED, 1)


def rows_of(heading: str) -> dict[str, list[str]]:
    """The table under a heading of the page, by its first column."""
    _, _, rest = DOCS.read_text(encoding="utf-8").partition(f"## {heading}\n")
    table = rest.split("\n## ")[0]
    rows = [
        [cell.strip(" `*") for cell in line.strip("|").split("|")]
        for line in re.findall(r"^\|.*\|$", table, re.MULTILINE)
    ]
    return {first: rest for first, *rest in rows[2:]}


def test_there_are_lines_enough_of_either_kind() -> None:
    lines = list(labelled())

    assert len(lines) >= 400
    assert sum(bool(line.secrets) for line in lines) >= 200
    assert sum(not line.secrets for line in lines) >= 200


def test_the_rates_are_those_that_the_page_tells() -> None:
    told = {
        name: [int(cell) for cell in row]
        for name, row in rows_of("How often it errs").items()
    }
    rates = measured()
    total = tuple(map(sum, zip(*rates.values(), strict=True)))

    assert told == {**{k: list(v) for k, v in rates.items()}, "all": list(total)}


def test_the_page_says_it_in_percent_too() -> None:
    secrets, missed, others, false = map(sum, zip(*measured().values(), strict=True))
    said = (
        f"So {missed / secrets:.1%} of the secrets are missed and {false / others:.1%}"
    )

    assert said.replace("%", " %") in " ".join(DOCS.read_text(encoding="utf-8").split())


def test_no_labelled_secret_is_missed() -> None:
    assert [line.text for line in labelled() if missed(line, spans_of(line))] == []


def test_hardly_anything_else_is_masked() -> None:
    _, _, others, false = map(sum, zip(*measured().values(), strict=True))

    assert false / others < 0.03


def test_what_cannot_be_found_is_told() -> None:
    lines = list(read("sv", "masking-limits.txt"))

    assert [line.text for line in lines if not missed(line, spans_of(line))] == []


@pytest.mark.parametrize("digits", range(10, 20))
def test_chance_is_as_the_page_tells(digits: int) -> None:
    told = float(rows_of("By chance")[str(digits)][0])

    assert by_chance(digits, MASKING["SE"]) == told
