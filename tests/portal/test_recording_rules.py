"""The page of recording rules: read by many, changed by the administrator."""

from typing import Any

import pytest

from tests.portal.visiting import Visitor, text_of
from valv.core.recording_policy import Policy
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.queries import PolicyVersion, recording_policy

HERE = "/recording-rules"
FORM: dict[str, Any] = {
    "mode": ["forced", "manual", "forced"],
    "on": ["queue", "group", "queue"],
    "name": [" Support ", "Sales", ""],
    "group": ["Sales", ""],
    "agents": ["a7\r\n a8 \r\n", ""],
    "consent_needed": "on",
    "question": "May we record?",
    "question_version": "2",
    "reason": "Decided by the board",
    "version": "0",
}


@pytest.fixture
def administrator(alma: User) -> Visitor:
    return Visitor().enters(alma)


def in_force(tenant: Tenant) -> PolicyVersion:
    with scope.reading(tenant.id):
        return recording_policy()


def test_a_new_tenant_is_told_that_nothing_is_recorded(administrator: Visitor) -> None:
    html = text_of(administrator.get(HERE))

    assert "Spelas inte in." in html
    assert "ingen har beslutat något än" in html


def test_what_is_saved_holds_and_is_told(administrator: Visitor, acme: Tenant) -> None:
    answer = administrator.post(HERE, step="save", **FORM)

    assert answer.status_code == 303
    laid = in_force(acme)
    assert laid.policy.groups == {"Sales": ("a7", "a8")}
    assert [(r.mode.value, r.on.value, r.name) for r in laid.policy.rules] == [
        ("forced", "queue", "Support"), ("manual", "group", "Sales"),
    ]  # fmt: skip
    html = text_of(administrator.get(HERE))
    assert "Decided by the board" in html
    assert "beslutat av Alma" in html
    assert "a7\na8</textarea>" in html
    assert administrator.entries("setting")[-1].reason == "Decided by the board"


def test_a_preview_says_what_would_change_and_changes_nothing(
    administrator: Visitor, acme: Tenant
) -> None:
    html = text_of(administrator.post(HERE, step="preview", **FORM))

    assert '<th scope="row">Kö Support</th>' in html
    assert "<ins>Tvingande inspelning</ins>" in html
    assert "<ins>a7, a8</ins>" in html
    assert in_force(acme).version == 0


def test_more_rows_keep_what_was_typed(administrator: Visitor) -> None:
    html = text_of(administrator.post(HERE, step="more", **FORM))

    assert html.count('name="mode"') == 2 + 10
    assert 'value="Support"' in html


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"mode": ["forced"] * 3, "name": ["A", "Sales", "A"]}, "högst en regel"),
        ({"mode": ["pending"], "on": ["agent"], "name": ["a7"]}, "bara en kö"),
        ({"group": ["", ""], "agents": ["", ""]}, "bland användargrupperna"),
        ({"group": ["Sales", "Sales"]}, "ett eget namn"),
        ({"group": ["Sales", ""], "agents": ["a7", "a8"]}, "ett eget namn"),
        ({"group": ["Sales", "B"], "agents": ["a7", "a7"]}, "högst en"),
        ({"mode": ["loud"]}, "högst en regel"),
    ],
)
def test_what_cannot_be_meant_is_said_and_stays_in_the_form(
    administrator: Visitor, acme: Tenant, changed: dict[str, Any], says: str
) -> None:
    answer = administrator.post(HERE, step="save", **{**FORM, **changed})

    assert answer.status_code == 422
    assert says in text_of(answer)
    assert "May we record?" in text_of(answer)
    assert in_force(acme).version == 0


@pytest.mark.parametrize("version", ["1", "", "x", "-1", "٣"])
def test_rules_that_were_changed_meanwhile_are_not_overwritten(
    administrator: Visitor, acme: Tenant, version: str
) -> None:
    answer = administrator.post(HERE, step="save", **{**FORM, "version": version})

    assert answer.status_code == 409
    assert "under tiden" in text_of(answer)
    assert in_force(acme).policy == Policy()


def test_earlier_rules_stay_to_be_read(administrator: Visitor) -> None:
    administrator.post(HERE, step="save", **FORM)
    again = {**FORM, "name": ["Other", "Sales", ""], "version": "1", "reason": ""}
    administrator.post(HERE, step="save", **again)

    html = text_of(administrator.get(HERE))

    assert html.index("Tidigare regler") < html.rindex("Support")
    assert html.count("Decided by the board") == 1


def test_the_privacy_officer_reads_and_changes_nothing(
    cleo: User, acme: Tenant
) -> None:
    officer = Visitor().enters(cleo)

    html = text_of(officer.get(HERE))

    assert "Vad som gäller nu" in html
    assert "<textarea" not in html
    assert officer.post(HERE, step="save", **FORM).status_code == 403
    assert in_force(acme).version == 0


def test_who_sees_general_information_only_is_kept_out(bo: User) -> None:
    assert Visitor().enters(bo).get(HERE).status_code == 403


def test_another_tenants_rules_stay(
    administrator: Visitor, acme: Tenant, borealis: Tenant
) -> None:
    administrator.post(HERE, step="save", **FORM)

    assert in_force(borealis) == PolicyVersion()
