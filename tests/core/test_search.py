"""A search is read strictly, and its cursor belongs to it alone."""

from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import BadRequest, Malformed
from valv.core.identifiers import Fragment, Kind, Match
from valv.core.interaction import Direction, Media
from valv.core.search import Count, Cursor, SearchRequest, read_search

STOCKHOLM = ZoneInfo("Europe/Stockholm")
KEY = b"k" * 32
PAIRS = st.lists(
    st.sampled_from(
        [
            ("phone", "0701234567"),
            ("phone", "*4567"),
            ("email", "*@example.com"),
            ("queue", "Support"),
            ("queue", "Sales*"),
            ("media", "phone"),
            ("media", "chat"),
            ("from", "2026-01-01"),
            ("has_survey", "true"),
        ]
    ),
    unique=True,
)
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 hypothesis wants naive bounds
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
IDS = st.integers(min_value=0, max_value=2**63 - 1)


def search(*parameters: tuple[str, str]) -> SearchRequest:
    return read_search(parameters, zone=STOCKHOLM, region="SE")


def test_a_bare_search_asks_for_the_newest_fifty() -> None:
    assert search() == SearchRequest()
    assert (search().limit, search().count) == (50, Count.CAPPED)


def test_one_parameter_repeated_means_or() -> None:
    (pattern,) = search(("phone", "0701234567"), ("phone", "*89")).patterns

    assert pattern.fits("+46701234567")
    assert pattern.fits("+46700000089")
    assert not pattern.fits("+46700000000")


def test_different_parameters_mean_and() -> None:
    patterns = search(("name", "anna*"), ("email", "a@example.com")).patterns

    assert [pattern.kind for pattern in patterns] == [Kind.EMAIL, Kind.NAME]


def test_withheld_may_be_one_of_several() -> None:
    (pattern,) = search(("phone", "withheld"), ("phone", "112")).patterns

    assert pattern.withheld
    assert pattern.fits("112")


def test_all_parameters_are_read() -> None:
    asked = search(
        ("queue", "Kö*"), ("agent", "bo"), ("media", "chat"), ("direction", "inbound"),
        ("outcome", "*"), ("session", "S-1"), ("subject", "*faktura*"),
        ("from", "2026-11-23"), ("to", "2026-11-23"), ("score_min", "3"),
        ("score_max", "9.5"), ("has_recording", "true"), ("has_chat_log", "0"),
        ("has_survey", "FALSE"), ("limit", "500"), ("count", "exact"), ("cursor", "x"),
        ("handle", "@anna"), ("category", "Faktura"), ("topic", "*sen*"),
    )  # fmt: skip

    assert asked.queue == (Fragment(Match.PREFIX, "Kö"),)
    assert asked.agent == (Fragment(Match.EXACT, "bo"),)
    assert asked.outcome == (Fragment(Match.CONTAINS, ""),)
    assert asked.session == (Fragment(Match.EXACT, "S-1"),)
    assert asked.subject == (Fragment(Match.CONTAINS, "faktura"),)
    assert asked.category == (Fragment(Match.EXACT, "Faktura"),)
    assert asked.topic == (Fragment(Match.CONTAINS, "sen"),)
    assert (asked.media, asked.direction) == ((Media.CHAT,), (Direction.INBOUND,))
    assert asked.start == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert asked.end == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert (asked.score_min, asked.score_max) == (3, 9.5)
    assert asked.has_recording is True
    assert (asked.has_chat_log, asked.has_survey) == (False, False)
    assert (asked.limit, asked.count, asked.cursor) == (500, Count.EXACT, "x")


def test_yes_or_no_asks_nothing() -> None:
    asked = search(("has_survey", "true"), ("has_survey", "false"))

    assert asked.has_survey is None


def test_an_unknown_parameter_cannot_be_read() -> None:
    with pytest.raises(BadRequest):
        search(("telephone", "112"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "9" * 5000),
        ("limit", "\u0663"),
        ("count", "some"),
        ("media", "fax"),
        ("direction", ""),
        ("from", "yesterday"),
        ("to", "2026-13-01"),
        ("phone", ""),
        ("queue", " "),
        ("score_min", "nan"),
        ("score_max", "high"),
        ("has_recording", "maybe"),
    ],
)
def test_a_bad_value_is_malformed_by_name(name: str, value: str) -> None:
    with pytest.raises(Malformed) as caught:
        search((name, value))

    assert (caught.value.field, caught.value.status) == (name, 422)


def test_a_window_cannot_end_before_it_begins() -> None:
    with pytest.raises(Malformed):
        search(("from", "2026-11-23"), ("to", "2026-11-20"))


def test_a_window_has_one_start() -> None:
    with pytest.raises(Malformed):
        search(("from", "2026-11-23"), ("from", "2026-11-24"))


def test_there_is_an_end_to_or() -> None:
    with pytest.raises(Malformed):
        search(*(("queue", str(n)) for n in range(101)))


@given(PAIRS, st.randoms())
def test_the_order_of_parameters_does_not_matter(
    pairs: list[tuple[str, str]], chance: Random
) -> None:
    shuffled = list(pairs)
    chance.shuffle(shuffled)

    assert search(*shuffled).fingerprint() == search(*pairs).fingerprint()


@given(PAIRS, PAIRS)
def test_other_filters_have_another_fingerprint(
    some: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    same = search(*some).fingerprint() == search(*others).fingerprint()

    assert same is (set(some) == set(others))


def test_page_limit_and_count_are_no_filters() -> None:
    asked = search(("limit", "10"), ("count", "none"), ("cursor", "x"))

    assert asked.fingerprint() == search().fingerprint()


@given(MOMENTS, IDS)
def test_a_cursor_leads_back_to_its_row(at: datetime, interaction_id: int) -> None:
    cursor = Cursor(at, interaction_id)
    written = cursor.encode(KEY, fingerprint=search().fingerprint())

    assert search(("cursor", written)).after(KEY) == cursor


@pytest.mark.parametrize("text", ["", "x", "åäö", "A" * 43, "A" * 10_000, "=", "AA=="])
def test_a_made_up_cursor_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Cursor.decode(text, key=KEY, fingerprint=b"")


def test_a_cursor_of_another_search_or_key_is_malformed() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    written = Cursor(at, 1).encode(KEY, fingerprint=search().fingerprint())

    with pytest.raises(Malformed):
        search(("queue", "x"), ("cursor", written)).after(KEY)
    with pytest.raises(Malformed):
        search(("cursor", written)).after(b"another key")


def test_the_first_page_has_no_cursor() -> None:
    assert search().after(KEY) is None
