"""Law 3, the second line: no labelled secret survives, whichever way it came in.

Every secret of the labelled set is planted in each text of each way in, and then looked
for in every byte of both databases, files and logs, in every answer, and in all that a
living key opens. Where nothing is masked they are found, so the search is known to see.
"""

import logging
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cast import NOW, OPERATOR, make_tenant
from tests.core.labelled import REGIONS, Labelled, labelled
from tests.intake.asking import Source, event
from tests.laws.canary import places_of_any
from tests.laws.ways_to_say import WAYS
from valv.core.mask_patterns import MaskPattern
from valv.core.masking import MaskingRules
from valv.core.secret_numbers import Secret
from valv.tenants.operations import set_masking

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST = 1_500
_numbers = count(1)
few = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def secret_lines(language: str) -> list[Labelled]:
    return [one for one in labelled() if one.language == language and one.secrets]


def written_in(lines: list[Labelled]) -> set[str]:
    """The secrets as they were written, and bare."""
    found = {secret for line in lines for secret in line.written()}
    return found | {re.sub(r"[\W_]", "", secret) for secret in found}


def texts_of(lines: list[Labelled]) -> Iterator[str]:
    """Many lines in one text, as long as a subject may be."""
    text = ""
    for line in lines:
        if len(text) + len(line.text) > LONGEST:
            yield text
            text = ""
        text += f"{line.text} | "
    yield text


def source_in(language: str) -> Source:
    tenant = make_tenant(f"t-{language}", region=REGIONS[language], timezone="UTC")
    return Source.of(tenant)


def say(source: Source, way: str, text: str, folder: Path) -> list[Any]:
    """The answers, all of which must be fit to be read."""
    number = next(_numbers)
    place = folder / f"w{number}"
    place.mkdir()
    said = WAYS[way](source, f"W{number}", text, place)
    answers = said if isinstance(said, list) else [said]
    if way != "errors":
        assert all(is_taken(answer) for answer in answers), answers
    return answers


def is_taken(answer: Any) -> bool:
    if isinstance(answer, dict):
        return not answer["refused"] and not answer.get("failed")
    return bool(answer.status_code in (200, 201))


def shown(answer: Any) -> str:
    return str(answer) if isinstance(answer, dict) else str(answer.content)


@pytest.mark.parametrize("language", REGIONS)
def test_no_labelled_secret_survives(
    installation: None, language: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source, lines = source_in(language), secret_lines(language)

    answers = [
        answer
        for text in texts_of(lines)
        for way in WAYS
        for answer in say(source, way, text, tmp_path)
    ]

    secrets = written_in(lines)
    assert places_of_any(secrets) == {}
    assert [one for one in secrets if one in caplog.text] == []
    assert [one for one in secrets for a in answers if one in shown(a)] == []


@few
@given(data=st.data())
def test_none_survives_by_any_way_in_any_order(
    source: Source, tmp_path: Path, data: st.DataObject
) -> None:
    lines = data.draw(
        st.lists(st.sampled_from(secret_lines("sv")), min_size=1, max_size=4)
    )
    between = data.draw(st.sampled_from(["\n", ". ", ", och ", " \u2013 ", "\t|\t"]))
    text = between.join(line.text for line in lines)

    for way in data.draw(
        st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=3)
    ):
        say(source, way, text, tmp_path)

    assert places_of_any(written_in(lines)) == {}


@pytest.mark.parametrize("way", [way for way in WAYS if way != "errors"])
def test_the_search_sees_what_is_not_masked(
    source: Source, way: str, tmp_path: Path
) -> None:
    rules = MaskingRules(off=frozenset(Secret))
    set_masking(source.tenant, rules, actor=OPERATOR, now=NOW)

    say(source, way, "kort 4111 1111 1111 1111", tmp_path)

    assert places_of_any(["4111 1111 1111 1111"])


def test_what_the_tenant_lists_or_has_a_pattern_for_survives_nowhere(
    source: Source, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pattern = MaskPattern(name="kund", pattern=r"\bK-[0-9]{6}\b")
    rules = MaskingRules(patterns=(pattern,), menus=("Code",), variables=("S", "said"))
    set_masking(source.tenant, rules, actor=OPERATOR, now=NOW)

    for way in WAYS:
        say(source, way, "kund K-417417", tmp_path)
    source.tell(
        event(1, "digits.entered", module="CODE", digits="5173829"),
        event(2, "digits.entered", digits="5173829"),
        event(3, "variable.set", name="SAID", value="pin5173829"),
        event(4, "variable.set", name="x", module="code", value="pin5173829"),
        event(5, "session.started", media="phone", variables={"Said": "pin5173829"}),
    )
    source.put("S1", started_at="2026-11-20T09:00:00Z", variables={"said ": "5173829"})

    assert places_of_any(["K-417417", "5173829"]) == {}
    assert "417417" not in caplog.text
    assert "5173829" not in caplog.text
