"""The pages of holds: placed from a search and by a rule, looked at, and released."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.archive.factories import Made, make
from tests.cast import NOW, OPERATOR
from tests.held import lay_interaction
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Hold, Interaction
from valv.core.permissions import Right
from valv.lifecycle.holds import set_release_rules
from valv.storage import scope
from valv.tenants.models import Tenant, User

MATTER = {"matter": "Case 12", "owner": "Cleo", "reason": "Complaint"}


@pytest.fixture
def officer(cleo: User) -> Visitor:
    return Visitor().enters(cleo)


def lay(tenant: Tenant, session: str) -> int:
    at = datetime.now(UTC) - timedelta(hours=1)
    return lay_interaction(tenant, session=session, started_at=at)


def held(tenant: Tenant) -> set[str]:
    with scope.reading(tenant.id):
        rows = Interaction.objects.filter(held=True)
        return set(rows.values_list("session_id", flat=True))


def the_hold(tenant: Tenant) -> Hold:
    with scope.reading(tenant.id):
        return Hold.objects.get()


def test_hits_of_a_search_are_put_on_hold(officer: Visitor, acme: Tenant) -> None:
    number, _ = lay(acme, "session-one"), lay(acme, "session-two")
    act = officer.post("/search")["Location"] + "/act"
    wanted = {"action": "hold", "id": [str(number)]}

    asked = officer.post(act, **wanted)
    done = officer.post(act, **wanted, confirmed="yes", **MATTER)
    page = text_of(officer.get(done["Location"]))

    assert f'value="{number}"' in text_of(asked)
    assert held(acme) == {"session-one"}
    assert ("session-one" in page, "session-two" in page) == (True, False)
    assert officer.entries("see")[-1].content == "hold"
    shown = text_of(officer.get(f"/interactions/{number}"))
    assert "Case 12" in shown


def test_all_hits_are_those_of_the_moment(officer: Visitor, acme: Tenant) -> None:
    lay(acme, "S1")
    address = officer.post("/search")["Location"]
    lay(acme, "S2")

    officer.post(
        f"{address}/act", action="hold", scope="all", confirmed="yes", **MATTER
    )
    lay(acme, "S3")

    assert held(acme) == {"S1", "S2"}


def test_a_rule_names_nobody_on_its_page(officer: Visitor, acme: Tenant) -> None:
    make(acme, Made(started_at=NOW, identifiers={"phone": "0701234567"}), now=NOW)

    done = officer.post("/holds", phone="070-123 45 67", **MATTER)
    page = text_of(officer.get(done["Location"]))

    rule = the_hold(acme).rule
    assert rule is not None
    assert len(rule["people"]) == 1
    assert "1 person" in page
    assert "701234567" not in page + str(rule)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"queue": ""}, "Ange vad den omfattar."),
        ({"phone": "070*"}, "utan *"),
        ({"phone": "Reception"}, "inget nummer"),
        ({"email": "0701234567\nanna"}, "ingen adress"),
        ({"queue": "A", "matter": " "}, "1 till 100 tecken"),
    ],
)
def test_what_cannot_be_placed_stays_in_the_form(
    officer: Visitor, acme: Tenant, typed: dict[str, str], said: str
) -> None:
    answer = officer.post("/holds", **{**MATTER, **typed})

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="Cleo"' in text_of(answer)
    assert officer.entries("hold") == []


def test_who_may_not_release_it_is_told_so(
    officer: Visitor, cleo: User, acme: Tenant
) -> None:
    officer.post("/holds", queue="Claims", **MATTER)
    path = f"/holds/{the_hold(acme).id}"
    said, form = "krävs en egen rättighet", f'action="{path}/release"'
    whole = text_of(officer.get(path))
    rights = [right for right in cleo.rights if right != Right.RELEASE]
    with scope.writing(acme.id):
        User.objects.filter(id=cleo.id).update(rights=rights)

    page = text_of(officer.get(path))

    assert (said in whole, form in whole) == (False, True)
    assert (said in page, form in page) == (True, False)
    assert officer.post(f"{path}/release", reason="Settled").status_code == 403


def test_two_persons_release_it_and_grace_is_shown(
    officer: Visitor, alma: User, acme: Tenant
) -> None:
    rules: dict[str, Any] = {"grace_days": 14, "two_persons": True}
    set_release_rules(acme, **rules, actor=OPERATOR, now=NOW)
    officer.post("/holds", queue="Claims", **MATTER)
    path = f"/holds/{the_hold(acme).id}"

    officer.post(f"{path}/release", reason="Settled")
    asked = text_of(officer.get(path))
    other = Visitor().enters(alma)
    offered = text_of(other.get(path))
    other.post(f"{path}/release", reason="Settled")
    released = text_of(other.get(path))

    assert f'action="{path}/release"' not in asked
    assert f'action="{path}/release"' in offered
    assert "Allt finns kvar till" in released
    assert the_hold(acme).released_by == "Alma"


def test_how_holds_are_released_is_set_on_the_page(
    officer: Visitor, acme: Tenant
) -> None:
    wrong = officer.post("/holds/rules", grace="400")
    officer.post("/holds/rules", grace="30", two_persons="on")

    with scope.reading(acme.id):
        row = Tenant.objects.get(id=acme.id)
    assert wrong.status_code == 422
    assert (row.hold_grace_days, row.hold_two_persons) == (30, True)


def test_a_hold_of_another_tenant_is_not_there(
    officer: Visitor, acme: Tenant, dag: User
) -> None:
    officer.post("/holds", queue="Claims", **MATTER)
    path, stranger = f"/holds/{the_hold(acme).id}", Visitor().enters(dag)

    answers = [stranger.get(path), stranger.post(f"{path}/release", reason="x")]

    assert [one.status_code for one in answers] == [404, 404]
    assert the_hold(acme).released_at is None
