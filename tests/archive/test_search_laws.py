"""The search against an oracle that looks at everything, and its pages."""

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.archive.asking import ask, ids_found
from tests.archive.factories import Made, make_all
from tests.cast import NOW
from valv.core.identifiers import Kind, read_pattern
from valv.core.interaction import ContentKind, Direction, Media
from valv.core.phones import folded

if TYPE_CHECKING:
    from valv.tenants.models import Tenant

Asked = dict[str, Any]

pytestmark = pytest.mark.django_db

PHONES = ["0701234567", "0701234568", "08-123 456 78", "+358 40 1234567"]
EMAILS = ["anna@example.com", "anna.b@example.com", "bo@other.example"]
NAMES = ["Anna", "Anna Berg", "Bo Åström"]
QUEUES = ["Sales", "Växel", "Support"]
AGENTS = ["Åsa", "Dan", "Eva"]
OUTCOMES = ["answered", "abandoned"]
TOPICS = [
    *(("Ärende", f"Topic {n}") for n in range(9)),
    ("", "Other"),
    ("Billing", "Övrigt"),
    ("Billing", "Other"),
]


def a_world(size: int) -> list[Made]:
    """The same interactions every time, many of them at the same moment."""
    random = Random(5)
    return [_made(random, number) for number in range(size)]


def _made(random: Random, number: int) -> Made:
    start = NOW - timedelta(hours=random.randrange(0, 2400) // 7 * 7)
    far = random.random() < 0.1
    people = {"phone": random.choice(PHONES)} if random.random() < 0.7 else {}
    if random.random() < 0.5:
        people["email"] = random.choice(EMAILS)
    if random.random() < 0.4:
        people["name"] = random.choice(NAMES)
    others = ({"phone": random.choice(PHONES)},) if random.random() < 0.2 else ()
    return Made(
        started_at=start,
        first_told_at=start + timedelta(days=40) if far else None,
        session_id=f"s{number}",
        media=random.choice(list(Media)),
        direction=random.choice(list(Direction)),
        identifiers=people,
        others=others,
        queue=random.choice([*QUEUES, None]),
        agents=tuple(random.sample(AGENTS, random.randrange(3))),
        outcome=random.choice([*OUTCOMES, None]),
        subject=f"About {random.choice(NAMES)}" if random.random() < 0.3 else None,
        score=random.choice([None, 0, 5, 10]),
        contents=(ContentKind.RECORDING,) if random.random() < 0.5 else (),
        registration=tuple(random.sample(TOPICS, random.choice([0, 0, 1, 2]))),
    )


FILTERS: dict[str, list[str]] = {
    "phone": [*PHONES, "070*", "*4567", "*123*", "*", "070 999 99 99"],
    "email": [*EMAILS, "anna*", "*example*", "nobody@x.example"],
    "name": [*NAMES, "anna*", "*å*"],
    "queue": [*QUEUES, "s*", "nowhere"],
    "agent": [*AGENTS, "*a", "åsa"],
    "media": [media.value for media in Media],
    "direction": [direction.value for direction in Direction],
    "outcome": [*OUTCOMES, "ANSWERED"],
    "category": ["ärende", "BILLING", "*l*", "none"],
    "topic": ["other", "Topic 3", "topic*", "övrigt", "*"],
    "session": ["s1", "s2*", "*3", "zzz"],
    "subject": ["*anna*", "about bo åström"],
}
ONCE: dict[str, list[str]] = {
    "since": ["2026-09-01", "2026-10-15", "2026-10-19T12:00:00Z"],
    "until": ["2026-10-20", "2026-11-01T07:05:00Z"],
    "score_min": ["0", "5", "7"],
    "score_max": ["5", "10"],
    "has_recording": ["true", "false"],
    "has_survey": ["true", "false"],
}
ASKED = st.fixed_dictionaries(
    {},
    optional={
        **{
            n: st.lists(st.sampled_from(v), min_size=1, max_size=2)
            for n, v in FILTERS.items()
        },
        **{n: st.sampled_from(v).map(lambda v: [v]) for n, v in ONCE.items()},
    },
).filter(lambda asked: len(asked) <= 4)


def fits(made: Made, asked: Asked, region: str) -> bool:
    return _fits_registration(made, asked) and all(
        any(_fits(made, name, value, region) for value in values)
        for name, values in asked.items()
        if name not in {"category", "topic"}
    )


def _fits_registration(made: Made, asked: Asked) -> bool:
    """A category and a topic are sought in one and the same registration."""
    categories, topics = asked.get("category"), asked.get("topic")
    if categories is None and topics is None:
        return True
    return any(
        any(_like(category, value) for value in categories or ["*"])
        and any(_like(topic, value) for value in topics or ["*"])
        for category, topic in made.registration
    )


def _fits(made: Made, name: str, value: str, region: str) -> bool:
    if name in {kind.value for kind in Kind}:
        return _fits_person(made, Kind(name), value, region)
    if name in {"since", "until"}:
        return _fits_window(made, name, value)
    if name.startswith(("score", "has")):
        return _fits_flag(made, name, value)
    several: dict[str, tuple[str | None, ...]] = {
        "queue": (made.queue,),
        "agent": made.agents,
        "media": (made.media.value,),
        "direction": (made.direction.value,),
        "outcome": (made.outcome,),
        "session": (made.session_id,),
        "subject": (made.subject,),
    }
    return any(text is not None and _like(text, value) for text in several[name])


def _like(text: str, value: str) -> bool:
    text, bare = folded(text), folded(value.strip("*"))
    first, last = value.startswith("*"), value.endswith("*")
    if first and last:
        return bare in text
    if first:
        return text.endswith(bare)
    return text.startswith(bare) if last else text == bare


def _fits_person(made: Made, kind: Kind, value: str, region: str) -> bool:
    from valv.core.identifiers import read_identifier

    typed = [
        made.identifiers.get(kind.value),
        *(o.get(kind.value) for o in made.others),
    ]
    pattern = read_pattern(value, kind=kind, region=region)
    normals = [read_identifier(t, kind=kind, region=region).normal for t in typed if t]
    return any(pattern.fits(normal) for normal in normals)


def _fits_window(made: Made, name: str, value: str) -> bool:
    from zoneinfo import ZoneInfo

    from valv.core.moments import parse_from, parse_to

    zone = ZoneInfo("Europe/Stockholm")
    if name == "since":
        return made.started_at >= parse_from(value, zone=zone)
    return made.started_at < parse_to(value, zone=zone)


def _fits_flag(made: Made, name: str, value: str) -> bool:
    if name.startswith("score"):
        if made.score is None:
            return False
        low = name == "score_min"
        return made.score >= float(value) if low else made.score <= float(value)
    there = bool(made.contents) if name == "has_recording" else made.score is not None
    return there == (value == "true")


class World(list[tuple[int, Made]]):
    """What was laid, by id."""

    def __repr__(self) -> str:
        return f"World of {len(self)}"


@pytest.fixture(scope="module")
def acme(acme_once: "Tenant") -> "Tenant":
    return acme_once


@pytest.fixture(scope="module")
def world(acme: "Tenant") -> World:
    made = a_world(120)
    return World(zip(make_all(acme, made, now=NOW), made, strict=True))


def expected(world: World, asked: Asked) -> list[int]:
    hits = [
        (made.started_at, number) for number, made in world if fits(made, asked, "SE")
    ]
    return [number for _, number in sorted(hits, reverse=True)]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(asked={"phone": ["*"]})
@given(asked=ASKED)
def test_the_search_finds_what_looking_at_everything_finds(
    acme: "Tenant", world: World, asked: Asked
) -> None:
    answer = ask(acme, limit=500, **asked)

    assert [int(item.id) for item in answer.items] == expected(world, asked)
    assert answer.count is not None
    assert (answer.count.value, answer.count.capped) == (len(answer.items), False)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"phone": ["070*"]},
        {"phone": ["0701234567"]},
        {"agent": ["åsa", "dan"]},
        {"topic": ["other"]},
        {"category": ["ärende"]},
        {"agent": ["dan"], "topic": ["*o*"]},
        {"subject": ["*anna*"]},
        {"has_recording": ["true"], "until": ["2026-11-01"]},
    ],
)
@pytest.mark.parametrize("limit", [1, 7])
def test_pages_have_no_gap_and_nothing_twice(
    acme: "Tenant",
    world: World,
    asked: Asked,
    limit: int,
) -> None:
    found: list[int] = []
    more: dict[str, Any] = {}

    while True:
        answer = ask(acme, limit=limit, **asked, **more)
        found += [int(item.id) for item in answer.items]
        if answer.next is None:
            break
        more = {"cursor": answer.next}

    assert found == expected(world, asked)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"phone": ["070*"]},
        {"agent": ["dan"]},
        {"queue": ["Sales"]},
        {"topic": ["other"]},
    ],
)
def test_all_are_counted_beyond_the_page(
    acme: "Tenant", world: World, asked: Asked
) -> None:
    for count in ("capped", "exact"):
        answer = ask(acme, limit=3, count=count, **asked)

        assert answer.count is not None
        assert answer.count.value == len(expected(world, asked))


