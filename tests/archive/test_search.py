"""Every search parameter finds what it names and nothing else."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.archive.asking import ask, ids_found
from tests.archive.factories import Made, make
from tests.cast import NOW
from valv.core.errors import Malformed
from valv.core.interaction import ContentKind, Direction, Media

if TYPE_CHECKING:
    from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db

YESTERDAY = NOW - timedelta(days=1)
ANNA = {"phone": "070-123 45 67", "email": "Anna@Example.com", "name": "Anna Öberg"}
PLAIN = Made(started_at=YESTERDAY - timedelta(hours=1))
RICH = Made(
    started_at=YESTERDAY,
    session_id="chat-17",
    media=Media.CHAT,
    direction=Direction.OUTBOUND,
    identifiers=ANNA | {"handle": "@anna"},
    others=({"phone": "+46 8 123 456 78", "name": "Bo"},),
    queue="Växel Örebro",
    agents=("Åsa", "Dan"),
    outcome="Answered",
    subject="Fråga om Faktura",
    score=7,
    comment="Bra!",
    contents=(ContentKind.RECORDING, ContentKind.CHAT_LOG),
    registration=(("Billing", "Invoice"),),
)


@pytest.fixture
def rich(acme: "Tenant") -> int:
    """One rich interaction, beside a plain one that no filter here means."""
    make(acme, PLAIN, now=NOW)
    return make(acme, RICH, now=NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phone", "+46701234567"),
        ("phone", "0046701234567"),
        ("phone", "0701234567"),
        ("phone", "070-123*"),
        ("phone", "*4567"),
        ("phone", "*2345*"),
        ("phone", "*"),
        ("phone", "08-123 456 78"),
        ("phone", "*45678"),
        ("email", "ANNA@example.COM"),
        ("email", "*@example.com"),
        ("name", "anna öberg"),
        ("name", "*ÖBERG"),
        ("name", "bo"),
        ("handle", "@Anna"),
        ("queue", "växel örebro"),
        ("queue", "växel*"),
        ("agent", "ÅSA"),
        ("agent", "åsa"),
        ("agent", "da*"),
        ("media", "chat"),
        ("direction", "outbound"),
        ("outcome", "answered"),
        ("outcome", "ANSW*"),
        ("session", "chat-17"),
        ("session", "chat*"),
        ("subject", "*faktura*"),
        ("subject", "fråga om faktura"),
        ("category", "BILLING"),
        ("topic", "inv*"),
        ("score_min", "7"),
        ("score_max", "7"),
        ("has_recording", "true"),
        ("has_chat_log", "true"),
        ("has_survey", "true"),
        ("since", "2026-11-22T13:05:00Z"),
    ],
)
def test_each_parameter_finds_the_one_it_means(
    acme: "Tenant", rich: int, name: str, value: str
) -> None:
    assert ids_found(acme, **{name: value}) == [rich]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phone", "+46701234568"),
        ("phone", "*99999*"),
        ("email", "bo@example.com"),
        ("name", "anna"),
        ("queue", "växel"),
        ("agent", "nobody"),
        ("media", "social"),
        ("outcome", "abandoned"),
        ("session", "chat-1"),
        ("subject", "faktura"),
        ("category", "Invoice"),
        ("topic", "Billing"),
        ("score_min", "7.5"),
        ("until", "2026-11-20"),
    ],
)
def test_each_parameter_finds_nothing_else(
    acme: "Tenant", rich: int, name: str, value: str
) -> None:
    assert ids_found(acme, **{name: value}) == []


def test_one_parameter_repeated_means_or(acme: "Tenant", rich: int) -> None:
    assert len(ids_found(acme, media=["chat", "phone"])) == 2
    assert ids_found(acme, phone=["0701234567", "*999"]) == [rich]


def test_different_parameters_mean_and(acme: "Tenant", rich: int) -> None:
    everything = {"phone": "0701234567", "email": "anna@*", "agent": "dan"}

    assert ids_found(acme, queue="växel*", subject="*faktura*", **everything) == [rich]
    assert ids_found(acme, name="anna öberg", media="phone") == []


def test_a_category_and_a_topic_are_of_one_registration(acme: "Tenant") -> None:
    picked = (("Billing", "Invoice"), ("Parcel", "Late"))
    both = make(acme, Made(started_at=NOW, registration=picked), now=NOW)

    assert ids_found(acme, category="Parcel", topic="Late") == [both]
    assert ids_found(acme, category="Parcel", topic="Invoice") == []
    assert ids_found(acme, category=["Parcel", "Billing"], topic="Invoice") == [both]


def test_flags_can_be_asked_for_as_absent(acme: "Tenant", rich: int) -> None:
    assert rich not in ids_found(acme, has_recording="false")
    assert len(ids_found(acme, has_recording="false")) == 1


def test_a_withheld_number_is_told_apart_from_none(acme: "Tenant", rich: int) -> None:
    hidden = make(acme, Made(started_at=NOW, withheld=True), now=NOW)

    answer = ask(acme, phone="anonymous")

    assert [int(item.id) for item in answer.items] == [hidden]
    assert answer.items[0].withheld


def test_a_session_that_carries_a_number_is_found_by_what_the_source_calls_it(
    acme: "Tenant",
) -> None:
    made = Made(started_at=YESTERDAY, session_id="call-0701234567-1")
    number = make(acme, made, now=NOW)

    answer = ask(acme, session="call-0701234567-1")

    assert [int(item.id) for item in answer.items] == [number]
    assert "0701234567" not in answer.items[0].session_id


def test_an_item_says_all_that_is_known(acme: "Tenant", rich: int) -> None:
    item = ask(acme, session="chat-17").items[0]

    assert item.started_at == "2026-11-22T13:05:00.000Z"
    assert (item.media, item.direction) == ("chat", "outbound")
    assert (item.queue, item.agents) == ("Växel Örebro", ["Åsa", "Dan"])
    assert item.identifiers.phone == "+46701234567"
    assert item.identifiers.name == "Anna Öberg"
    assert [(o.phone, o.name) for o in item.others] == [("+46812345678", "Bo")]
    assert item.subject == "Fråga om Faktura"
    assert [content.kind for content in item.contents] == ["recording", "chat_log"]
    assert item.survey is not None
    assert (item.survey.score, item.survey.comment) == (7, "Bra!")
    assert item.registration[0].topic == "Invoice"


def test_the_window_takes_its_first_moment_and_leaves_its_last(
    acme: "Tenant", rich: int
) -> None:
    at = "2026-11-22T13:05:00Z"

    assert rich in ids_found(acme, since=at)
    assert rich not in ids_found(acme, until=at)


def test_a_start_far_from_its_id_is_found_in_its_window(acme: "Tenant") -> None:
    long_ago = NOW - timedelta(days=400)
    number = make(acme, Made(started_at=long_ago, first_told_at=NOW), now=NOW)

    assert ids_found(acme, since="2025-10-01", until="2025-11-30") == [number]
    assert ids_found(acme, since="2026-11-01") == []


def test_a_cursor_of_another_search_is_refused(acme: "Tenant", rich: int) -> None:
    cursor = ask(acme, limit=1).next or ""

    assert ids_found(acme, limit=1, cursor=cursor)
    with pytest.raises(Malformed):
        ask(acme, media="chat", cursor=cursor)
