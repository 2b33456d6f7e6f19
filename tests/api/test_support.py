"""Support access over HTTP: granted, changed and ended, each with its entry."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.api.conftest import Asker
from tests.laws.test_every_act_is_entered import a_log_that_cannot_be_written
from tests.portal.supporters import TEAM, make_supporter
from valv.core.permissions import Scope
from valv.tenants.models import Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sam(installation: None) -> User:
    return make_supporter("sam")


def asked(**fields: Any) -> bytes:
    until = datetime.now(UTC) + timedelta(days=1)
    known = {"team": TEAM, "rights": ["see"], "until": until, "reason": "Felet 7"}
    return msgspec.json.encode({**known, **fields})


def grant(ask: Asker, **fields: Any) -> Any:
    return ask("POST", "/support-grants", data=asked(**fields))


def test_support_is_let_in_changed_and_ended(ask: Asker, sam: User) -> None:
    made = grant(ask, person=sam.id, queues=["Support"], interactions=["17"])
    assert made.status_code == 201
    place = f"/support-grants/{made.json()['id']}"

    changed = ask("PUT", place, data=asked(rights=["see", "play"]))
    ended = ask("DELETE", place)

    assert made.json()["name"] == f"Sam ({TEAM})"
    assert (made.json()["queues"], made.json()["interactions"]) == (["Support"], ["17"])
    assert changed.json()["rights"] == ["see", "play"]
    assert (changed.json()["queues"], ended.status_code) == (None, 204)
    assert ask("DELETE", place).status_code == 404
    steps = [entry.details["step"] for entry in ask.entries("support")]
    assert steps == ["granted", "changed", "ended"]


def test_the_list_says_who_may_be_let_in(ask: Asker, sam: User) -> None:
    grant(ask)

    found = ask("GET", "/support-grants").json()

    assert [one["name"] for one in found["items"]] == [TEAM]
    assert found["supporters"] == [{"person": sam.id, "name": "Sam", "team": TEAM}]


def test_anothers_grant_is_as_good_as_none(
    ask: Asker, stranger: Asker, sam: User
) -> None:
    place = f"/support-grants/{grant(ask).json()['id']}"

    for path in (place, "/support-grants/99999", "/support-grants/x"):
        assert stranger("DELETE", path).status_code == 404
        assert stranger("PUT", path, data=asked()).status_code == 404
    assert stranger("GET", "/support-grants").json()["items"] == []


def test_it_needs_the_scope(acme: Tenant, sam: User) -> None:
    reader = Asker(acme, [Scope.READ])

    assert grant(reader).status_code == 403


@pytest.mark.parametrize("right", ["users", "privacy", "settings", "support", "x"])
def test_what_reaches_further_is_never_granted(
    ask: Asker, sam: User, right: str
) -> None:
    assert grant(ask, rights=["see", right]).status_code == 422


def test_what_cannot_be_entered_is_not_done(ask: Asker, sam: User) -> None:
    place = f"/support-grants/{grant(ask).json()['id']}"
    before = ask("GET", "/support-grants").json()

    with a_log_that_cannot_be_written():
        answers = [
            grant(ask),
            ask("PUT", place, data=asked(rights=["see", "play"])),
            ask("DELETE", place),
        ]

    assert [one.status_code for one in answers] == [500, 500, 500]
    assert ask("GET", "/support-grants").json() == before
