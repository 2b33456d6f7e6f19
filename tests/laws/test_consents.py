"""Consent is evidence, kept as long as its interaction, with no digit in it.

What was answered stands with what was asked, when and how, in whatever order it came
and whether or not the raw events are still there.
"""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.cast import OPERATOR
from tests.intake.asking import Source, event
from tests.laws.canary import places_of
from tests.laws.laying import ago, told
from valv.archive.models import Consent, RawEvent
from valv.core.retention import StorageTimes
from valv.lifecycle import nightly
from valv.tenants.operations import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
START = event(0, "session.started", media="phone")
QUESTION = "May we listen to quokka-2281?"
KEY = "tone 95173860"


def answers(item: Any) -> list[tuple[str, str, str]]:
    return [(one["purpose"], one["answer"], one["how"]) for one in item["consents"]]


def asked(number: int, given: bool, **data: object) -> Any:
    type_ = "consent.given" if given else "consent.refused"
    told: dict[str, Any] = {"how": KEY, "question": QUESTION, **data}
    return event(number, type_, **told)


def test_what_was_asked_and_answered_is_on_the_interaction(source: Source) -> None:
    source.tell(
        START,
        asked(3, given=True, purpose="recording", version="7"),
        asked(4, given=False, purpose="quality", how="spoken"),
    )

    item = source.item("S1")
    assert item["consents"][0] == {
        "purpose": "recording",
        "answer": "yes",
        "how": "key",
        "at": "2026-11-20T09:00:03.000Z",
        "question": QUESTION,
        "version": "7",
    }
    assert answers(item)[1] == ("quality", "no", "spoken")
    assert item["restricted"] is True


def test_the_key_is_nowhere_and_the_question_under_seal(source: Source) -> None:
    source.tell(START, asked(3, given=True, purpose="recording"))

    assert places_of(KEY) == places_of("95173860") == set()
    assert places_of("quokka-2281") == {"raw_event.body", "consent.sealed"}


def test_told_twice_late_and_in_any_order_it_is_one(source: Source) -> None:
    one, other = (asked(n, given=True, purpose="quality") for n in (3, 4))
    source.tell(other, other)
    source.tell(START, one)
    source.tell(one, other)

    assert answers(source.item("S1")) == [("quality", "yes", "key")] * 2


def test_records_outlive_the_raw_events_and_late_ones_add_to_them(
    source: Source,
) -> None:
    at = ago(10)
    source.tell(
        told("S1", at, 0, "session.started", media="phone"),
        told("S1", at, 1, "consent.refused", purpose="training", question=QUESTION),
        told("S1", at, 9, "session.ended"),
    )
    times = StorageTimes(general=30, raw_events=5)
    set_storage_times(source.tenant, times, actor=OPERATOR, now=ago(0))
    nightly.run(source.tenant, nightly.today(source.tenant, ago(0)), now=ago(0))
    assert source.rows(RawEvent) == []

    source.tell(told("S1", at, 2, "consent.given", purpose="recording"))

    item = source.item("S1")
    assert [one["purpose"] for one in item["consents"]] == ["training", "recording"]
    assert item["consents"][0]["question"] == QUESTION
    assert item["restricted"] is True


def test_they_go_with_their_interaction(source: Source) -> None:
    at = ago(40)
    source.tell(
        told("S1", at, 0, "session.started", media="phone"),
        told("S1", at, 1, "consent.given", purpose="recording"),
        told("S1", at, 9, "session.ended"),
    )
    times = StorageTimes(general=30)
    set_storage_times(source.tenant, times, actor=OPERATOR, now=ago(0))

    nightly.run(source.tenant, nightly.today(source.tenant, ago(0)), now=ago(0))

    assert source.rows(Consent) == []


def vcon(body: object, *, purpose: str = "lawful_basis", **fields: object) -> Any:
    attachment = {"purpose": purpose, "encoding": "json", "party": 0, "body": body}
    return {
        "vcon": "0.4.0",
        "uuid": "S1",
        "created_at": "2026-11-20T09:00:00Z",
        "parties": [{"tel": "+46701234567"}],
        "dialog": [{"type": "recording", "start": "2026-11-20T09:00:00Z"}],
        "attachments": [attachment],
        **fields,
    }


