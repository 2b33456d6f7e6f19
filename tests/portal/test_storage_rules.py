"""Rules for storage times, typed, ordered, previewed and saved on their page."""

from datetime import timedelta
from typing import Any

import pytest

from tests.lifecycle.archive_of_ages import lay_ages
from tests.portal.visiting import Visitor, text_of
from valv.core.moments import to_millisecond
from valv.core.retention import Stored
from valv.core.storage_rules import StoragePolicy
from valv.portal.doors import clock
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.storage_terms import storage_policy

PAGE = "/storage-times/rules"
Form = dict[str, list[str] | str]


@pytest.fixture
def officer(cleo: User) -> Visitor:
    return Visitor().enters(cleo)


def ruled(n: int, **typed: str) -> Form:
    """A rule as the form sends it, with its fields' names in short."""
    modes = {f"r{n}_{stored}_mode": "follow" for stored in Stored}
    return {**modes, **{f"r{n}_{name}": value for name, value in typed.items()}}


def claims(n: int = 1, **typed: str) -> Form:
    given = {
        "name": "Claims", "queue": "Claims\r\n Damage ",
        "recordings_mode": "days", "recordings_days": "365",
        "recordings_least": "30",
        "decision_number": "2026/12", "decision_on": "2026-01-02",
    }  # fmt: skip
    return ruled(n, **{**given, **typed})


def youth(n: int = 2, **typed: str) -> Form:
    given = {"name": "Youth", "media": "chat", "chat_logs_mode": "ever"}
    return ruled(n, **{**given, **typed})


def send(officer: Visitor, step: str, *rules: Form, **more: str) -> Any:
    numbers = [name[1] for one in rules for name in one if name.endswith("_name")]
    form: Form = {"step": step, "version": "1", "rule": numbers, **more}
    for one in rules:
        form |= one
    return officer.post(PAGE, **form)


def in_force(tenant: Tenant) -> StoragePolicy:
    with scope.reading(tenant.id):
        return storage_policy()


def names(tenant: Tenant) -> list[str]:
    return [rule.name for rule in in_force(tenant).rules]


def test_a_rule_is_saved_as_it_is_typed(officer: Visitor, acme: Tenant) -> None:
    answer = send(officer, "save", claims(), youth())

    assert answer.status_code == 303
    first, second = in_force(acme).rules
    assert first.queue == ("Claims", "Damage")
    assert (first.times, first.minimum) == ({"recordings": 365}, {"recordings": 30})
    assert (first.decision.number, str(first.decision.on)) == ("2026/12", "2026-01-02")
    assert (second.name, second.times) == ("Youth", {"chat_logs": "forever"})
    assert officer.entries("setting")[-1].actor == "Cleo"
    html = text_of(officer.get(PAGE))
    assert "Claims\nDamage</textarea>" in html
    assert "Minst: Inspelningar 30 dagar" in html
    assert "Claims, Youth" in text_of(officer.get("/storage-times"))


def test_general_times_leave_the_rules(officer: Visitor, acme: Tenant) -> None:
    send(officer, "save", claims())
    general = {f"{stored}_mode": "follow" for stored in Stored}
    general |= {"general_mode": "days", "general_days": "400", "general_least": "9"}

    answer = officer.post("/storage-times", step="save", version="2", **general)

    assert answer.status_code == 303
    assert names(acme) == ["Claims"]
    assert in_force(acme).minimum == {"general": 9}


def test_a_preview_tells_what_the_night_would_take(
    officer: Visitor, acme: Tenant
) -> None:
    lay_ages(acme, to_millisecond(clock()) - timedelta(days=1), (0, 5, 20))
    phone = ruled(1, name="Calls", media="phone", recordings_mode="days",
                  recordings_days="3")  # fmt: skip

    html = text_of(send(officer, "preview", phone))
    new = text_of(send(officer, "preview", phone, applies_to="new"))

    assert "Regeln ”Calls”" in html
    assert "Telefon; Högst: Inspelningar 3 dagar" in html
    assert '<b class="bad">2</b>' in html
    assert "/interactions/" in html
    assert '<b class="bad">1</b>' in new  # by the general times alone
    assert names(acme) == []


def test_who_may_not_see_interactions_is_shown_none(
    acme: Tenant, officer: Visitor, cleo: User
) -> None:
    lay_ages(acme, to_millisecond(clock()), (20,))
    with scope.writing(acme.id):
        User.objects.filter(id=cleo.id).update(rights=["retention"])

    html = text_of(send(officer, "preview", claims()))

    assert '<b class="bad">1</b>' in html
    assert "/interactions/" not in html


def test_rules_change_their_order_and_go(officer: Visitor, acme: Tenant) -> None:
    moved = text_of(send(officer, "earlier-2", claims(), youth()))
    gone = text_of(send(officer, "without-1", claims(), youth()))
    more = text_of(send(officer, "more", claims()))

    assert moved.index('value="Youth"') < moved.index('value="Claims"')
    assert 'value="Claims"' not in gone
    assert "En ny regel" in more
    assert names(acme) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"queue": ""},
        {"recordings_mode": "follow", "recordings_least": ""},
        {"recordings_least": "366"},
        {"recordings_days": "soon"},
        {"decision_on": "2026-02-30"},
        {"media": "fax", "queue": ""},
        {"name": "070-123 45 67"},
        {"queue": "0701234567"},
        {"decision_number": "anna@example.com"},
    ],
)
def test_what_cannot_be_is_told_and_not_saved(
    officer: Visitor, acme: Tenant, wrong: Any
) -> None:
    answer = send(officer, "save", claims(**wrong))

    assert answer.status_code == 422
    assert 'class="fault"' in text_of(answer)
    assert names(acme) == []


def test_two_rules_of_one_name_are_refused(officer: Visitor, acme: Tenant) -> None:
    assert send(officer, "save", claims(), youth(name="Claims")).status_code == 422
    assert names(acme) == []


def test_what_somebody_changed_meanwhile_is_not_overwritten(
    officer: Visitor, acme: Tenant
) -> None:
    send(officer, "save", claims())

    answer = send(officer, "save", youth())

    assert answer.status_code == 409
    assert names(acme) == ["Claims"]


def test_a_blank_rule_is_none(officer: Visitor, acme: Tenant) -> None:
    assert send(officer, "save", ruled(1)).status_code == 303
    assert names(acme) == []


def test_another_tenants_rules_stay(
    officer: Visitor, acme: Tenant, borealis: Tenant
) -> None:
    send(officer, "save", claims())

    assert names(borealis) == []
