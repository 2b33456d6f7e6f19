"""Signing in and out."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import Settings

from tests.cast import NOW, OPERATOR, PASSWORD
from tests.portal.counting import COUNTED, CountingHasher
from tests.portal.visiting import Visitor, text_of
from valv.audit.models import Entry
from valv.core.sign_in_rules import Provider, SignInRules
from valv.storage import scope
from valv.tenants.models import User
from valv.tenants.signin import tenant_of
from valv.tenants.signin_settings import set_sign_in

WRONG = "never a password"


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def sign_ins(user: User) -> list[Entry]:
    with scope.reading(user.tenant_id):
        return list(Entry.objects.filter(action="sign_in").order_by("id"))


def test_who_knows_the_password_comes_in(visitor: Visitor, bo: User) -> None:
    answer = visitor.post("/sign-in", username=bo.email, password=PASSWORD)

    assert answer.status_code == 303
    assert answer["Location"] == "/search"
    assert visitor.get("/search").status_code == 200


def test_the_session_gets_a_new_key_at_the_door(visitor: Visitor, bo: User) -> None:
    visitor.client.session["planted"] = 1
    session = visitor.client.session
    session.save()
    before = session.session_key
    visitor.client.cookies["sessionid"] = str(before)

    visitor.enters(bo)

    assert visitor.client.cookies["sessionid"].value != before


def test_an_entry_says_who_came(visitor: Visitor, bo: User) -> None:
    visitor.enters(bo)

    (entry,) = sign_ins(bo)
    assert (entry.actor, entry.actor_type, entry.details) == ("Bo", "internal", {})


def test_an_entry_says_whose_door_was_tried(visitor: Visitor, bo: User) -> None:
    visitor.post("/sign-in", username=bo.email, password=WRONG)

    (entry,) = sign_ins(bo)
    assert entry.actor_type == "external"
    assert entry.details == {"failed": True, "user": bo.id}


def test_a_stranger_and_a_wrong_password_get_the_same_answer(
    visitor: Visitor, bo: User
) -> None:
    wrong = visitor.post("/sign-in", username=bo.email, password=WRONG)
    unknown = visitor.post("/sign-in", username="no@one.example", password=WRONG)

    assert wrong.status_code == unknown.status_code == 422
    assert _without_token(text_of(wrong)) == _without_token(text_of(unknown))


def _without_token(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf" not in line.lower()]


def test_one_who_may_no_longer_enter_does_not(visitor: Visitor, bo: User) -> None:
    with scope.writing(bo.tenant_id):
        User.objects.filter(id=bo.id).update(is_active=False)

    answer = visitor.post("/sign-in", username=bo.email, password=PASSWORD)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "search"],
)
def test_signing_in_never_leads_elsewhere(
    visitor: Visitor, bo: User, elsewhere: str
) -> None:
    asked = visitor.get(f"/sign-in?next={elsewhere}")
    answer = visitor.post(
        "/sign-in", username=bo.email, password=PASSWORD, next=elsewhere
    )

    assert elsewhere not in text_of(asked)
    assert answer["Location"] == "/search"


def test_signing_in_leads_on_to_where_one_was_going(visitor: Visitor, bo: User) -> None:
    asked = visitor.get("/search/unknown")
    page = visitor.get(asked["Location"])
    answer = visitor.post(
        "/sign-in", username=bo.email, password=PASSWORD, next="/search/unknown"
    )

    assert asked["Location"] == "/sign-in?next=%2Fsearch%2Funknown"
    assert 'value="/search/unknown"' in text_of(page)
    assert answer["Location"] == "/search/unknown"


def test_a_fragment_asked_by_nobody_leads_the_whole_page_to_the_door(
    visitor: Visitor, acme: object
) -> None:
    answer = visitor.asks("/search", phone="*4567")

    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/sign-in?next=%2Fsearch"


def test_who_goes_on_guessing_waits(visitor: Visitor, bo: User) -> None:
    for _ in range(5):
        visitor.post("/sign-in", username=bo.email, password=WRONG)

    answer = visitor.post("/sign-in", username=bo.email, password=PASSWORD)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1


def test_a_guesser_elsewhere_locks_nobody_out(visitor: Visitor, bo: User) -> None:
    guesser = Client(REMOTE_ADDR="203.0.113.7")
    for _ in range(6):
        guesser.post("/sign-in", {"username": bo.email, "password": WRONG})

    answer = visitor.post("/sign-in", username=bo.email, password=PASSWORD)

    assert answer.status_code == 303


def test_behind_a_trusted_proxy_each_place_counts_for_itself(
    bo: User, settings: Settings
) -> None:
    settings.VALV_TRUSTED_PROXY = True
    guesser = Client(headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    for _ in range(5):
        guesser.post("/sign-in", {"username": bo.email, "password": WRONG})

    asked = {"username": bo.email, "password": PASSWORD}
    elsewhere = Client(headers={"X-Forwarded-For": "203.0.113.8"})

    assert guesser.post("/sign-in", asked).status_code == 429
    assert elsewhere.post("/sign-in", asked).status_code == 303


def test_who_signs_out_is_out_and_the_log_says_so(visitor: Visitor, bo: User) -> None:
    visitor.enters(bo)

    answer = visitor.post("/sign-out")

    assert answer["Location"] == "/sign-in"
    assert visitor.get("/search").status_code == 302
    assert [entry.actor for entry in visitor.entries("sign_out")] == ["Bo"]


def test_one_signs_out_by_post_alone(visitor: Visitor, bo: User) -> None:
    assert visitor.enters(bo).get("/sign-out").status_code == 405


def test_a_form_from_another_site_is_not_taken(bo: User) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/sign-in", {"username": bo.email, "password": PASSWORD})

    assert answer.status_code == 403
    assert "You may not do this" in text_of(answer)


def test_who_is_in_already_is_not_asked_again(visitor: Visitor, bo: User) -> None:
    assert visitor.enters(bo).get("/sign-in")["Location"] == "/search"


@pytest.fixture
def counting(bo: User, settings: Settings) -> type[CountingHasher]:
    settings.PASSWORD_HASHERS = [COUNTED]
    CountingHasher.worked = 0
    return CountingHasher


def test_whoever_it_is_said_to_be_costs_the_same_work(
    counting: type[CountingHasher], visitor: Visitor, bo: User, alma: User
) -> None:
    with scope.writing(alma.tenant_id):
        User.objects.filter(id=alma.id).update(password=make_password(None))
    work = []
    for address in (bo.email, alma.email, "no@one.example"):
        counting.worked = 0
        visitor.post("/sign-in", username=address, password=WRONG)
        work.append(counting.worked)

    assert work == [1, 1, 1]


def test_so_it_does_for_who_may_not_use_a_password_or_must_wait(
    counting: type[CountingHasher], visitor: Visitor, bo: User, alma: User
) -> None:
    rules = SignInRules(
        provider=Provider("https://id.example", "valv"),
        provider_only=True,
        break_glass=alma.id,
    )
    set_sign_in(tenant_of(bo), rules, actor=OPERATOR, now=NOW)
    counting.worked = 0
    answer = visitor.post("/sign-in", username=bo.email, password=PASSWORD)

    assert (answer.status_code, counting.worked) == (422, 1)
    for _ in range(5):
        visitor.post("/sign-in", username=bo.email, password=WRONG)
    for address in (bo.email, "no@one.example"):
        counting.worked = 0
        told = {"username": address, "password": WRONG, "code": "123456"}
        visitor.post("/sign-in", **told)
        assert counting.worked == 1


def test_a_page_of_no_tenant_is_like_one_without_a_provider(
    visitor: Visitor, acme: object
) -> None:
    there, nowhere = (
        text_of(visitor.get(f"/sign-in/at/{name}")).replace(name, "")
        for name in ("acme", "nobody")
    )

    assert _without_token(there) == _without_token(nowhere)
