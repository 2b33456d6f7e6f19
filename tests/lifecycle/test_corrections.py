"""A wrong identifier is put right (GDPR 16): everywhere, for good, and entered."""

from typing import Any

import msgspec
import pytest
from django.test import Client

from tests.api.conftest import Asker
from tests.cast import make_token
from tests.intake.asking import Source, event
from tests.portal.visiting import Visitor, text_of
from valv.archive.hold_models import HoldItem
from valv.audit.models import Entry
from valv.audit.verify import verify
from valv.core.permissions import Scope
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey
from valv.tenants.models import Tenant, User

pytestmark = pytest.mark.django_db
START = "2026-11-20T09:00:00Z"
WRONG, RIGHT, OTHER = "+46701740605", "+46701740606", "+46701740607"
NAME = "Anna Ek"
# Too long with marks in their place; and one of which some stays, whatever is marked.
MANY = " ".join(f"07017406{n}" for n in range(10, 50))
TANGLED = "a" + "@123456.de" * 12


@pytest.fixture
def teller(acme: Tenant) -> Source:
    return Source(acme, make_token(acme), Client())


@pytest.fixture
def call(teller: Source) -> str:
    """A call whose source told a wrong number, with a name."""
    party = {"phone": WRONG, "name": NAME}
    start = event(0, "session.started", session="S", media="phone", identifiers=party)
    teller.tell(start, event(9, "session.ended", session="S"))
    return str(teller.id_of("S"))


def correct(teller: Source, call: str, status: int = 204, **said: Any) -> Any:
    """The interaction as it is then, or the problem."""
    asked = {"kind": "phone", "reason": "Misheard", **said}
    path = f"/interactions/{call}/correction"
    answer = teller.ask("POST", path, msgspec.json.encode(asked))
    assert answer.status_code == status, answer.content
    if status != 204:
        return answer.json()
    return teller.ask("GET", f"/interactions/{call}").json()


def found(teller: Source, number: str) -> list[str]:
    digits = number.removeprefix("+46")
    answer = teller.ask("GET", f"/interactions?phone=*{digits}").json()
    return [one["id"] for one in answer["items"]]


def raw(teller: Source) -> str:
    return str(teller.ask("GET", "/raw-events?session=S").getvalue().decode())


def living_keys(teller: Source) -> int:
    held = SealingKey.objects.filter(tenant_id=teller.tenant.id)
    return held.filter(kind=KeyKind.IDENTIFIER).count()


def test_the_right_one_takes_its_place_in_raw_data_too(
    teller: Source, call: str
) -> None:
    before = living_keys(teller)
    item = correct(teller, call, value="070-174 06 06")

    assert item["identifiers"]["phone"] == RIGHT
    assert item["identifiers"]["name"] == NAME
    assert (found(teller, WRONG), found(teller, RIGHT)) == ([], [call])
    assert WRONG not in raw(teller)
    assert RIGHT in raw(teller)
    assert NAME in raw(teller)
    assert living_keys(teller) == before  # the wrong ones are destroyed


def test_the_log_says_which_kind_and_why_and_neither_value(
    teller: Source, call: str
) -> None:
    correct(teller, call, value=RIGHT)

    (entry,) = teller.rows(Entry, action="correct")
    assert (entry.content, entry.reason) == ("phone", "Misheard")
    assert entry.identifier_id is None
    assert verify(teller.tenant.id).ok


def test_whom_its_reason_names_is_put_by_reference(teller: Source, call: str) -> None:
    correct(teller, call, value=RIGHT, reason=f"not {WRONG}, says {OTHER}")

    (entry,) = teller.rows(Entry, action="correct")
    listed = teller.ask("GET", "/audit?action=correct").json()["items"]
    assert not {WRONG, OTHER} & set(entry.reason.split())
    assert listed[0]["reason"] == f"not {WRONG}, says {OTHER}"


def test_one_that_stands_elsewhere_stays_there(teller: Source, call: str) -> None:
    other = teller.put("T", started_at=START, identifiers={"phone": WRONG}).json()

    correct(teller, call, value=RIGHT)

    assert found(teller, WRONG) == [other["id"]]


