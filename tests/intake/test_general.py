"""General information and surveys over HTTP."""

import pytest

from tests.cast import NOW
from tests.intake.asking import Source, event, states
from valv.archive.models import Content, Identifier, Interaction, Session, Stray
from valv.audit.models import Entry
from valv.storage import scope

START = "2026-11-20T09:00:00.000Z"


def test_what_is_put_is_created_and_answered(source: Source) -> None:
    answer = source.put(
        "S1",
        started_at=START,
        ended_at="2026-11-20T09:10:00+00:00",
        media="email",
        direction="outbound",
        queue="Invoices",
        agents=["a1", {"id": "a2", "name": "Bo"}],
        wait_seconds=12,
        outcome="done",
        identifiers={"email": "Kim@Example.com", "name": "Kim"},
        others=[{"phone": "0701234567", "name": "Mor"}],
        subject="Late parcel",
        url="https://mail.example/1",
        variables={"order": 17, "vip": True, "none": None},
        registration=[{"category": "Parcel", "topic": "Late"}],
        restricted=True,
    )

    item = answer.json()
    assert answer.status_code == 201
    assert (item["media"], item["direction"]) == ("email", "outbound")
    assert (item["queue"], item["agents"]) == ("Invoices", ["a1", "Bo"])
    assert item["identifiers"]["email"] == "Kim@Example.com"
    assert item["others"][0]["phone"] == "+46701234567"
    assert item["others"][0]["name"] == "Mor"
    assert item["variables"] == {"order": "17", "vip": "true"}
    assert (item["subject"], item["restricted"]) == ("Late parcel", True)
    assert item["registration"][0]["topic"] == "Late"


def test_absent_stays_and_null_clears(source: Source) -> None:
    source.put("S1", started_at=START, queue="A", subject="x", agents=["a1"])

    answer = source.put("S1", started_at=START, queue=None, outcome="done")

    item = answer.json()
    assert answer.status_code == 200
    assert (item["queue"], item["outcome"]) == (None, "done")
    assert (item["subject"], item["agents"]) == ("x", ["a1"])


def test_null_takes_a_restriction_back(source: Source) -> None:
    source.put("S1", started_at=START, restricted=True)

    answer = source.put("S1", restricted=None)

    assert (answer.status_code, answer.json()["restricted"]) == (200, False)


@pytest.mark.parametrize("name", ["media", "started_at"])
def test_what_every_interaction_has_is_not_cleared(source: Source, name: str) -> None:
    source.put("S1", started_at=START, media="chat")
    before = source.item("S1")

    answer = source.put("S1", queue="B", **{name: None})

    assert (answer.status_code, answer.json()["field"]) == (422, name)
    assert "cannot be cleared" in answer.json()["detail"]
    assert source.item("S1") == before


def test_a_topic_stands_once_as_it_was_first_picked(source: Source) -> None:
    late, other = {"category": "Parcel", "topic": "Late"}, {"topic": "Late"}
    again = {**late, "at": "2026-11-20T09:05:00Z"}

    answer = source.put("S1", started_at=START, registration=[late, other, again])
    found = source.put("S1", registration=[late, other, again]).json()["registration"]

    assert found == answer.json()["registration"]
    assert [(one["category"], one["topic"], one["at"]) for one in found] == [
        ("Parcel", "Late", None),
        ("", "Late", None),
    ]


def test_a_topic_is_found_by_a_start_that_moved(source: Source) -> None:
    source.put("S1", started_at=START, registration=[{"topic": "Late"}])
    source.put("S1", started_at="2026-09-20T09:00:00Z")

    asked = "/interactions?topic=late&from=2026-09-20&to=2026-09-20"
    found = source.ask("GET", asked).json()["items"]

    assert [item["session_id"] for item in found] == ["S1"]


def test_the_start_is_needed_the_first_time_only(source: Source) -> None:
    assert source.put("S1", queue="A").status_code == 422

    source.put("S1", started_at=START)

    assert source.put("S1", queue="A").json()["started_at"] == START
    assert source.put("S1", started_at=None).status_code == 422


def test_bad_values_are_422_and_leave_nothing(source: Source) -> None:
    for fields in (
        {"started_at": "yesterday"},
        {"started_at": START, "ended_at": "2026-11-19T09:00:00Z"},
        {"started_at": "1901-01-01T00:00:00Z"},
        {"started_at": START, "outcome": "x" * 41},
        {"started_at": START, "queue": "a\0b"},
        {"started_at": START, "colour": "red"},
        {"started_at": START, "identifiers": {"phone": "x" * 400}},
    ):
        assert source.put("S1", **fields).status_code == 422

    assert source.rows(Session) == []
    assert source.rows(Interaction) == []