def send(source: Source, made: Any) -> Any:
    answer = source.ask("POST", "/vcons", msgspec.json.encode(made))
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def grant(purpose: str, *, granted: object) -> dict[str, object]:
    at = "2026-11-20T08:59:00Z"
    return {"purpose": purpose, "granted": granted, "granted_at": at}


LAWFUL = {
    "lawful_basis": "consent",
    "purpose_grants": [
        grant("recording", granted=True),
        grant("training", granted=False),
        "nonsense",
        {"purpose": 7},
    ],
    "proof_mechanisms": [{"proof_type": "verbal_confirmation"}],
    "terms_of_service": "tos-9",
}
OLDER = {
    "consents": [
        {"purpose": "recording", "status": "granted", "timestamp": "never"},
        {"purpose": "quality", "status": "denied"},
    ],
    "proof": [{"type": "dtmf 1"}],
}


@pytest.mark.parametrize(
    ("body", "purpose", "expected"),
    [
        (
            LAWFUL,
            "lawful_basis",
            [
                ("recording", "yes", "spoken"),
                ("training", "no", "spoken"),
            ],
        ),
        (OLDER, "consent", [("quality", "no", "key"), ("recording", "yes", "key")]),
    ],
)
def test_a_vcon_brings_its_consents(
    source: Source, body: object, purpose: str, expected: list[tuple[str, str, str]]
) -> None:
    made = vcon(body, purpose=purpose)

    assert send(source, made)["result"] == "imported"
    assert send(source, made)["result"] == "unchanged"

    item = source.item("S1")
    assert sorted(answers(item)) == sorted(expected)
    assert item["restricted"] is True


@pytest.mark.parametrize("body", ["", [], 7, {"purpose_grants": 7}, {"consents": {}}])
def test_evidence_that_cannot_be_read_stops_no_vcon(
    source: Source, body: object
) -> None:
    send(source, vcon(body))

    assert source.item("S1")["restricted"] is False


WAYS: dict[str, Any] = {
    "a variable": lambda s, v: s.tell(
        START, event(3, "variable.set", name="SET_RESTRICTED", value=v)
    ),
    "the start": lambda s, v: s.tell(
        event(0, "session.started", media="phone", variables={"Set_Restricted": v})
    ),
    "general information": lambda s, v: s.put(
        "S1", started_at="2026-11-20T09:00:00Z", variables={"set_restricted": v}
    ),
    "a tag": lambda s, v: send(s, vcon([f"SET_RESTRICTED:{v}"], purpose="tags")),
    "a field of the vCon": lambda s, v: send(s, vcon({}, meta={"SET_RESTRICTED": v})),
}


@pytest.mark.parametrize("value", ["true", "TRUE", "1", "Yes"])
@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_may_restrict(source: Source, way: str, value: str) -> None:
    WAYS[way](source, value)

    assert source.item("S1")["restricted"] is True


def test_what_was_restricted_is_not_freed_by_a_later_word(source: Source) -> None:
    start = "2026-11-20T09:00:00Z"
    source.put("S1", started_at=start, variables={"SET_RESTRICTED": "1"})

    source.put("S1", restricted=False, variables={})
    source.tell(event(3, "variable.set", name="SET_RESTRICTED", value="no"))

    assert source.item("S1")["restricted"] is True


def test_what_a_source_states_itself_it_may_take_back(source: Source) -> None:
    source.put("S1", started_at="2026-11-20T09:00:00Z", restricted=True)

    source.put("S1", restricted=False)

    assert source.item("S1")["restricted"] is False


def test_the_words_of_a_consent_open_in_no_other_place(source: Source) -> None:
    source.tell(START, *(asked(n, given=True, purpose="quality") for n in (3, 4)))
    first, second = source.rows(Consent)
    assert bytes(first.sealed) != bytes(second.sealed)
    assert first.at + timedelta(seconds=1) == second.at
