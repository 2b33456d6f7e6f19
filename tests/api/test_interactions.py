"""Searching, seeing and exporting interactions over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from tests.api.conftest import Asker, body_of
from tests.cast import NOW
from tests.held import lay_content, lay_interaction
from valv.audit import operations as audit
from valv.audit import searches
from valv.core.permissions import Scope
from valv.sharing.spreadsheet import COLUMNS
from valv.tenants.models import Tenant

HEADINGS = [column.heading for column, _ in COLUMNS]


def sessions(answer: Any) -> list[str]:
    return [item["session_id"] for item in answer.json()["items"]]


def post_search(ask: Asker, asked: object) -> Any:
    return ask(
        "POST",
        "/interactions/search",
        data=json.dumps(asked),
        content_type="application/json",
    )


@pytest.fixture
def three(acme: Tenant) -> list[int]:
    return [
        lay_interaction(acme, session=f"S{n}", started_at=NOW - timedelta(hours=n))
        for n in (1, 2, 3)
    ]


def test_a_search_lists_the_newest_first(ask: Asker, three: list[int]) -> None:
    answer = ask("GET", "/interactions")

    assert sessions(answer) == ["S1", "S2", "S3"]
    assert answer.json()["count"] == {"value": 3, "capped": False}
    assert answer.json()["next"] is None


def test_a_cursor_leads_to_the_next_page(ask: Asker, three: list[int]) -> None:
    first = ask("GET", "/interactions?limit=2").json()
    second = ask("GET", f"/interactions?limit=2&cursor={first['next']}")

    assert [item["session_id"] for item in first["items"]] == ["S1", "S2"]
    assert sessions(second) == ["S3"]


def test_a_search_by_body_is_the_same_search(ask: Asker, three: list[int]) -> None:
    assert sessions(post_search(ask, {"session": ["S1", "S3"]})) == ["S1", "S3"]
    assert sessions(post_search(ask, {"has_recording": True})) == []
    assert sessions(post_search(ask, {"limit": 1, "queue": None})) == ["S1"]


@pytest.mark.parametrize("query", ["numer=1", "phone=1&fone=2"])
def test_an_unknown_parameter_is_refused(ask: Asker, query: str) -> None:
    assert ask("GET", f"/interactions?{query}").status_code == 400


@pytest.mark.parametrize("query", ["limit=0", "media=fax", "from=x", "cursor=x"])
def test_a_value_without_meaning_is_malformed(ask: Asker, query: str) -> None:
    answer = ask("GET", f"/interactions?{query}")

    assert (answer.status_code, answer.json()["field"]) == (422, query.split("=")[0])


@pytest.mark.parametrize("body", ["[]", "{", '{"limit": {}}', '{"numer": 1}'])
def test_a_body_that_is_no_search_is_refused(ask: Asker, body: str) -> None:
    answer = ask(
        "POST", "/interactions/search", data=body, content_type="application/json"
    )

    assert answer.status_code in {400, 422}


def test_a_body_may_come_in_chunks(ask: Asker, three: list[int]) -> None:
    answer = ask(
        "POST",
        "/interactions/search",
        headers={"Transfer-Encoding": "chunked"},
        **{"wsgi.input": BytesIO(b'{"session": "S2"}')},
    )

    assert sessions(answer) == ["S2"]


def test_a_body_past_the_limit_is_too_large(ask: Asker) -> None:
    answer = ask("POST", "/interactions/search", data=b"[" * (32 * 1024 * 1024 + 1))

    assert answer.status_code == 413


def test_a_search_is_one_entry_that_tells_no_value(
    ask: Asker, three: list[int]
) -> None:
    ask("GET", "/interactions?session=S1&media=phone")
    searches.flush()

    (entry,) = ask.entries("search")
    assert entry.details["by"] == ["media", "session"]
    assert entry.details["found"] == 1


def test_one_interaction_is_seen_with_its_content(
    acme: Tenant, ask: Asker, three: list[int]
) -> None:
    lay_content(acme, three[0])

    item = ask("GET", f"/interactions/{three[0]}").json()

    assert item["started_at"] == "2026-11-23T12:05:00.000Z"
    assert [(c["kind"], c["state"]) for c in item["contents"]] == [
        ("recording", "present")
    ]
    assert [e.interaction_id for e in ask.entries("see")] == [three[0]]


def test_without_an_entry_nothing_is_seen(
    ask: Asker, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(audit, "insert", fail)

    answer = ask("GET", f"/interactions/{three[0]}")
    assert answer.status_code == 500
    assert b"S1" not in body_of(answer)


def test_a_strangers_interaction_looks_like_none(
    stranger: Asker, three: list[int]
) -> None:
    theirs = stranger("GET", f"/interactions/{three[0]}")
    none = stranger("GET", "/interactions/123")

    assert (theirs.status_code, body_of(theirs)) == (404, body_of(none))
    assert sessions(stranger("GET", "/interactions")) == []


@pytest.mark.parametrize("name", ["abc", "1.5", "٣", "9" * 30])
def test_a_malformed_id_names_nothing(ask: Asker, name: str) -> None:
    assert ask("GET", f"/interactions/{name}").status_code == 404


def test_reading_needs_its_scope(acme: Tenant, three: list[int]) -> None:
    machine = Asker(acme, [Scope.CONTENT, Scope.AUDIT, Scope.INTAKE])

    for path in ("", f"/{three[0]}", ".xlsx"):
        assert machine("GET", f"/interactions{path}").status_code == 403


def test_a_wrong_method_is_refused(ask: Asker) -> None:
    assert ask("PATCH", "/interactions/1").status_code == 405
    assert ask("DELETE", "/interactions").status_code == 405


def test_queries_do_not_grow_with_hits(
    acme: Tenant, ask: Asker, three: list[int]
) -> None:
    ask("GET", "/interactions")
    with CaptureQueriesContext(connection) as few:
        ask("GET", "/interactions")
    for n in range(10, 20):
        lay_interaction(acme, session=f"T{n}")

    with CaptureQueriesContext(connection) as many:
        ask("GET", "/interactions")
    assert len(many) == len(few)


def test_an_export_holds_every_hit(ask: Asker, three: list[int]) -> None:
    answer = ask("GET", "/interactions.xlsx?session=S1&session=S3")

    book = CalamineWorkbook.from_filelike(BytesIO(body_of(answer)))
    head, first, second = book.get_sheet_by_index(0).to_python()
    assert head == HEADINGS
    assert [row[HEADINGS.index("Session")] for row in (first, second)] == ["S1", "S3"]
    started = first[HEADINGS.index("Started")]
    assert started == datetime(2026, 11, 23, 13, 5, tzinfo=UTC).replace(tzinfo=None)


def test_an_export_is_one_entry_made_before_it_leaves(
    ask: Asker, three: list[int]
) -> None:
    answer = ask("GET", "/interactions.xlsx?media=phone")

    (entry,) = ask.entries("export")
    assert entry.details == {"form": "xlsx", "by": ["media"]}
    assert answer["Content-Disposition"].endswith('.xlsx"')


def test_an_export_has_no_pages(ask: Asker) -> None:
    assert ask("GET", "/interactions.xlsx?limit=1").status_code == 400
