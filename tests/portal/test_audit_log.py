"""Reading the audit log by page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import NOW
from tests.portal.spoken import CALL, tell_call
from tests.portal.visiting import Visitor, text_of
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.tree import signer
from valv.audit.verify import verify
from valv.core.people import Actor, ActorType
from valv.storage import scope
from valv.tenants.models import Tenant, User

EVA = Actor(ActorType.SUPPORT, "Eva Åkesson", 77)


@pytest.fixture
def officer(cleo: User) -> Visitor:
    return Visitor().enters(cleo)


def lay(tenant: Tenant, count: int = 1, action: Action = Action.EXPORT) -> None:
    with scope.writing(tenant.id):
        act = Act(action, reason="Klagomål")
        record([act] * count, actor=EVA, now=NOW)


def entries_in(html: str) -> int:
    return html.count('<li class="entry">')


def test_entries_read_as_sentences(officer: Visitor, acme: Tenant) -> None:
    call = tell_call(acme)
    officer.asks(f"/interactions/{call}/recordings/1/play")

    html = text_of(officer.get("/audit-log"))

    said = f"Användare Cleo lyssnade på inspelning 1 för förfrågning {CALL}"
    assert f'<a href="/interactions/{call}">{said}</a>' in html


def test_reading_the_log_is_entered(officer: Visitor) -> None:
    officer.get("/audit-log")
    officer.asks("/audit-log", actor="eva")

    assert len(officer.entries("log")) == 2


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"actor": "eva*"}, 1),
        ({"actor": "*kesson"}, 1),
        ({"actor": "eva"}, 0),
        ({"actor": "EVA ÅKESSON"}, 1),
        ({"action": ["export", "play"], "actor_type": "support"}, 1),
        ({"action": ["play"]}, 0),
        ({"actor_type": ["support", "external"]}, 1),
        ({"actor_type": "external"}, 0),
        ({"content": "recording"}, 0),
        ({"reason": "klago*"}, 1),
        ({"reason": "*MÅL"}, 1),
        ({"reason": "mål"}, 0),
        ({"from": "2026-11-23", "to": "2026-11-23", "actor": "*va*"}, 1),
        ({"from": "2026-11-24", "actor": "*va*"}, 0),
        ({"interaction": "never was"}, 0),
        ({"interaction": "3700000000000000001"}, 0),
    ],
)
def test_the_log_is_narrowed(
    officer: Visitor, acme: Tenant, fields: dict[str, str], found: int
) -> None:
    lay(acme)

    assert entries_in(text_of(officer.asks("/audit-log", **fields))) == found


def test_an_interaction_is_named_by_its_session_or_its_id(
    officer: Visitor, acme: Tenant
) -> None:
    call = tell_call(acme)
    officer.get(f"/interactions/{call}")

    for name in (CALL, call):
        html = text_of(officer.asks("/audit-log", interaction=name, action="see"))
        assert entries_in(html) == 1


def test_the_filters_stay_in_the_form(officer: Visitor) -> None:
    html = text_of(officer.post("/audit-log", actor="Eva*", action="export"))

    assert 'value="Eva*"' in html
    assert 'value="export" checked' in html


def test_a_date_that_is_none_is_a_fault(officer: Visitor) -> None:
    html = text_of(officer.post("/audit-log", **{"from": "yesterday"}))

    assert 'id="e-from"' in html
    assert entries_in(html) == 0


def test_the_pages_follow_each_other_without_gap_or_overlap(
    officer: Visitor, acme: Tenant
) -> None:
    lay(acme, 120)
    seen, after, html = 0, "", ""

    for expected in (50, 50, 20):
        html = text_of(officer.asks("/audit-log", actor="*va*", after=after))
        assert entries_in(html) == expected
        seen += expected
        after = html.rpartition('name="after" value="')[2].partition('"')[0]

    assert seen == 120
    assert 'name="after"' not in html


def test_another_tenants_entries_are_not_there(
    officer: Visitor, borealis: Tenant
) -> None:
    lay(borealis)

    assert "Åkesson" not in text_of(officer.get("/audit-log"))


def test_verify_finds_the_log_whole(officer: Visitor, acme: Tenant) -> None:
    lay(acme, 3)

    assert "Loggen är hel" in text_of(officer.post("/audit-log/verify"))


def test_verify_finds_where_the_log_is_broken(officer: Visitor, acme: Tenant) -> None:
    lay(acme, 3)
    officer.post("/audit-log/verify")
    with scope.writing(acme.id):
        Entry.objects.filter(seq=2).delete()

    html = text_of(officer.post("/audit-log/verify"))

    assert 'role="alert"' in html
    assert "loggpost 2" in html.lower()


def test_the_checkpoint_is_downloaded_and_found_in_the_log(
    officer: Visitor, acme: Tenant
) -> None:
    lay(acme, 3)
    html = text_of(officer.post("/audit-log/verify"))
    assert 'href="/audit-log/checkpoint"' in html
    assert signer(acme.id).key() in html

    answer = officer.get("/audit-log/checkpoint")

    assert answer["Content-Disposition"].startswith('attachment; filename="acme-')
    assert verify(acme.id, held_elsewhere=text_of(answer)).ok


def test_the_checkpoint_is_not_for_everyone(bo: User) -> None:
    assert Visitor().enters(bo).get("/audit-log/checkpoint").status_code == 403


def test_more_entries_cost_no_more_queries(officer: Visitor, acme: Tenant) -> None:
    lay(acme)
    officer.get("/audit-log")
    with CaptureQueriesContext(connection) as few:
        officer.get("/audit-log")
    lay(acme, 30)
    officer.get("/audit-log")
    with CaptureQueriesContext(connection) as many:
        officer.get("/audit-log")

    assert len(many) == len(few)
