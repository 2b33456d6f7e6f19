"""What is masked, over HTTP: shown, changed, tried."""

import logging
from typing import Any

import msgspec
import pytest

from tests.api.conftest import Asker
from tests.core.test_masking import TOO_BROAD, UNREADABLE
from tests.laws.canary import places_of
from valv.core.permissions import Scope
from valv.storage import scope
from valv.tenants import queries
from valv.tenants.models import MaskingSetting, Tenant

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "19121212-1212"
CUSTOMER = {"name": "customer", "pattern": r"\bK-[0-9]{6}\b"}
PATH, PREVIEW = "/masking", "/masking/preview"


def put(ask: Asker, **stated: object) -> Any:
    return ask("PUT", PATH, data=_json(stated), content_type="application/json")


def preview(ask: Asker, text: str, **stated: object) -> Any:
    body = _json({"text": text, **stated})
    return ask("POST", PREVIEW, data=body, content_type="application/json")


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def test_a_new_tenant_masks_every_kind(ask: Asker) -> None:
    told = ask("GET", PATH).json()

    assert (told["version"], told["since"], told["set_by"]) == (0, None, "")
    assert (told["patterns"], told["menus"], told["variables"]) == ([], [], [])
    assert set(told["kinds"].values()) == {True}


def test_what_is_not_named_stays_as_it_is(ask: Asker) -> None:
    put(ask, menus=["Code"], kinds={"iban": False})
    put(ask, variables=["pin"], kinds={"card": False})

    told = ask("GET", PATH).json()

    assert (told["version"], told["menus"], told["variables"]) == (2, ["Code"], ["pin"])
    off = {kind for kind, is_on in told["kinds"].items() if not is_on}
    assert off == {"iban", "card"}


def test_what_was_shown_may_be_sent_back(ask: Asker) -> None:
    put(ask, patterns=[CUSTOMER])
    told = ask("GET", PATH).json()

    before = len(ask.entries("setting"))

    assert put(ask, **told).json() == told
    assert len(ask.entries("setting")) == before


def test_a_change_of_what_is_not_in_force_any_more_is_a_conflict(ask: Asker) -> None:
    put(ask, menus=["Code"], version=0)

    assert put(ask, menus=[], version=0).status_code == 409
    assert ask("GET", PATH).json()["menus"] == ["Code"]


def test_a_change_is_in_the_audit_log_without_what_it_says(ask: Asker) -> None:
    put(ask, patterns=[CUSTOMER], menus=["Code", "Pin"], kinds={"iban": False})

    details = ask.entries("setting")[-1].details
    assert details["setting"] == "masking"
    assert [(one["what"], one["from"], one["to"]) for one in details["changes"]] == [
        ("version", 0, 1), ("off", 0, 1), ("patterns", 0, 1), ("menus", 0, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("pattern", [*TOO_BROAD, *UNREADABLE])
def test_a_pattern_that_cannot_be_is_refused_and_changes_nothing(
    ask: Asker, pattern: str
) -> None:
    answer = put(ask, patterns=[CUSTOMER, {"name": "x", "pattern": pattern}])

    assert answer.status_code == 422
    assert answer.json()["field"] == "patterns[1].pattern"
    assert ask("GET", PATH).json()["version"] == 0


@pytest.mark.parametrize(
    "stated",
    [
        {"kinds": {"passport": True}}, {"kinds": {"card": "no"}}, {"menus": "Code"},
        {"variables": [""]}, {"variables": ["deny_recording"]}, {"unknown": 1},
        {"patterns": [CUSTOMER] * 2}, {"patterns": [{**CUSTOMER, "x": 1}]},
        {"menus": ["m" * 201]}, {"menus": [f"m{n}" for n in range(501)]},
        {"patterns": [{"name": "x" * n, "pattern": "abc"} for n in range(1, 52)]},
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(ask: Asker, stated: dict[str, Any]) -> None:
    assert put(ask, **stated).status_code == 422


def test_masking_needs_the_scope_admin(acme: Tenant) -> None:
    others = [one for one in Scope if one is not Scope.ADMIN]
    ask = Asker(acme, others)

    answers = [ask("GET", PATH), put(ask, menus=[]), preview(ask, "x")]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_one_tenants_masking_is_not_anothers(ask: Asker, stranger: Asker) -> None:
    put(ask, menus=["Code"])

    assert stranger("GET", PATH).json()["menus"] == []


def test_a_preview_shows_what_would_be_masked_and_where(ask: Asker) -> None:
    answer = preview(ask, f"åäö 💩 {OURS}, K-123456", patterns=[CUSTOMER]).json()

    assert answer == {
        "text": "åäö 💩 [personal number], [customer]",
        "found": [
            {"start": 6, "end": 19, "mark": "[personal number]"},
            {"start": 21, "end": 29, "mark": "[customer]"},
        ],
    }


def test_a_preview_is_of_what_is_in_force_unless_said(ask: Asker) -> None:
    put(ask, patterns=[CUSTOMER], kinds={"personal_number_se": False})

    assert preview(ask, f"{OURS} K-123456").json()["text"] == f"{OURS} [customer]"
    on = {"personal_number_se": True}
    assert preview(ask, OURS, kinds=on).json()["text"] == "[personal number]"
    assert (
        preview(ask, "x", patterns=[{"name": "x", "pattern": "."}]).status_code == 422
    )


def test_what_was_tried_is_kept_nowhere(
    ask: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = len(ask.entries("setting"))
    for pattern in (CUSTOMER, {"name": "x", "pattern": "("}):
        preview(ask, "zebra-9041-" + OURS, patterns=[pattern])

    assert places_of("zebra-9041") == set()
    assert "zebra-9041" not in caplog.text
    assert len(ask.entries("setting")) == before


def test_a_version_that_is_gone_masks_nothing_less(ask: Asker, acme: Tenant) -> None:
    """Rather no request is taken than one by fewer rules than were set."""
    put(ask, menus=["Code"])
    queries._masking.cache_clear()
    with scope.writing(acme.id):
        MaskingSetting.objects.all().delete()

    assert ask("GET", PATH).status_code == 500
