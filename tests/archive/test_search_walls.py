"""What no search may show: another tenant's rows, and who was forgotten."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.archive.asking import ask, caller_at, ids_found
from tests.archive.factories import Made, make
from tests.cast import NOW, make_tenant
from valv.core.errors import Forbidden, Malformed, NotFound
from valv.core.identifiers import Kind

if TYPE_CHECKING:
    from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db

ANNA = {"phone": "070-123 45 67", "email": "anna@example.com", "name": "Anna Berg"}
CALL = Made(started_at=NOW - timedelta(hours=2), session_id="a", identifiers=ANNA)
ASKED = [
    {"phone": "0701234567"},
    {"phone": "*4567"},
    {"email": "anna*"},
    {"name": "anna berg"},
    {"name": "*berg"},
]


def forget(tenant: "Tenant", number: int) -> None:
    """What forgetting commits first: rows blanked, keys gone, the epoch raised."""
    from valv.archive.identifiers import raise_epoch
    from valv.archive.models import Identifier, Interaction
    from valv.storage import keys, scope
    from valv.storage.keys import KeyKind

    with scope.writing(tenant.id):
        row = Interaction.objects.get(id=number)
        ids = [id_ for id_ in (row.phone_id, row.email_id, row.name_id) if id_]
        Identifier.objects.filter(id__in=ids).update(hash=None, sealed=None)
        raise_epoch()
    keys.destroy(tenant.id, {KeyKind.IDENTIFIER: ids})


@pytest.mark.parametrize("asked", [{}, *ASKED, {"session": "a"}])
def test_a_tenant_never_finds_what_is_anothers(
    acme: "Tenant", borealis: "Tenant", asked: dict[str, str]
) -> None:
    own = make(acme, CALL, now=NOW)
    theirs = make(borealis, CALL, now=NOW)

    assert ids_found(acme, **asked) == [own]
    assert theirs not in ids_found(acme, **asked)


def test_a_cursor_of_another_tenant_is_refused(
    acme: "Tenant", borealis: "Tenant"
) -> None:
    for tenant in (acme, borealis):
        for hours in (1, 2):
            make(tenant, Made(started_at=NOW - timedelta(hours=hours)), now=NOW)
    cursor = ask(acme, limit=1).next or ""

    with pytest.raises(Malformed):
        ask(borealis, limit=1, cursor=cursor)


@pytest.mark.parametrize("asked", ASKED)
def test_someone_forgotten_is_found_by_nothing(
    acme: "Tenant", asked: dict[str, str]
) -> None:
    number = make(acme, CALL, now=NOW)
    assert ids_found(acme, **asked) == [number]

    forget(acme, number)

    assert ids_found(acme, **asked) == []


def test_the_text_of_someone_forgotten_is_hidden_at_once(acme: "Tenant") -> None:
    made = Made(
        started_at=NOW,
        identifiers=ANNA,
        subject="About Anna",
        comment="Anna was here",
        score=3,
    )
    number = make(acme, made, now=NOW)
    ask(acme)

    forget(acme, number)
    item = ask(acme).items[0]

    assert (item.subject, item.identifiers.phone, item.identifiers.name) == (None,) * 3
    assert item.survey is not None
    assert (item.survey.score, item.survey.comment) == (3, None)
    assert ids_found(acme, subject="*anna*") == []


def test_an_older_snapshot_puts_nothing_where_newer_ones_look(acme: "Tenant") -> None:
    from valv.archive import people

    newer = people.of(acme.id, epoch=2)

    assert people.of(acme.id, epoch=1) is not newer
    assert people.of(acme.id, epoch=2) is newer
    assert people.of(acme.id, epoch=3) is not newer


def test_a_new_value_is_found_by_its_fragment_at_once(acme: "Tenant") -> None:
    make(acme, CALL, now=NOW)
    assert len(ids_found(acme, phone="*4567")) == 1

    other = Made(started_at=NOW, identifiers={"phone": "08-999 45 67"})
    make(acme, other, now=NOW - timedelta(seconds=50))

    assert len(ids_found(acme, phone="*4567")) == 2


@pytest.mark.parametrize(
    "spelling",
    ["+46701234567", "0046701234567", "01146701234567", "0701234567", "070-123 45 67"],
)
def test_spellings_of_one_number_find_the_same(acme: "Tenant", spelling: str) -> None:
    number = make(acme, CALL, now=NOW)

    assert ids_found(acme, phone=spelling) == [number]


def test_the_same_name_of_two_people_finds_both(acme: "Tenant") -> None:
    for phone in ("0701234567", "0701234568"):
        one = Made(started_at=NOW, identifiers={"phone": phone, "name": "Anna"})
        make(acme, one, now=NOW)

    assert len(ids_found(acme, name="ANNA")) == 2


def test_not_there_and_not_yours_are_told_apart_nowhere(
    acme: "Tenant", borealis: "Tenant"
) -> None:
    from valv.archive.access import by_session, readable_interaction
    from valv.storage import scope

    theirs = make(borealis, CALL, now=NOW)
    caller, said = caller_at(acme), set()
    with scope.reading(acme.id):
        for which in (theirs, 17, "x", "-1", "9" * 30):
            with pytest.raises(NotFound) as error:
                readable_interaction(caller, which)
            said.add(error.value.detail)
        with pytest.raises(NotFound):
            by_session(caller, "a")

    assert len(said) == 1


def test_without_the_right_to_see_nothing_is_searched(acme: "Tenant") -> None:
    from zoneinfo import ZoneInfo

    from valv.archive.queries import page
    from valv.core.search import read_search

    request = read_search([], zone=ZoneInfo("UTC"), region="SE")
    with pytest.raises(Forbidden):
        page(caller_at(acme, rights=frozenset()), request, now=NOW)


def test_memory_lets_go_of_tenants_least_lately_searched(
    installation: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from valv.archive import people

    monkeypatch.setattr("valv.archive.people.MOST_BYTES", 0)
    for number in range(3):
        tenant = make_tenant(f"t{number}", region="SE", timezone="Europe/Stockholm")
        make(tenant, CALL, now=NOW)
        ask(tenant, phone="*4567")

    assert len(people.held()) == 1


def test_an_entry_says_how_one_searched_and_not_for_whom(acme: "Tenant") -> None:
    from valv.audit import searches
    from valv.audit.models import Entry
    from valv.storage import scope

    make(acme, CALL, now=NOW)
    ask(acme, phone="0701234567", media="phone")
    searches.flush()

    with scope.reading(acme.id):
        entry = Entry.objects.get(action="search")
    assert entry.details == {"by": ["media", "phone"], "found": 1, "capped": False}
    assert "4567" not in str(vars(entry))


def test_typing_leaves_one_entry(acme: "Tenant") -> None:
    from valv.audit import searches
    from valv.audit.models import Entry
    from valv.core.people import SYSTEM
    from valv.storage import scope

    for kinds in (["phone"], ["phone"], ["phone", "queue"]):
        searches.note(
            acme.id, SYSTEM, kinds=kinds, found=1, capped=False, now=NOW, typing=True
        )
    assert searches.flush(all_of_them=False) == 0
    searches.flush()

    with scope.reading(acme.id):
        entries = list(Entry.objects.filter(action="search"))
    assert [entry.details["by"] for entry in entries] == [["phone", "queue"]]


def test_kinds_stay_the_numbers_that_are_stored() -> None:
    assert [kind.number for kind in Kind] == [0, 1, 2, 3]


def test_an_idle_worker_lets_go_of_what_it_knew(acme: "Tenant") -> None:
    from valv.archive import people, watch

    number = make(acme, CALL, now=NOW)
    ask(acme, phone="*4567")
    assert watch.look() == 0

    forget(acme, number)

    assert watch.look() == 1
    assert people.held() == []
