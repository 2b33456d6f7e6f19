"""Storage times by rule: by what something is kept, and until when it must stay."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.cast import OPERATOR, make_token
from tests.intake.asking import Source, states
from tests.laws.laying import PHONE, SOUND, ago
from valv.archive.models import Content, Interaction, RawEvent, Survey
from valv.core.moments import format_moment
from valv.core.retention import StorageTimes, Stored
from valv.core.storage_rules import AppliesTo, policy_from
from valv.lifecycle import nightly
from valv.lifecycle.foreseen import foreseen
from valv.lifecycle.sorting import sort_left
from valv.storage import scope
from valv.tenants.models import StorageTerms, UserGroup
from valv.tenants.storage_changes import change_storage

pytestmark = pytest.mark.django_db(transaction=True)
GENERAL = StorageTimes(general=100, recordings=5)
CLAIMS: dict[str, Any] = {
    "name": "Claims",
    "queue": ["Claims"],
    "times": {"recordings": 50},
    "decision": {"number": "2026/12", "on": "2026-01-02"},
}


def rule(
    source: Source,
    *rules: dict[str, Any],
    to: AppliesTo = AppliesTo.EXISTING,
    **more: Any,
) -> None:
    policy = policy_from({"rules": list(rules), **more}, times=GENERAL)
    change_storage(source.tenant, policy, applies_to=to, actor=OPERATOR, now=ago(0))


def lay(source: Source, session: str, age: int, **fields: Any) -> None:
    at = format_moment(ago(age))
    source.put(session, started_at=at, ended_at=at, **fields)
    answer = source.ask("PUT", f"/interactions/{session}/recordings/1", SOUND)
    assert answer.status_code == 201, answer.content


def night(source: Source) -> dict[str, int]:
    tenant, now = source.tenant, ago(0)
    return nightly.run(tenant, nightly.today(tenant, now), now=now).counts


def left(source: Source) -> set[str]:
    """The sessions whose recording is still there."""
    ids = {row.interaction_id for row in source.rows(Content, state=1)}
    return {row.session_id for row in source.rows(Interaction, id__in=ids)}


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ({"queue": ["Claims"]}, {"queue": "Claims"}),
        ({"media": ["phone"]}, {}),
        ({"restricted": True}, {"variables": {"SET_RESTRICTED": "Yes"}}),
        ({"topic": ["Damage"]}, {"registration": [{"topic": "Damage"}]}),
    ],
    ids=["queue", "media", "restricted", "topic"],
)
def test_a_rule_keeps_what_is_of_its_sort(
    source: Source, conditions: dict[str, Any], fields: dict[str, Any]
) -> None:
    rule(source, {"name": "Longer", "times": {"recordings": 50}, **conditions})
    lay(source, "S1", 20, **fields)

    night(source)

    assert left(source) == {"S1"}


def test_the_first_rule_that_fits_decides(source: Source) -> None:
    rule(
        source,
        {"name": "Phone", "media": ["phone"], "times": {"raw_events": 9}},
        CLAIMS,
        {"name": "Short", "queue": ["Claims"], "times": {"recordings": 1}},
    )
    lay(source, "S1", 20, queue="Claims")
    lay(source, "S2", 20, queue="Sales")

    night(source)

    assert left(source) == {"S1"}


def test_what_is_told_later_sorts_anew(source: Source) -> None:
    rule(source, CLAIMS)
    lay(source, "S1", 20)
    source.put("S1", queue="Claims")

    night(source)

    assert left(source) == {"S1"}


def test_a_rule_for_all_is_sorted_by_before_the_night_takes_anything(
    source: Source,
) -> None:
    lay(source, "S1", 5, queue="Claims")
    lay(source, "S2", 5)
    with scope.writing(source.tenant.id):
        Interaction.objects.update(aged_from=ago(20))
        Content.objects.update(aged_from=ago(20))
    rule(source, CLAIMS)

    assert night(source)["recordings"] == 1
    assert left(source) == {"S1"}


def test_while_it_is_not_sorted_it_stays(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(source, "S1", 20)
    rule(source, CLAIMS)
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "sort_left", fails)
        counts = night(source)

    assert (counts["failed"], left(source)) == (1, {"S1"})
    assert night(source)["recordings"] == 1


def fails(*_args: object, **_named: object) -> None:
    raise OSError("out of order")


def test_a_change_for_what_is_new_leaves_the_rest(source: Source) -> None:
    rule(source)
    lay(source, "old", 20)
    kept = {"name": "Longer", "media": ["phone"], "times": {"recordings": 50}}
    rule(source, kept, to=AppliesTo.NEW)
    lay(source, "new", 20)

    night(source)

    assert left(source) == {"new"}


def test_days_alone_change_no_interaction(source: Source) -> None:
    rule(source, CLAIMS)
    lay(source, "S1", 20, queue="Claims")
    before = source.rows(Interaction)[0].terms
    rule(source, {**CLAIMS, "times": {"recordings": 10}})

    stale = source.rows(StorageTerms, stale_since__isnull=False)
    assert before not in {row.number for row in stale}
    assert night(source)["recordings"] == 1
    assert source.rows(Interaction)[0].terms == before


def test_all_that_hangs_on_it_is_kept_by_the_same_terms(source: Source) -> None:
    rule(source, CLAIMS)
    lay(source, "S1", 1, queue="Sales")
    at = format_moment(ago(1))
    source.put_survey("S1", score=7, scale=[0, 10], at=at)
    rule(source, {**CLAIMS, "queue": ["Sales"]})
    sort_left(source.tenant, now=ago(0))

    terms = source.rows(Interaction)[0].terms
    assert terms != 0
    for model in (Content, Survey, RawEvent):
        assert {row.terms for row in source.rows(model)} <= {terms}
    assert {row.terms for row in source.rows(Survey)} == {terms}


def test_a_minimum_forbids_to_delete_by_hand(source: Source) -> None:
    rule(source, {**CLAIMS, "minimum": {"recordings": 30}})
    lay(source, "S1", 20, queue="Claims")
    lay(source, "S2", 31, queue="Claims")
    young, old = (source.item(one)["id"] for one in ("S1", "S2"))

    refused = source.ask("DELETE", f"/interactions/{young}/recordings/1")
    allowed = source.ask("DELETE", f"/interactions/{old}/recordings/1")

    assert (refused.status_code, refused.json()["rule"]) == (403, "minimum_period")
    assert "by the rule “Claims”, decision 2026/12." in refused.json()["detail"]
    assert allowed.status_code == 204
    assert states(source.item("S1")) == [("recording", 1, "present")]


def test_a_minimum_outlasts_a_shorter_maximum(source: Source) -> None:
    rule(source, minimum={"recordings": 4})
    rule(source, {**CLAIMS, "times": {"general": 3}}, minimum={"recordings": 4})
    lay(source, "S1", 4, queue="Claims")
    lay(source, "S2", 5, queue="Claims")

    night(source)

    assert left(source) == {"S1"}


def test_an_interaction_is_explained(source: Source) -> None:
    rule(source, {**CLAIMS, "minimum": {"recordings": 30}})
    lay(source, "S1", 20, queue="Claims")
    night = nightly.today(source.tenant, ago(20))

    id_ = source.item("S1")["id"]
    answer = source.ask("GET", f"/interactions/{id_}/retention").json()

    told = {one["part"]: one for one in answer["parts"]}
    assert told.keys() == {"general", "recordings"}
    assert told["general"]["goes_on"] == (night + timedelta(days=101)).isoformat()
    assert told["recordings"] == {
        "part": "recordings",
        "days": 50,
        "goes_on": (night + timedelta(days=51)).isoformat(),
        "rule": "Claims",
        "decision": "2026/12",
        "decided_on": "2026-01-02",
        "may_go_on": (night + timedelta(days=31)).isoformat(),
    }


def test_a_preview_tells_what_goes_and_what_stays(source: Source) -> None:
    rule(source)
    lay(source, "S1", 20, queue="Claims")
    lay(source, "S2", 4)
    lay(source, "S3", 3)
    policy = policy_from(
        {"rules": [{**CLAIMS, "times": {"recordings": 3}}]},
        times=StorageTimes(general=100, recordings=3),
    )
    strict = replace(policy, minimum={Stored.TRANSCRIPTS: 9}, rules=())
    today = nightly.today(source.tenant, ago(0))

    seen = foreseen(source.tenant, today, policy, AppliesTo.EXISTING)[Stored.RECORDINGS]
    kept = foreseen(source.tenant, today, strict, AppliesTo.EXISTING)[Stored.RECORDINGS]

    assert (seen.count, seen.under_minimum) == (2, 0)
    ended = sorted(row.aged_from for row in source.rows(Interaction))
    assert (seen.oldest, seen.newest) == (ended[0], ended[1])
    assert seen.bytes > 0
    oldest = [str(id_) for _, id_ in seen.samples]
    assert oldest == [source.id_of("S1"), source.id_of("S2")]
    assert (kept.count, kept.under_minimum) == (1, 1)


def test_a_preview_keeps_by_a_rule_what_was_sorted_by_it(source: Source) -> None:
    """Where only days change nothing is sorted anew, though an agent moved since."""
    day = {"name": "Day", "group": ["Day"], "times": {"recordings": 50}}
    with scope.writing(source.tenant.id):
        group = UserGroup.objects.create(name="Day", agents=["a1"])
    rule(source, day)
    lay(source, "S1", 20, agents=["a1"])
    with scope.writing(source.tenant.id):
        UserGroup.objects.filter(id=group.id).update(agents=[])
    shorter = {**day, "times": {"recordings": 40}}
    policy = policy_from({"rules": [shorter]}, times=GENERAL)
    today = nightly.today(source.tenant, ago(0))

    seen = foreseen(source.tenant, today, policy, AppliesTo.EXISTING)

    rule(source, shorter)
    assert seen[Stored.RECORDINGS].count == night(source)["recordings"] == 0
    assert left(source) == {"S1"}


def asked(source: Source, **job: Any) -> Any:
    officer = Source(source.tenant, make_token(source.tenant), source.client)
    answer = officer.ask("POST", "/jobs", msgspec.json.encode(job))
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_of_many_those_within_a_minimum_stay(source: Source) -> None:
    all_calls = {"name": "Calls", "media": ["phone"], "times": {"recordings": 50}}
    rule(source, {**all_calls, "minimum": {"recordings": 9}})
    for session, age in (("S1", 8), ("S2", 10)):
        lay(source, session, age)
    ids = [source.id_of("S1"), source.id_of("S2")]

    wanted = {"kind": "delete", "interactions": ids, "contents": ["recording"]}
    assert asked(source, when="never", **wanted)["held"] == 1

    job = asked(source, **wanted)

    assert (job["status"], job["held"], left(source)) == ("partly", 1, {"S1"})


@pytest.mark.parametrize("stored", ["general", "surveys", "raw_events"])
def test_whom_a_minimum_keeps_is_not_forgotten(source: Source, stored: str) -> None:
    rule(source, minimum={stored: 9})
    for session, age in (("S1", 8), ("S2", 10)):
        lay(source, session, age, identifiers={"phone": PHONE})

    assert asked(source, kind="forget", phone=[PHONE], when="never")["held"] == 1

    job = asked(source, kind="forget", phone=[PHONE])

    assert (job["status"], job["held"]) == ("partly", 1)
    phones = [source.item(one)["identifiers"]["phone"] for one in ("S1", "S2")]
    assert phones == [PHONE, None]