def test_nobody_counts_when_told_not_to(acme: "Tenant", world: World) -> None:
    assert ask(acme, limit=3, count="none").count is None


def test_a_common_fragment_is_found_though_its_people_are_too_many(
    acme: "Tenant", world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valv.archive.people.SCAN_CAP", 1)
    monkeypatch.setattr("valv.archive.search.run.FIRST_WALKED", 10)
    asked: Asked = {"phone": ["*1*"], "media": ["phone", "chat"]}

    assert ids_found(acme, limit=500, **asked) == expected(world, asked)


def test_many_people_are_found_by_stretches_of_time(
    acme: "Tenant", world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valv.archive.search.run.FEW_PEOPLE", 1)
    asked: Asked = {"email": ["*a*"]}

    assert ids_found(acme, limit=500, **asked) == expected(world, asked)
    assert ids_found(acme, limit=4, **asked) == expected(world, asked)[:4]


@pytest.mark.parametrize("asked", [{}, {"topic": ["*"]}, {"topic": ["other"]}])
def test_queries_do_not_grow_with_rows(
    acme: "Tenant", world: World, asked: Asked
) -> None:
    counted = []
    for limit in (10, 120):
        ask(acme, limit=limit, count="none", **asked)
        with CaptureQueriesContext(connection) as queries:
            ask(acme, limit=limit, count="none", **asked)
        counted.append(len(queries))

    assert counted[0] == counted[1]
    assert counted[0] < 18


def test_a_rare_subject_costs_bounded_work_and_goes_on_from_there(
    acme: "Tenant", world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valv.archive.search.run.MOST_OPENED", 5)
    monkeypatch.setattr("valv.archive.search.run.FIRST_WALKED", 5)
    asked: Asked = {"subject": ["*bo*"]}

    answer = ask(acme, limit=4, **asked)
    found = [int(item.id) for item in answer.items]
    while answer.next:
        answer = ask(acme, limit=4, cursor=answer.next, **asked)
        found += [int(item.id) for item in answer.items]

    assert found == expected(world, asked)