def test_a_session_id_with_a_number_in_it_is_kept_as_its_hash(source: Source) -> None:
    answer = source.put("call-+46701234567-1", started_at=START)
    again = source.put("call-+46701234567-1", started_at=START, queue="+46701234567")

    assert "4670123" not in answer.json()["session_id"]
    assert again.status_code == 200
    assert "4670123" not in again.json()["queue"]
    assert source.put(answer.json()["session_id"], queue=None).status_code == 200


def test_two_with_one_name_are_two_and_with_one_number_one(source: Source) -> None:
    source.put("S1", started_at=START, identifiers={"phone": "0701", "name": "Anna"})
    source.put("S2", started_at=START, identifiers={"phone": "0702", "name": "Anna"})
    source.put("S3", started_at=START, identifiers={"phone": "0701", "name": "Anna"})
    source.put("S4", started_at=START, identifiers={"name": "Anna"})

    rows = source.rows(Interaction)
    assert len({row.phone_id for row in rows}) == 3
    assert len({row.name_id for row in rows}) == 3
    assert len(source.rows(Identifier)) == 5


def test_a_withheld_caller_is_no_one(source: Source) -> None:
    source.put("S1", started_at=START, identifiers={"phone": "anonymous"})
    source.tell(
        event(0, "session.started", session="S2", media="phone",
              identifiers={"phone": "withheld"})
    )  # fmt: skip

    assert [row.withheld for row in source.rows(Interaction)] == [True, True]
    assert source.rows(Identifier) == []


def test_a_cut_interaction_takes_no_identifiers_any_more(source: Source) -> None:
    source.put("S1", started_at=START, identifiers={"phone": "0701234567"})
    with scope.writing(source.tenant.id):
        Interaction.objects.update(anonymised_at=NOW, phone_id=None)
        Identifier.objects.all().delete()

    source.put("S1", identifiers={"phone": "0701234567"}, subject="Anna", queue="A")
    source.tell(
        event(0, "session.started", media="phone", identifiers={"phone": "0701234567"})
    )

    assert source.item("S1")["queue"] == "A"
    assert source.rows(Identifier) == []
    assert source.rows(Interaction)[0].text is None


def test_a_start_far_from_its_id_is_listed_as_a_stray(source: Source) -> None:
    source.put("S1", started_at=START, agents=["a1"])
    source.put("S1", started_at="2026-11-01T09:00:00Z")
    strays = len(source.rows(Stray))

    source.put("S1", started_at=START)

    assert (strays, source.rows(Stray)) == (1, [])


def test_what_hangs_on_an_interaction_is_as_old_as_it(source: Source) -> None:
    source.put("S1", started_at=START)
    source.put_survey("S1", score=7)
    source.tell(event(31, "recording.started", n=1))

    source.put("S1", ended_at="2026-11-20T11:00:00Z")

    ended = source.rows(Interaction)[0].ended_at
    assert source.rows(Interaction)[0].aged_from == ended
    assert source.rows(Content)[0].aged_from == ended


def test_a_survey_may_come_first_and_again(source: Source) -> None:
    first = source.put_survey("S1", score=9, comment="Quick", at=START)
    source.put("S1", started_at="2026-11-20T08:00:00Z", media="chat")
    again = source.put_survey("S1", score=9, comment="Quick", at=START)

    item = source.item("S1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert item["survey"] == {
        "score": 9.0, "scale": [0, 10], "comment": "Quick", "at": START,
    }  # fmt: skip
    assert (item["media"], item["started_at"]) == ("chat", "2026-11-20T08:00:00.000Z")


def test_a_score_off_its_scale_is_422(source: Source) -> None:
    assert source.put_survey("S1", score=11).status_code == 422
    assert source.put_survey("S1", score=3, scale=[0, 99999]).status_code == 422
    assert source.rows(Interaction) == []


def test_who_denies_recording_in_any_spelling_denies_it(source: Source) -> None:
    for n, value in enumerate(("true", True, 1, "YES", " True ")):
        source.put(f"S{n}", started_at=START, variables={"Deny_Recording": value})
        source.put(f"S{n}", variables={"deny_recording": "false"})

    assert all(row.deny_recording for row in source.rows(Interaction))


def test_a_refusal_turns_an_awaited_recording_into_a_tombstone(source: Source) -> None:
    source.put("S1", started_at=START)
    source.tell(event(31, "recording.started", n=1))

    source.put("S1", variables={"deny_recording": "true"})

    assert states(source.item("S1")) == [("recording", 1, "refused")]
    (entry,) = source.rows(Entry, action="refuse")
    assert (entry.content, entry.details) == ("recording:1", {"rule": "deny_recording"})