def test_no_source_changes_it_back(teller: Source, call: str) -> None:
    correct(teller, call, value=RIGHT)

    teller.put("S", started_at=START, identifiers={"phone": WRONG, "name": NAME})
    party = {"phone": OTHER}
    late = event(3, "session.started", session="S", media="phone", identifiers=party)
    teller.tell(late)

    assert teller.item("S")["identifiers"]["phone"] == RIGHT
    assert found(teller, WRONG) + found(teller, OTHER) == []
    assert OTHER not in raw(teller)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("email", "Anna@Example.com", "Anna@Example.com"),
        ("name", "Anna Eek", "Anna Eek"),
        ("phone", "", None),
    ],
)
def test_each_kind_is_put_right_or_taken_off(
    teller: Source, call: str, kind: str, value: str | None, shown: str | None
) -> None:
    item = correct(teller, call, kind=kind, value=value)

    assert item["identifiers"][kind] == shown
    kept = {"phone": WRONG, "name": NAME} | {kind: shown}
    assert {k: v for k, v in item["identifiers"].items() if k in kept} == kept
    assert (NAME in raw(teller)) == (kind != "name")


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        ({"value": "anonymous"}, 422, "value"),
        ({"value": "Reception"}, 422, "value"),
        ({"kind": "email", "value": "anna.example.com"}, 422, "value"),
        ({"value": RIGHT, "reason": ""}, 422, "reason_required"),
        ({"value": RIGHT, "reason": "two\u2028lines\u0000"}, 422, "reason"),
        ({"value": RIGHT, "reason": MANY}, 422, "reason"),
        ({"value": RIGHT, "reason": TANGLED}, 422, "reason"),
        ({"kind": "agent", "value": "x"}, 422, "kind"),
    ],
)
def test_what_cannot_be_right_is_refused(
    teller: Source, call: str, said: dict[str, Any], status: int, told: str
) -> None:
    answer = correct(teller, call, status, **said)

    assert told in (answer.get("field"), answer.get("rule"))
    assert found(teller, WRONG) == [call]


def test_under_a_hold_and_once_cut_it_stays_as_it_is(teller: Source, call: str) -> None:
    hold = {"matter": "Case", "owner": "Cleo", "reason": "x", "interactions": [call]}
    teller.ask("POST", "/holds", msgspec.json.encode(hold))
    assert correct(teller, call, 403, value=RIGHT)["rule"] == "hold"

    other = teller.put("T", started_at=START, identifiers={"phone": OTHER}).json()
    forget = {"kind": "forget", "phone": [OTHER]}
    teller.ask("POST", "/jobs", msgspec.json.encode(forget))
    correct(teller, other["id"], 409, value=RIGHT)


def test_who_is_held_by_a_rule_is_held_once_put_right(
    teller: Source, call: str
) -> None:
    rule = {"phone": [RIGHT]}
    hold = {"matter": "Case", "owner": "Cleo", "reason": "x", "coming": rule}
    made = teller.ask("POST", "/holds", msgspec.json.encode(hold))
    assert made.status_code < 300, made.content

    assert correct(teller, call, value=RIGHT)["held"] is True
    assert len(teller.rows(HoldItem)) == 1


def test_what_is_right_already_is_not_entered(teller: Source, call: str) -> None:
    correct(teller, call, value=WRONG)

    assert teller.rows(Entry, action="correct") == []


def test_it_takes_the_right(acme: Tenant, call: str, bo: User) -> None:
    ask = Asker(acme, (Scope.READ, Scope.DELETE))

    assert ask("POST", f"/interactions/{call}/correction").status_code == 403
    assert Visitor().enters(bo).get(f"/interactions/{call}/correct").status_code == 403


def test_the_page_puts_right_and_says_what_is_wrong(call: str, cleo: User) -> None:
    visitor, path = Visitor().enters(cleo), f"/interactions/{call}/correct"
    assert path in text_of(visitor.get(f"/interactions/{call}"))
    assert WRONG in text_of(visitor.get(path))

    wrong = visitor.post(path, kind="phone", value="anonymous", reason="Misheard")
    assert (wrong.status_code, 'id="e-value"' in text_of(wrong)) == (422, True)
    assert visitor.post(path, value=RIGHT, reason="y").status_code == 422
    assert visitor.post(path, kind="phone", value=RIGHT).status_code == 422

    done = visitor.post(path, kind="phone", value=RIGHT, reason="Misheard")
    assert done.status_code == 303
    assert "rättade numret" in text_of(visitor.get("/audit-log"))
