"""Support sees a tenant when it is let in, as far as it is, and no longer."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.held import lay_content, lay_interaction
from tests.laws.browsing import CSRF, Page
from tests.portal.spoken import put_chat, tell_call
from tests.portal.supporters import TEAM, enters, grant_of, let_in, make_supporter
from tests.portal.visiting import Visitor, text_of
from valv.audit.models import Entry
from valv.audit.verify import verify
from valv.jobs.command import OK, REFUSED, main
from valv.storage import scope
from valv.tenants import support
from valv.tenants.models import SupportGrant, Tenant, User
from valv.tenants.queries import tenants
from valv.tenants.support import desk_of, supporters

PAGES = ["/search", "/links", "/audit-log", "/tokens", "/support-access", "/surveys"]


@pytest.fixture
def sam(installation: None) -> User:
    return make_supporter("sam")


@pytest.fixture
def sam_visits(sam: User) -> Visitor:
    return Visitor().enters(sam)


@pytest.fixture
def alma_visits(alma: User) -> Visitor:
    return Visitor().enters(alma)


@pytest.fixture
def call(acme: Tenant) -> str:
    return tell_call(acme)


@pytest.mark.parametrize("path", PAGES)
def test_until_one_is_let_in_there_is_no_tenant(
    sam_visits: Visitor, call: str, path: str
) -> None:
    for asked in (path, f"/interactions/{call}"):
        answer = sam_visits.get(asked)
        assert (answer.status_code, answer["Location"]) == (303, "/support-desk")
    desk = text_of(sam_visits.get("/support-desk"))
    assert "Acme" not in desk
    assert 'href="/audit-log"' not in desk


def test_who_is_let_in_sees_and_plays_and_no_more(
    sam_visits: Visitor, alma_visits: Visitor, call: str
) -> None:
    let_in(alma_visits)
    assert "Acme" in text_of(sam_visits.get("/support-desk"))

    assert enters(sam_visits, alma_visits)["Location"] == "/search"

    page = text_of(sam_visits.get(f"/interactions/{call}"))
    assert "+46701740605" in page
    assert "Acme" in page
    play = f"/interactions/{call}/recordings/1/play"
    assert sam_visits.post(play).status_code == 200
    for path in ("/audit-log", "/tokens", "/support-access", "/links", "/surveys"):
        assert sam_visits.get(path).status_code == 403


def test_all_of_it_is_in_the_tenants_log_by_name(
    sam_visits: Visitor, alma_visits: Visitor, call: str
) -> None:
    let_in(alma_visits)
    enters(sam_visits, alma_visits)
    sam_visits.post(f"/interactions/{call}/recordings/1/play")
    alma_visits.post(f"/support-access/{grant_of(alma_visits)}/end")

    for path in ("/support-access", "/support-access/done"):
        page = text_of(alma_visits.get(path))
        assert "Support: Sam lyssnade på inspelning 1 för förfrågning call-1" in page
        assert "Support: Sam gick in med supportåtkomst" in page
    steps = [(e.actor_type, e.details["step"]) for e in alma_visits.entries("support")]
    assert steps == [
        ("internal", "granted"),
        ("support", "entered"),
        ("internal", "ended"),
    ]
    log = text_of(alma_visits.post("/audit-log"))
    assert f"Användare Alma beviljade supportåtkomst: {TEAM}, till" in log


def test_an_end_holds_from_the_next_request_on(
    sam_visits: Visitor, alma_visits: Visitor, call: str
) -> None:
    let_in(alma_visits)
    enters(sam_visits, alma_visits)
    assert sam_visits.get("/search").status_code == 200

    alma_visits.post(f"/support-access/{grant_of(alma_visits)}/end")

    assert sam_visits.get(f"/interactions/{call}")["Location"] == "/support-desk"
    assert enters(sam_visits, alma_visits).status_code == 404


def test_a_grant_is_over_by_itself(
    sam_visits: Visitor, alma_visits: Visitor, acme: Tenant
) -> None:
    let_in(alma_visits)
    enters(sam_visits, alma_visits)
    with scope.writing(acme.id):
        row = SupportGrant.objects.get()
        SupportGrant.objects.update(expires_at=row.created_at)

    assert sam_visits.get("/search").status_code == 303
    later = row.created_at + timedelta(seconds=1)
    assert support.end_over(acme, now=later) == 1
    assert alma_visits.entries("support")[-1].details["over"]
    assert support.end_over(acme, now=later) == 0


def test_a_change_holds_from_the_next_request_on(
    sam_visits: Visitor, alma_visits: Visitor, call: str
) -> None:
    let_in(alma_visits)
    enters(sam_visits, alma_visits)
    place = f"/support-access/{grant_of(alma_visits)}"
    assert alma_visits.get(place).status_code == 200

    alma_visits.post(place, rights=["see"], days="2", reason="Felet 7")

    assert sam_visits.get(f"/interactions/{call}").status_code == 200
    play = f"/interactions/{call}/recordings/1/play"
    assert sam_visits.post(play).status_code == 403
    changed = {
        one["what"] for one in alma_visits.entries("support")[-1].details["changes"]
    }
    assert changed == {"rights", "until"}


def test_what_lies_outside_of_the_grant_is_not_there(
    sam_visits: Visitor, alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    chat = put_chat(acme)
    let_in(alma_visits, queues=["Support"], interactions="call-1")
    enters(sam_visits, alma_visits)

    assert sam_visits.get(f"/interactions/{call}").status_code == 200
    for path in (chat, "3765203606964170587"):
        assert sam_visits.get(f"/interactions/{path}").status_code == 404


def test_a_change_of_one_thing_widens_no_other(
    alma_visits: Visitor, sam: User, call: str
) -> None:
    narrow = {"interactions": "call-1", "since": "2026-11-01", "before": "2026-11-30"}
    let_in(alma_visits, queues=["Support"], **narrow)
    place = f"/support-access/{grant_of(alma_visits)}"
    before = reach_in_force(alma_visits)

    html = text_of(alma_visits.get(place))
    (form,) = (one for one in Page(html).forms.values() if "reason" in one.values)
    kept = {k: v for k, v in form.values.items() if k != CSRF}
    written = re.findall(r'<textarea[^>]*name="([a-z]+)"[^>]*>([^<]*)<', html)
    answer = alma_visits.post(place, **{**kept, **dict(written), "days": "2"})

    assert answer.status_code == 303
    assert reach_in_force(alma_visits) == before
    assert before["interactions"] == [int(call)]


def reach_in_force(alma: Visitor) -> Any:
    with scope.reading(alma._tenant_id):
        return SupportGrant.objects.get(id=grant_of(alma)).reach


def test_a_period_narrows_it_too(
    sam_visits: Visitor, alma_visits: Visitor, call: str
) -> None:
    let_in(alma_visits, since="2026-11-24")
    enters(sam_visits, alma_visits)

    assert sam_visits.get(f"/interactions/{call}").status_code == 404


def test_a_team_is_let_in_and_nobody_else(
    sam_visits: Visitor, alma_visits: Visitor, acme: Tenant
) -> None:
    sven_visits = Visitor().enters(make_supporter("sven", team="Team Syd"))
    let_in(alma_visits)

    assert enters(sven_visits, alma_visits).status_code == 404
    assert enters(sam_visits, alma_visits).status_code == 303


def test_one_person_is_let_in_by_name(
    sam: User, sam_visits: Visitor, alma_visits: Visitor
) -> None:
    siv_visits = Visitor().enters(make_supporter("siv"))

    let_in(alma_visits, f"person:{sam.id}")

    assert enters(siv_visits, alma_visits).status_code == 404
    assert enters(sam_visits, alma_visits).status_code == 303


def test_one_tenant_lets_nobody_into_another(
    sam_visits: Visitor, alma_visits: Visitor, dag: User, borealis: Tenant
) -> None:
    abroad = lay_interaction(borealis)
    let_in(alma_visits)
    enters(sam_visits, alma_visits)

    assert sam_visits.get(f"/interactions/{abroad}").status_code == 404
    grant = grant_of(alma_visits)
    assert sam_visits.post(f"/support-desk/{borealis.id}/{grant}").status_code == 404
    ends = Visitor().enters(dag).post(f"/support-access/{grant}/end")
    assert ends.status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"who": "team:Nobody"},
        {"who": "person:999999"},
        {"rights": []},
        {"rights": ["play"]},
        {"rights": ["privacy"]},
        {"days": "31"},
        {"days": "0"},
        {"reason": ""},
        {"reason": "Ring 0701234567"},
        {"interactions": "no-such-session"},
        {"since": "yesterday"},
    ],
    ids=str,
)
def test_what_cannot_be_granted_is_not(
    sam: User, alma_visits: Visitor, acme: Tenant, fields: dict[str, Any]
) -> None:
    assert let_in(alma_visits, **fields).status_code == 422

    with scope.reading(acme.id):
        assert not SupportGrant.objects.exists()


def test_one_without_the_right_lets_nobody_in(sam: User, bo: User) -> None:
    bo_visits = Visitor().enters(bo)

    assert let_in(bo_visits).status_code == 403
    assert bo_visits.get("/support-access/done").status_code == 403


def test_while_support_is_there_every_page_says_so(
    sam_visits: Visitor, alma_visits: Visitor
) -> None:
    assert "Support är här just nu" not in text_of(alma_visits.get("/search"))
    let_in(alma_visits)
    enters(sam_visits, alma_visits)

    assert "Support är här just nu: Sam" in text_of(alma_visits.get("/search"))
    assert "allt du gör här står i loggen hos Acme" in text_of(
        sam_visits.get("/search")
    )


def test_who_leaves_sees_no_tenant(sam_visits: Visitor, alma_visits: Visitor) -> None:
    let_in(alma_visits)
    enters(sam_visits, alma_visits)

    sam_visits.post("/support-desk/leave")

    assert sam_visits.get("/search").status_code == 303


def test_a_user_has_no_support_desk(alma_visits: Visitor, call: str) -> None:
    assert alma_visits.get("/support-desk").status_code == 404
    assert alma_visits.post("/support-desk/leave").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_desk_is_no_customer_and_keeps_a_log(sam_visits: Visitor) -> None:
    desk = desk_of()

    assert desk is not None
    assert desk not in tenants()
    assert verify(desk.id).ok
    with scope.reading(desk.id):
        assert Entry.objects.filter(action="sign_in").count() == 1
    assert main(["search", "--tenant", desk.slug], user="root") != OK


@pytest.mark.django_db(transaction=True)
def test_its_name_is_taken(installation: None) -> None:
    words = ["init", "--tenant", "valv-support", "--admin", "a@b.example"]

    assert main([*words, "--password-stdin"], user="root") in (REFUSED, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_who_supports_no_more_is_out_at_once(
    sam_visits: Visitor, alma_visits: Visitor
) -> None:
    let_in(alma_visits)
    enters(sam_visits, alma_visits)

    assert main(["support", "remove", "sam@operator.example"], user="root") == OK

    assert "/sign-in" in sam_visits.get("/search")["Location"]
    assert supporters() == []


def test_what_support_opens_needs_its_entry(
    sam_visits: Visitor, alma_visits: Visitor, acme: Tenant
) -> None:
    interaction = lay_interaction(acme, session="S9")
    lay_content(acme, interaction)
    let_in(alma_visits)
    enters(sam_visits, alma_visits)
    sam_visits.get(f"/interactions/{interaction}")

    seen = [e for e in alma_visits.entries("see") if e.actor_type == "support"]
    assert [(e.actor, e.interaction_id) for e in seen] == [("Sam", interaction)]


def test_opening_the_page_is_entered_and_its_asking_again_is_not(alma: User) -> None:
    visitor = Visitor().enters(alma)

    visitor.get("/support-access")
    visitor.get("/support-access/done")
    visitor.get("/support-access/done")

    assert [one.content for one in visitor.entries("log")] == ["support"]
