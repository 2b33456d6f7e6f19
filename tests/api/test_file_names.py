"""How files are named that leave together, by API and on its page."""

from typing import Any

import msgspec
import pytest

from tests.api.conftest import Asker
from tests.portal.visiting import Visitor, text_of
from valv.core.file_names import USUAL
from valv.core.permissions import Scope
from valv.tenants.models import Tenant, User

PATH = "/settings/file-names"


def put(ask: Asker, pattern: object) -> Any:
    return ask("PUT", PATH, data=msgspec.json.encode({"pattern": pattern}))


def test_there_is_a_usual_pattern_without_a_number(ask: Asker) -> None:
    example = "2026-11-23_140500_S-1042_1.mp3"
    assert ask("GET", PATH).json() == {"pattern": USUAL, "example": example}


def test_a_change_is_entered_and_what_changes_nothing_is_not(ask: Asker) -> None:
    assert put(ask, "{queue}-{id}-{n}").json()["pattern"] == "{queue}-{id}-{n}"
    put(ask, "{queue}-{id}-{n}")
    put(ask, "")

    entries = [e for e in ask.entries("setting") if e.content == "file_names"]
    assert [one.details["changes"] for one in entries] == [
        [{"what": "pattern", "from": USUAL, "to": "{queue}-{id}-{n}"}],
        [{"what": "pattern", "from": "{queue}-{id}-{n}", "to": USUAL}],
    ]


@pytest.mark.parametrize("pattern", ["{n}", "{id}{n}{who}", "{id}{n}0701740605", 7])
def test_a_pattern_that_cannot_be_is_refused_by_its_field(
    ask: Asker, pattern: object
) -> None:
    answer = put(ask, pattern)

    assert answer.status_code == 422
    assert answer.json()["field"] == "pattern"
    assert ask("GET", PATH).json()["pattern"] == USUAL


def test_it_takes_the_scope(acme: Tenant) -> None:
    ask = Asker(acme, (Scope.READ, Scope.CONTENT))

    assert ask("GET", PATH).status_code == 403
    assert put(ask, "{id}_{n}").status_code == 403


def test_the_page_sets_it_and_says_what_cannot_be(alma: User) -> None:
    visitor = Visitor().enters(alma)

    wrong = visitor.post(PATH, pattern="{session}")
    assert wrong.status_code == 422
    assert 'value="{session}"' in text_of(wrong)
    assert 'aria-invalid="true"' in text_of(wrong)

    visitor.post(PATH, pattern="{queue}_{id}_{n}.mp3")

    assert "Support_3700000000000000001_1.mp3" in text_of(visitor.get(PATH))
    assert "ändrade hur filer får sina namn" in text_of(visitor.get("/audit-log"))
    assert "{queue}_{id}_{n}" in text_of(visitor.get("/change-log"))


def test_the_page_is_for_those_who_set_things(bo: User) -> None:
    assert Visitor().enters(bo).get(PATH).status_code == 403
