"""The change log over HTTP: each setting tells from what to what, and no secret."""

import json
from typing import Any

import pytest

from tests.api.conftest import Asker
from valv.core.permissions import Scope
from valv.tenants.models import Tenant


def put(ask: Asker, path: str, **fields: Any) -> None:
    assert ask("PUT", path, data=json.dumps(fields)).status_code == 200


def newest(ask: Asker, query: str = "") -> dict[str, Any]:
    items = ask("GET", f"/audit/changes{query}").json()["items"]
    return dict(items[0])


def values(item: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {one["what"]: (one["from"], one["to"]) for one in item["changes"]}


CHANGES: list[tuple[str, dict[str, Any], str, dict[str, tuple[Any, Any]]]] = [
    ("/retention", {"recordings": 30}, "storage_times", {"recordings": (14, 30)}),
    (
        "/settings/content",
        {"social_content": True},
        "content_kept",
        {"social_content": (False, True)},
    ),
    (
        "/registration-topics",
        {"categories": [{"category": "A", "topics": ["B"]}]},
        "registration_topics",
        {"A": (None, ["B"])},
    ),
    (
        "/recording-policy",
        {"rules": [{"mode": "forced", "on": "queue", "name": "Q"}]},
        "recording_policy",
        {"queue Q": (None, "forced")},
    ),
    ("/masking", {"menus": ["Pin"]}, "masking", {"version": (0, 1), "menus": (0, 1)}),
    (
        "/settings/reasons",
        {"required": ["play"]},
        "reasons",
        {"required": ([], ["play"])},
    ),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[2])
def test_a_change_tells_from_what_to_what(ask: Asker, change: Any) -> None:
    path, fields, setting, told = change

    put(ask, path, **fields)

    item = newest(ask, f"?setting={setting}")
    assert (item["setting"], item["actor_type"]) == (setting, "api")
    assert values(item) == told
    assert newest(ask) == item


def test_changes_are_narrowed_by_user_and_period(ask: Asker) -> None:
    put(ask, "/retention", recordings=30)

    assert ask("GET", "/audit/changes?actor=nobody*").json()["items"] == []
    assert ask("GET", "/audit/changes?from=2100-01-01").json()["items"] == []
    assert newest(ask, "?actor=TEST")["setting"] == "storage_times"


def test_reading_changes_is_entered(ask: Asker) -> None:
    newest(ask)

    assert ask.entries("log")[0].details["by"] == ["action"]


def test_changes_need_the_right_to_the_log(acme: Tenant) -> None:
    assert Asker(acme, [Scope.ADMIN])("GET", "/audit/changes").status_code == 403
