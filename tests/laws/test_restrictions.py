"""GDPR 18: what is restricted is kept, shown to nobody by any way, and comes back."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import msgspec
import pytest

from tests.cast import make_token
from tests.intake.asking import Source, event
from tests.laws.laying import EMAIL, NAME, PHONE, Laid, ago, lay
from tests.laws.test_holds import WAYS as TO_GO
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Hold, HoldItem, Interaction
from valv.core.moments import local_day_bounds, zone_named
from valv.lifecycle import nightly, restrictions
from valv.storage import scope
from valv.tenants.models import Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def teller(acme: Tenant, source: Source) -> Source:
    return Source(acme, make_token(acme), source.client)


def restrict(teller: Source, **more: object) -> str:
    asked = {"phone": [PHONE], "email": [EMAIL], "reason": "Contested", **more}
    answer = teller.ask("POST", "/restrictions", msgspec.json.encode(asked))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def end(teller: Source, number: str) -> None:
    path = f"/restrictions/{number}/end"
    assert teller.ask("POST", path, b'{"reason": "Settled"}').status_code == 200


READS: dict[str, Callable[[Laid], str]] = {
    "the list": lambda _: "/interactions",
    "a search": lambda _: f"/interactions?phone={PHONE}",
    "a name": lambda _: "/interactions?name=*a*",
    "one": lambda laid: f"/interactions/{laid.call}",
    "a recording": lambda laid: f"/interactions/{laid.call}/recordings/1",
    "a download": lambda laid: f"/interactions/{laid.call}/recordings/1?download=mp3",
    "a life": lambda laid: f"/interactions/{laid.call}/retention",
    "an export": lambda _: "/interactions.xlsx",
    "a transcript": lambda laid: f"/interactions/{laid.call}/transcripts/1",
    "a chat log": lambda laid: f"/interactions/{laid.chat}/chat-log",
    "surveys": lambda _: "/surveys",
    "raw data": lambda _: "/raw-events",
}


def told(teller: Source, path: str) -> tuple[int, bytes]:
    answer = teller.ask("GET", path)
    body = answer.getvalue() if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as zipped:
            body = b"".join(map(zipped.read, zipped.namelist()))
    return answer.status_code, body


def shows(teller: Source, laid: Laid, which: str) -> bool:
    status, body = told(teller, READS[which](laid))
    if status == 404:
        return False
    assert status == 200, body
    if which.startswith("a ") and which not in ("a search", "a name"):
        return True
    ids = (laid.call, laid.chat, PHONE, EMAIL, NAME, "law-call")
    return any(one.encode() in body for one in ids)


def acted_on(teller: Source, laid: Laid) -> set[int]:
    """The answers to acts on one: as what is not there, it neither goes nor leaves."""
    correction = b'{"kind": "phone", "reason": "Misheard"}'
    answers = [
        teller.ask("DELETE", f"/interactions/{laid.call}/recordings/1"),
        teller.ask("POST", f"/interactions/{laid.call}/correction", correction),
        teller.ask("POST", "/interactions/law-chat/chat-copy"),
    ]
    return {answer.status_code for answer in answers}


def test_what_is_restricted_is_shown_by_no_way_until_it_ends(teller: Source) -> None:
    laid = lay(teller, "law")
    before = [which for which in READS if shows(teller, laid, which)]

    number = restrict(teller)
    while_it_stands = [which for which in READS if shows(teller, laid, which)]
    assert acted_on(teller, laid) == {404}
    end(teller, number)

    assert (before, while_it_stands) == (list(READS), [])
    assert [which for which in READS if shows(teller, laid, which)] == list(READS)


def test_whom_raw_data_alone_tells_of_is_restricted_there(teller: Source) -> None:
    """A source stated another number later: the first stands in raw events only."""
    first = event(0, "session.started", media="phone", identifiers={"phone": PHONE})
    teller.tell(first)
    teller.put("S1", identifiers={"phone": "+46701740606"})
    call = teller.id_of("S1")

    restrict(teller, email=[])

    assert teller.ask("GET", f"/interactions/{call}").status_code == 404


def test_what_is_restricted_is_in_no_mean(teller: Source, alma: User) -> None:
    laid = lay(teller, "law")  # which answered 4
    teller.put("free", started_at=laid.at, identifiers={"phone": "+46709999999"})
    teller.put_survey("free", score=2, at=laid.at)
    visitor = Visitor().enters(alma)
    before = mean(visitor)

    restrict(teller)

    assert (before, mean(visitor)) == ("3.0", "2.0")


def mean(visitor: Visitor) -> str:
    page = text_of(visitor.get("/surveys")).replace(",", ".")
    return page.partition('<p class="figure">')[2].partition("<")[0]


def test_nothing_of_it_goes_while_it_is_restricted(teller: Source) -> None:
    laid = lay(teller, "law")
    number = restrict(teller)

    for way in TO_GO:
        way(teller, laid)
    end(teller, number)

    assert all(shows(teller, laid, which) for which in READS)
    assert not teller.rows(Interaction, held=True)


def test_who_calls_again_is_under_it_and_the_night_ends_it(teller: Source) -> None:
    today = ago(0)
    last_day = nightly.today(teller.tenant, today)
    restrict(teller, last_day=last_day.isoformat())
    teller.put("again", started_at=today, identifiers={"phone": PHONE})
    hidden = teller.ask("GET", f"/interactions?phone={PHONE}").json()["items"]

    later = today + timedelta(days=1, hours=2)
    nightly.run(teller.tenant, nightly.today(teller.tenant, later), now=later)

    found = teller.ask("GET", f"/interactions?phone={PHONE}").json()["items"]
    assert (hidden, [one["session_id"] for one in found]) == ([], ["again"])
    assert not teller.rows(Interaction, held=True)


def test_it_says_whom_it_is_about_and_what_else_keeps_it(teller: Source) -> None:
    laid = lay(teller, "law")
    asked = {"matter": "Case", "owner": "Cleo", "reason": "x"}
    body = msgspec.json.encode({**asked, "interactions": [laid.call]})
    teller.ask("POST", "/holds", body)

    number = restrict(teller)
    (shown,) = teller.ask("GET", "/restrictions").json()["items"]
    again = teller.ask(
        "POST", "/restrictions", b'{"phone": ["%b"], "email": ["%b"], "reason": "x"}'
        % (PHONE.encode(), EMAIL.encode()),
    )  # fmt: skip
    end(teller, number)
    (ended,) = teller.ask("GET", "/restrictions").json()["items"]

    assert EMAIL in shown["about"]
    assert [one["matter"] for one in shown["also_held_for"]] == ["Case"]
    assert again.status_code == 409
    assert ended["about"] == []
    assert [one["matter"] for one in teller.ask("GET", "/holds").json()["items"]] == [
        "Case"
    ]


def test_a_stranger_neither_sees_nor_ends_it(teller: Source, borealis: Tenant) -> None:
    number = restrict(teller)
    stranger = Source(borealis, make_token(borealis), teller.client)

    answer = stranger.ask("POST", f"/restrictions/{number}/end", b'{"reason": "x"}')

    assert answer.status_code == 404
    assert stranger.ask("GET", "/restrictions").json() == {"items": []}


def test_it_is_none_of_the_holds_and_is_released_as_none(teller: Source) -> None:
    lay(teller, "ours")
    number = restrict(teller)
    why = msgspec.json.encode({"reason": "Over"})

    released = teller.ask("POST", f"/holds/{number}/release", why)

    assert released.status_code == 404
    assert teller.ask("GET", f"/holds/{number}").status_code == 404
    assert teller.ask("GET", "/holds").json()["items"] == []
    assert teller.ask("GET", "/restrictions").json()["items"][0]["ended_at"] is None


def test_it_stands_to_the_end_of_its_last_day_in_the_tenants_zone(
    teller: Source,
) -> None:
    tenant = teller.tenant
    last_day = nightly.today(tenant, ago(0))
    restrict(teller, last_day=last_day.isoformat())
    over = local_day_bounds(last_day, zone=zone_named(tenant.timezone))[1]

    restrictions.end_over(tenant, now=over - timedelta(milliseconds=1))
    standing = teller.rows(Hold, released_at__isnull=True)
    restrictions.end_over(tenant, now=over)

    assert len(standing) == 1
    assert teller.rows(Hold, released_at__isnull=True) == []


def test_a_day_that_is_over_is_no_last_day(teller: Source) -> None:
    yesterday = nightly.today(teller.tenant, ago(0)) - timedelta(days=1)
    asked = {"phone": [PHONE], "reason": "x", "last_day": yesterday.isoformat()}

    answer = teller.ask("POST", "/restrictions", msgspec.json.encode(asked))

    assert answer.status_code == 422
    assert teller.rows(Hold) == []


@pytest.mark.parametrize("said", [{"phone": ["Reception"]}, {"email": ["anna"]}])
def test_what_looks_like_no_number_or_address_restricts_nobody(
    teller: Source, said: dict[str, list[str]]
) -> None:
    body = msgspec.json.encode({**said, "reason": "x"})

    answer = teller.ask("POST", "/restrictions", body)

    assert (answer.status_code, answer.json()["field"]) == (422, *said)


def test_one_that_was_cut_short_is_gone_on_with(teller: Source) -> None:
    number = restrict(teller)
    teller.put("uncovered", started_at=ago(0), identifiers={"phone": PHONE})
    with scope.writing(teller.tenant.id):
        HoldItem.objects.all().delete()
        Hold.objects.update(complete_at=None)

    assert restrict(teller) == number

    assert len(teller.rows(HoldItem)) == 1
    assert [row.complete_at is None for row in teller.rows(Hold)] == [False]
