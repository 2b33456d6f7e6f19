"""Holds: what they cover, what arrives under them, and how they are let go of."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tests.cast import NOW, OPERATOR, make_token
from tests.held import lay_content, lay_interaction
from tests.intake.asking import Source
from valv.archive.models import Hold, HoldItem, Interaction
from valv.audit.models import Entry
from valv.core.errors import Conflict, Forbidden, Malformed, Refused
from valv.core.holds import HoldRule
from valv.core.identifiers import Kind
from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.core.search import read_search
from valv.jobs.command import USAGE, main
from valv.lifecycle import holds, nightly
from valv.lifecycle.holds import Matter, Wanted, place, release
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db
MATTER = Matter(name="Case 12", owner="Cleo", reason="Complaint")
ALMA, CLEO = (Actor(ActorType.INTERNAL, name, n) for n, name in enumerate("AC", 1))


def caller(tenant: Tenant, actor: Actor = OPERATOR) -> Caller:
    return Caller(tenant, actor, frozenset({Right.HOLDS, Right.RELEASE}))


def held(tenant: Tenant) -> set[str]:
    with scope.reading(tenant.id):
        rows = Interaction.objects.filter(held=True)
        return set(rows.values_list("session_id", flat=True))


def chosen(*ids: int) -> Wanted:
    return Wanted(interactions=frozenset(ids))


def found_by(tenant: Tenant, **asked: str) -> Wanted:
    zone = ZoneInfo(tenant.timezone)
    request = read_search(asked.items(), zone=zone, region=tenant.region)
    return Wanted(search=request)


def entered(tenant: Tenant) -> list[tuple[str | None, int | None]]:
    with scope.reading(tenant.id):
        found = Entry.objects.filter(action="hold").order_by("id")
        return list(found.values_list("content", "interaction_id"))


def test_a_search_is_frozen_when_the_hold_is_placed(acme: Tenant) -> None:
    first = lay_interaction(acme, session="S1", name="Anna", started_at=NOW)
    lay_interaction(acme, session="S2", name="Berit")

    placed = place(caller(acme), MATTER, found_by(acme, name="anna"), now=NOW)
    lay_interaction(acme, session="S3", name="Anna", started_at=NOW)

    assert (placed.count, placed.hold.searched) == (1, ["name"])
    assert held(acme) == {"S1"}
    assert entered(acme) == [("placed", None), ("covered", first)]


def test_all_that_a_search_finds_is_covered_page_by_page(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "HIGHEST_LIMIT", 2)
    sessions = {f"S{n}" for n in range(5)}
    for session in sessions:
        lay_interaction(acme, session=session)

    placed = place(caller(acme), MATTER, found_by(acme, media="phone"), now=NOW)

    assert (placed.count, held(acme)) == (len(sessions), sessions)


def test_a_name_is_of_one_hold_that_stands(acme: Tenant) -> None:
    one = lay_interaction(acme)
    placed = place(caller(acme), MATTER, chosen(one), now=NOW)

    with pytest.raises(Conflict):
        place(caller(acme), MATTER, chosen(one), now=NOW)

    release(caller(acme), placed.hold.id, reason="Over", now=NOW)
    assert place(caller(acme), MATTER, chosen(one), now=NOW).count == 1


@pytest.mark.parametrize(
    "wrong",
    [
        Matter(name="Case\n12", owner="Cleo", reason="x"),
        Matter(name="Case", owner="Cleo" * 26, reason="x"),
        Matter(name="Case", owner="Cleo", reason=""),
        Matter(name="", owner="Cleo", reason="x"),
    ],
)
def test_a_matter_is_told_in_lines(acme: Tenant, wrong: Matter) -> None:
    one = lay_interaction(acme)

    with pytest.raises(Malformed):
        place(caller(acme), wrong, chosen(one), now=NOW)

    assert held(acme) == set()


def test_one_under_many_stays_until_the_last_is_released(acme: Tenant) -> None:
    one = lay_interaction(acme)
    other = Matter(name="Case 13", owner="Cleo", reason="Complaint")
    ids = [
        place(caller(acme), matter, chosen(one), now=NOW).hold.id
        for matter in (MATTER, other)
    ]

    release(caller(acme), ids[0], reason="Over", now=NOW)
    assert held(acme) == {"S1"}

    release(caller(acme), ids[1], reason="Over", now=NOW)
    assert held(acme) == set()
    with pytest.raises(Conflict):
        release(caller(acme), ids[1], reason="Over", now=NOW)


def test_grace_keeps_what_was_released(acme: Tenant) -> None:
    one = lay_interaction(acme)
    set_rules(acme, grace_days=3)
    placed = place(caller(acme), MATTER, chosen(one), now=NOW)

    release(caller(acme), placed.hold.id, reason="Over", now=NOW)

    holds.lift(acme, now=NOW + timedelta(days=2, hours=23))
    assert held(acme) == {"S1"}
    holds.lift(acme, now=NOW + timedelta(days=3))
    assert held(acme) == set()


def set_rules(
    tenant: Tenant, *, grace_days: int = 0, two_persons: bool = False
) -> None:
    holds.set_release_rules(
        tenant,
        grace_days=grace_days,
        two_persons=two_persons,
        actor=OPERATOR,
        now=NOW,
    )


def test_to_release_one_takes_a_right_of_its_own(acme: Tenant) -> None:
    one = lay_interaction(acme)
    placer = Caller(acme, ALMA, frozenset({Right.HOLDS}))
    placed = place(placer, MATTER, chosen(one), now=NOW).hold

    with pytest.raises(Forbidden):
        release(placer, placed.id, reason="Over", now=NOW)

    assert held(acme) == {"S1"}
    assert not holds.may_release(placer, placed)
    assert holds.may_release(caller(acme), placed)


def test_two_persons_release_it(acme: Tenant) -> None:
    one = lay_interaction(acme)
    set_rules(acme, two_persons=True)
    number = place(caller(acme), MATTER, chosen(one), now=NOW).hold.id

    release(caller(acme, ALMA), number, reason="Over", now=NOW)
    with pytest.raises(Refused):
        release(caller(acme, ALMA), number, reason="Over", now=NOW)
    assert held(acme) == {"S1"}

    release(caller(acme, CLEO), number, reason="Over", now=NOW)
    assert held(acme) == set()


def test_the_night_lets_go_after_the_grace_and_takes_it(acme: Tenant) -> None:
    later = NOW + timedelta(days=400)
    one = lay_interaction(acme, started_at=NOW)
    lay_content(acme, one)
    number = place(caller(acme), MATTER, chosen(one), now=NOW).hold.id
    assert run(acme, later)["general"] == 0

    release(caller(acme), number, reason="Over", now=later)

    assert run(acme, later)["general"] == 1
    with scope.reading(acme.id):
        assert not HoldItem.objects.exists()


def run(tenant: Tenant, now: Any) -> dict[str, int]:
    return nightly.run(tenant, nightly.today(tenant, now), now=now).counts


@pytest.mark.parametrize("said", ["0701234567", "+46 70 123 45 67"])
def test_somebody_is_held_when_they_call_again(acme: Tenant, said: str) -> None:
    source = Source.of(acme)
    people = holds.people_of(acme, [(Kind.PHONE, said)])
    place(caller(acme), MATTER, Wanted(rule=HoldRule(people=people)), now=NOW)

    for number, session in (("0701234567", "theirs"), ("0709999999", "another")):
        source.put(
            session, started_at="2026-11-20T09:00:00Z", identifiers={"phone": number}
        )

    assert held(acme) == {"theirs"}
    with scope.reading(acme.id):
        assert "701234567" not in str(Hold.objects.values().get())


def test_once_released_it_is_not_known_whom_a_rule_named(acme: Tenant) -> None:
    people = holds.people_of(acme, [(Kind.PHONE, "0701234567")])
    rule = Wanted(rule=HoldRule(people=people))
    number = place(caller(acme), MATTER, rule, now=NOW).hold.id

    release(caller(acme), number, reason="Over", now=NOW)

    with scope.reading(acme.id):
        assert people[0] not in str(Hold.objects.values().get())


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.PHONE, "*1234567"),
        (Kind.PHONE, "anonymous"),
        (Kind.PHONE, "Reception"),
        (Kind.EMAIL, "*@example.com"),
        (Kind.EMAIL, "anna"),
        (Kind.HANDLE, "anna*"),
    ],
)
def test_whom_a_rule_names_is_stated_whole(acme: Tenant, kind: Kind, said: str) -> None:
    with pytest.raises(Malformed) as refused:
        holds.people_of(acme, [(kind, said)])

    assert refused.value.field == kind.value


def test_whoever_asks_is_told_which_field_is_no_address(acme: Tenant) -> None:
    matter = {"matter": "Case", "owner": "Cleo", "reason": "x"}
    body = json.dumps({**matter, "coming": {"email": ["anna"]}}).encode()

    answer = Source(acme, make_token(acme), Client()).ask("POST", "/holds", body)

    assert (answer.status_code, answer.json()["field"]) == (422, "email")
    with scope.reading(acme.id):
        assert not Hold.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_command_refuses_a_number_that_is_none(
    acme: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--matter", "Case", "--owner", "Cleo", "--reason", "x"]

    code = main(["hold", "place", *words, "--coming-phone", "Reception"], user="root")

    assert code == USAGE
    assert "It is no number or address." in capsys.readouterr().err


def test_what_a_rule_names_must_all_fit(acme: Tenant) -> None:
    source = Source.of(acme)
    rule = HoldRule(queue=("Support", "Sales"), agent=("a7",))
    place(caller(acme), MATTER, Wanted(rule=rule), now=NOW)
    common = {"started_at": "2026-11-20T09:00:00Z"}

    source.put("both", queue="Sales", agents=["a7"], **common)
    source.put("queue", queue="Support", agents=["a8"], **common)
    source.put("agent", queue="Other", agents=["a7"], **common)
    assert held(acme) == {"both"}

    source.put("queue", agents=["a7"])
    assert held(acme) == {"both", "queue"}


def test_a_released_rule_covers_nothing_new(acme: Tenant) -> None:
    source = Source.of(acme)
    rule = HoldRule(queue=("Support",))
    number = place(caller(acme), MATTER, Wanted(rule=rule), now=NOW).hold.id
    release(caller(acme), number, reason="Over", now=NOW)

    source.put("S1", started_at="2026-11-20T09:00:00Z", queue="Support")

    assert held(acme) == set()


class Torn(Exception):
    """The process dies here."""


@pytest.mark.parametrize("step", range(3))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_hold_cut_short_is_gone_on_with(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool
) -> None:
    ids = [lay_interaction(acme, session=f"S{n}") for n in range(3)]
    monkeypatch.setattr(holds, "BATCH", 1)
    real, seen = holds._cover_batch, iter(range(9))

    def torn(*given: Any, **named: Any) -> None:
        dies = next(seen) == step
        if after or not dies:
            real(*given, **named)
        if dies:
            raise Torn

    monkeypatch.setattr(holds, "_cover_batch", torn)
    with pytest.raises(Torn):
        place(caller(acme), MATTER, chosen(*ids), now=NOW)
    placed = place(caller(acme), MATTER, chosen(*ids), now=NOW)

    assert (placed.count, held(acme)) == (3, {"S0", "S1", "S2"})
    assert len(entered(acme)) == 4


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_release_cut_short_is_gone_on_with_at_night(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    ids = [lay_interaction(acme, session=f"S{n}") for n in range(3)]
    placed = place(caller(acme), MATTER, chosen(*ids), now=NOW)
    monkeypatch.setattr(holds, "BATCH", 1)
    real = holds._lift_batch

    def torn(*given: Any, **named: Any) -> bool:
        if after:
            real(*given, **named)
        raise Torn

    with monkeypatch.context() as patch:
        patch.setattr(holds, "_lift_batch", torn)
        with pytest.raises(Torn):
            release(caller(acme), placed.hold.id, reason="Over", now=NOW)
    assert len(held(acme)) == 3 - after

    run(acme, NOW)

    assert held(acme) == set()


def test_whom_a_standing_hold_names_stays_as_long_as_it_does(acme: Tenant) -> None:
    matter = Matter(name="Case 070-123 45 67", owner="Cleo", reason="Complaint")
    hold = place(caller(acme), matter, chosen(lay_interaction(acme)), now=NOW).hold
    later, latest = NOW + timedelta(days=400), NOW + timedelta(days=800)

    run(acme, later)
    (standing,) = holds.holds(caller(acme))
    release(caller(acme), hold.id, reason="Settled", now=later)
    run(acme, latest)
    (released,) = holds.holds(caller(acme))

    assert standing.hold.name == "Case +46701234567"
    assert released.hold.name == "Case …"
