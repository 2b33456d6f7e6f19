"""The demo's half year is plausible, invented, and the same each time."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from valv.core.interaction import Arrival, Media, Sender
from valv.core.phones import read_phone
from valv.jobs.demo.people import QUEUES, people
from valv.jobs.demo.plan import Planned, plan
from valv.jobs.demo.script import LANGUAGES, dialogues, spoken, written

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")
FIELDS = {"me": "Anna", "agent": "Åsa", "order": "4711"}
FICTION = re.compile(
    r"\+46(7017406(0[5-9]|[1-9]\d)|3139006\d\d|4062804\d\d|8465004\d\d|9803192\d\d)"
    r"|\+447700900\d{3}"
)


@pytest.fixture(scope="module")
def year() -> list[Planned]:
    return list(plan(now=NOW, zone=ZONE))


def of(year: list[Planned], media: Media) -> list[Arrival]:
    return [each.arrival for each in year if each.arrival.general.media is media]


def test_the_same_seed_gives_the_same_plan(year: list[Planned]) -> None:
    assert list(plan(now=NOW, zone=ZONE)) == year
    assert list(plan(now=NOW, zone=ZONE, seed=2)) != year


def test_there_are_thousands_of_all_five_media(year: list[Planned]) -> None:
    counted = Counter(each.arrival.general.media for each in year)

    assert len(year) == 3_000
    assert set(counted) == set(Media)
    assert min(counted.values()) > 80


def test_it_spans_half_a_year_and_ends_before_now(year: list[Planned]) -> None:
    arrivals = [each.arrival for each in year]
    starts = [arrival.general.started_at for arrival in arrivals]

    assert starts == sorted(starts)
    assert NOW - starts[0] > timedelta(days=175)
    assert all(_last_moment(arrival) <= NOW for arrival in arrivals)


def _last_moment(arrival: Arrival) -> datetime:
    survey = arrival.survey.at if arrival.survey else None
    ended = arrival.general.ended_at
    assert isinstance(ended, datetime)
    return max(ended, survey or ended)


def test_phones_are_closed_on_sundays_and_at_night(year: list[Planned]) -> None:
    local = [call.general.started_at.astimezone(ZONE) for call in of(year, Media.PHONE)]

    assert all(at.weekday() < 6 and 8 <= at.hour <= 18 for at in local)


def test_sessions_have_names_of_their_own(year: list[Planned]) -> None:
    assert len({each.arrival.session_id for each in year}) == len(year)


def test_numbers_and_addresses_belong_to_nobody() -> None:
    crowd = people(1)

    assert len({person.phone for person in crowd}) == len(crowd) > 500
    assert len({person.email for person in crowd}) == len(crowd)
    assert all(FICTION.fullmatch(person.phone) for person in crowd)
    assert all(re.search(r"@example\.(com|org|net)$", p.email) for p in crowd)


def test_some_call_again_and_again(year: list[Planned]) -> None:
    counted = Counter(
        call.general.identifiers.phone
        for call in of(year, Media.PHONE)
        if call.general.identifiers
    )

    assert counted["anonymous"] > 20
    assert sorted(counted.values())[-10] >= 8
    assert list(counted.values()).count(1) > 50


def test_a_few_hang_up_and_a_few_refuse_to_be_recorded(year: list[Planned]) -> None:
    calls = of(year, Media.PHONE)
    abandoned = [call for call in calls if call.general.outcome == "abandoned"]
    refused = [call for call in calls if call.recording_refused]

    assert 0.04 < len(abandoned) / len(calls) < 0.15
    assert 0.02 < len(refused) / len(calls) < 0.1
    assert not any(call.general.agents for call in abandoned)
    assert all(call.general.variables for call in refused)


def test_refused_chats_have_no_log_and_others_do(year: list[Planned]) -> None:
    answered = [c for c in of(year, Media.CHAT) if c.general.outcome == "answered"]

    assert any(chat.storage_refused for chat in answered)
    assert all(bool(c.chat_log) is not c.storage_refused for c in answered)


@pytest.mark.parametrize("media", [Media.EMAIL, Media.ETASK, Media.SOCIAL])
def test_other_media_carry_no_content(year: list[Planned], media: Media) -> None:
    assert not any(each.chat_log or each.recordings for each in of(year, media))


def test_the_calls_to_be_heard_are_many_and_half_of_them_recent(
    year: list[Planned],
) -> None:
    heard = [each for each in year if each.call]
    starts = [each.arrival.general.started_at for each in heard]

    assert len(heard) == 120
    assert sum(at > NOW - timedelta(days=14) for at in starts) >= 55
    assert not any(each.arrival.recording_refused for each in heard)


def test_a_call_that_is_spoken_brings_recording_and_transcript(
    year: list[Planned],
) -> None:
    call = next(each for each in reversed(year) if each.call)

    arrival = call.spoken()

    part, transcript = arrival.recordings[0], arrival.transcripts[0]
    assert part.body
    assert part.body[:4] == b"RIFF"
    assert part.channels == (Sender.CUSTOMER, Sender.AGENT)
    assert arrival.general.talk_seconds == round(part.seconds or 0)
    assert call.call
    assert len(transcript.utterances) == len(call.call.turns)
    assert (transcript.utterances[-1].seconds or 0) < (part.seconds or 0)


def test_an_arrival_survives_json(year: list[Planned]) -> None:
    for each in year[:200]:
        text = msgspec.json.encode(each.arrival)
        assert msgspec.json.decode(text, type=Arrival) == each.arrival


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_thirty_dialogues_for_known_queues(language: str) -> None:
    script = dialogues(language)

    assert len(script) >= 30
    assert len({each.subject for each in script}) == len(script)
    assert {each.queue for each in script} == set(QUEUES[language])
    assert all(len(each.turns) >= 4 for each in script)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_a_dialogue_is_filled(language: str) -> None:
    for n, dialogue in enumerate(dialogues(language)):
        turns = spoken(dialogue, style=n, **FIELDS)
        turns += written(dialogue, style=n, **FIELDS)
        assert not any("{" in turn.text for turn in turns)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_is_read_as_a_number(language: str) -> None:
    phones = [person.phone for person in people(1) if person.language == language]

    assert all(read_phone(phone, region="SE").normal == phone for phone in phones)
