"""One's own account: where one is signed in, a new password, and a recent proof."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import URLPattern

from tests.cast import NOW, OPERATOR, PASSWORD
from tests.portal.proving import (
    App,
    add_passkey,
    age_confirmation,
    forget_last_step,
    set_up,
)
from tests.portal.visiting import Visitor, text_of
from valv.core.sign_in_rules import SignInRules
from valv.portal.urls import urlpatterns
from valv.storage import scope
from valv.tenants.models import SignIn, Tenant, User
from valv.tenants.signin_settings import set_sign_in

NEW = "another horse battery"


@pytest.fixture
def visitor(bo: User) -> Visitor:
    return Visitor().enters(bo)


def sign_ins(user: User) -> list[SignIn]:
    with scope.reading(user.tenant_id):
        return list(SignIn.objects.filter(user_id=user.id).order_by("began_at"))


def is_in(visitor: Visitor) -> bool:
    return bool(visitor.get("/search").status_code == 200)


def change(user: User, **columns: object) -> None:
    with scope.writing(user.tenant_id):
        SignIn.objects.filter(user_id=user.id).update(**columns)


def test_one_sees_where_one_is_signed_in(visitor: Visitor, bo: User) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0"
    elsewhere = Client(REMOTE_ADDR="203.0.113.7", headers={"User-Agent": agent})
    elsewhere.post("/sign-in", {"username": bo.email, "password": PASSWORD})

    page = text_of(visitor.get("/account"))

    assert "Firefox, Linux" in page
    assert "203.0.113.0/24" in page
    assert "203.0.113.7" not in page


def test_ending_one_takes_effect_on_its_next_request(
    visitor: Visitor, bo: User
) -> None:
    (mine,) = sign_ins(bo)
    other = Visitor().enters(bo)

    other.post("/account/sign-ins", **{"sign-in": mine.id})

    assert not is_in(visitor)
    assert is_in(other)


def test_all_others_are_ended_at_once(visitor: Visitor, bo: User) -> None:
    others = [Visitor().enters(bo) for _ in range(2)]

    visitor.post("/account/sign-ins")

    assert [is_in(one) for one in [visitor, *others]] == [True, False, False]


def test_nobody_ends_anothers(visitor: Visitor, alma: User) -> None:
    theirs = Visitor().enters(alma)
    (row,) = sign_ins(alma)

    answer = visitor.post("/account/sign-ins", **{"sign-in": row.id})

    assert answer.status_code == 404
    assert is_in(theirs)


def test_one_that_lies_idle_ends(visitor: Visitor, bo: User) -> None:
    change(bo, seen_at=datetime.now(UTC) - timedelta(minutes=61))

    assert not is_in(visitor)
    assert visitor.get("/account").status_code == 302


def test_one_ends_in_any_case(visitor: Visitor, bo: User) -> None:
    change(bo, ends_at=datetime.now(UTC) - timedelta(seconds=1))

    assert not is_in(visitor)


def test_the_tenant_says_how_long_they_last(acme: Tenant, bo: User) -> None:
    rules = SignInRules(idle_minutes=5, longest_hours=1)
    set_sign_in(acme, rules, actor=OPERATOR, now=NOW)
    Visitor().enters(bo)

    (row,) = sign_ins(bo)

    assert row.idle_seconds == 300
    assert row.ends_at - row.began_at == timedelta(hours=1)


def test_use_is_noted_to_the_minute(visitor: Visitor, bo: User) -> None:
    before = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
    change(bo, seen_at=before)

    visitor.get("/search")

    assert sign_ins(bo)[0].seen_at > before


def test_a_new_password_ends_all_but_the_page_one_is_on(
    visitor: Visitor, bo: User
) -> None:
    other = Visitor().enters(bo)
    mine = sign_ins(bo)

    answer = visitor.post("/account/password", **{"new-password": NEW})

    assert answer.status_code == 303
    assert is_in(visitor)
    assert not is_in(other)
    assert {row.id for row in mine}.isdisjoint(row.id for row in sign_ins(bo))
    known = {"username": bo.email, "password": NEW}
    assert Visitor().post("/sign-in", **known).status_code == 303


def test_a_poor_password_is_refused(visitor: Visitor) -> None:
    for poor in ("short", "password1234", ""):
        answer = visitor.post("/account/password", **{"new-password": poor})
        assert answer.status_code == 422
    assert is_in(visitor)


CONFIRMED = {
    "set-password", "authenticator", "authenticator-remove", "recovery-codes",
    "passkey-make", "passkey-remove", "sign-in-settings", "recording-delete",
    "chat-log-delete", "transcript-delete", "job", "storage-times",
    "storage-rules", "storage-confirm", "storage-how", "anonymise-job", "tokens",
}  # fmt: skip


def test_what_cannot_be_undone_asks_for_a_recent_proof() -> None:
    asking = {
        one.name
        for one in urlpatterns
        if isinstance(one, URLPattern) and getattr(one.callback, "confirms", False)
    }

    assert asking >= CONFIRMED


def test_who_proved_it_lately_is_not_asked(visitor: Visitor, bo: User) -> None:
    age_confirmation(bo, minutes=4.9)

    assert visitor.post("/account/authenticator").status_code == 200


def test_nothing_is_done_before_the_proof(visitor: Visitor, bo: User) -> None:
    age_confirmation(bo, minutes=5)

    answer = visitor.post("/account/password", **{"new-password": NEW})

    assert answer.status_code == 403
    page = text_of(answer)
    assert 'name="confirm-password"' in page
    assert 'name="confirm-code"' not in page
    assert f'name="new-password" value="{NEW}"' in page
    Visitor().enters(bo)


def test_a_password_proves_it_and_what_was_sent_is_done(
    visitor: Visitor, bo: User
) -> None:
    age_confirmation(bo, minutes=5)
    sent = {"new-password": NEW}

    wrong = visitor.post("/account/password", **sent, **{"confirm-password": "no"})
    right = visitor.post("/account/password", **sent, **{"confirm-password": PASSWORD})

    assert (wrong.status_code, right.status_code) == (403, 303)


@pytest.fixture
def app(bo: User, visitor: Visitor) -> App:
    return set_up(bo)


def test_a_code_proves_it(visitor: Visitor, bo: User, app: App) -> None:
    age_confirmation(bo, minutes=5)
    forget_last_step(bo)
    code = app.code(datetime.now(UTC))

    answer = visitor.post("/account/recovery-codes", **{"confirm-code": code})

    assert answer.status_code == 200
    assert visitor.post("/account/recovery-codes").status_code == 200


def test_a_passkey_proves_it(visitor: Visitor, bo: User) -> None:
    key = add_passkey(visitor.client)
    age_confirmation(bo, minutes=5)
    asked = visitor.client.post("/account/confirm/passkey").json()["publicKey"]

    answer = visitor.post(
        "/account/authenticator", **{"confirm-passkey": key.used(asked)}
    )

    assert answer.status_code == 200


def test_anothers_passkey_proves_nothing(
    visitor: Visitor, bo: User, alma: User
) -> None:
    theirs = add_passkey(Visitor().enters(alma).client)
    age_confirmation(bo, minutes=5)
    asked = visitor.client.post("/account/confirm/passkey").json()["publicKey"]

    answer = visitor.post(
        "/account/authenticator", **{"confirm-passkey": theirs.used(asked)}
    )

    assert answer.status_code == 403


def test_who_guesses_at_the_proof_waits(visitor: Visitor, bo: User) -> None:
    age_confirmation(bo, minutes=5)
    for _ in range(5):
        visitor.post("/account/authenticator", **{"confirm-password": "no"})

    answer = visitor.post("/account/authenticator", **{"confirm-password": PASSWORD})

    assert answer.status_code == 429


def test_a_fragment_leads_to_the_proof(visitor: Visitor, bo: User) -> None:
    age_confirmation(bo, minutes=5)

    answer = visitor.asks("/account/authenticator")

    assert answer["HX-Redirect"] == "/account/confirm?next=%2Fsearch"
    proved = visitor.post(
        "/account/confirm?next=/search", **{"confirm-password": PASSWORD}
    )
    assert proved["Location"] == "/search"
