"""Codes by time and recovery codes: set up, asked for, used once, and never shown."""

from base64 import b32decode
from datetime import UTC, datetime

import pytest

from tests.cast import NOW, OPERATOR, PASSWORD
from tests.portal.proving import App, forget_last_step, set_up
from tests.portal.visiting import Visitor, text_of
from valv.core import totp
from valv.core.sign_in_rules import SignInRules
from valv.storage import scope
from valv.tenants.models import Authenticator, RecoveryCode, Tenant, User
from valv.tenants.second_factor import has_authenticator
from valv.tenants.signin_settings import set_sign_in

WRONG = "000000"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture
def app(bo: User) -> App:
    return set_up(bo)


@pytest.fixture
def half_way(visitor: Visitor, bo: User, app: App) -> Visitor:
    """Somebody who has typed Bo's password, and no code yet."""
    answer = visitor.post("/sign-in", username=bo.email, password=PASSWORD)
    assert answer["Location"] == "/sign-in/code"
    return visitor


def is_in(visitor: Visitor) -> bool:
    return bool(visitor.get("/search").status_code == 200)


def test_a_password_alone_lets_nobody_in_who_has_an_app(half_way: Visitor) -> None:
    assert not is_in(half_way)
    assert "authenticator" in text_of(half_way.get("/sign-in/code"))


def test_the_code_now_lets_in(half_way: Visitor, app: App) -> None:
    answer = half_way.post("/sign-in/code", code=app.code(now()), next="/account")

    assert (answer.status_code, answer["Location"]) == (303, "/account")
    assert is_in(half_way)


@pytest.mark.parametrize(("seconds", "lets_in"), [(240, True), (301, False)])
def test_the_password_counts_for_five_minutes(
    half_way: Visitor, app: App, seconds: int, lets_in: bool
) -> None:
    session = half_way.client.session
    user, tenant, at = session["pending"]
    session["pending"] = [user, tenant, at - seconds]
    session.save()

    half_way.post("/sign-in/code", code=app.code(now()))

    assert is_in(half_way) is lets_in


def test_who_may_sign_in_no_more_comes_in_by_no_code(
    half_way: Visitor, app: App, bo: User
) -> None:
    with scope.writing(bo.tenant_id):
        User.objects.filter(id=bo.id).update(is_active=False)

    answer = half_way.post("/sign-in/code", code=app.code(now()))

    assert answer["Location"] == "/sign-in"
    assert "sign_in" not in half_way.client.session


def test_a_code_lets_in_once(half_way: Visitor, bo: User, app: App) -> None:
    code = app.code(now())
    half_way.post("/sign-in/code", code=code)
    other = Visitor()
    other.post("/sign-in", username=bo.email, password=PASSWORD)

    assert other.post("/sign-in/code", code=code).status_code == 422
    assert not is_in(other)


def test_a_recovery_code_lets_in_once(half_way: Visitor, bo: User, app: App) -> None:
    first = half_way.post("/sign-in/code", code=app.recovery[3].lower())
    other = Visitor()
    other.post("/sign-in", username=bo.email, password=PASSWORD)

    assert first.status_code == 303
    assert other.post("/sign-in/code", code=app.recovery[3]).status_code == 422
    assert other.post("/sign-in/code", code=app.recovery[4]).status_code == 303


def test_who_guesses_codes_waits_and_a_recovery_code_need_not(
    half_way: Visitor, app: App
) -> None:
    for _ in range(5):
        assert half_way.post("/sign-in/code", code=WRONG).status_code == 422

    answer = half_way.post("/sign-in/code", code=app.code(now()))

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert half_way.post("/sign-in/code", code=app.recovery[0]).status_code == 303


def test_no_code_is_asked_of_who_typed_no_password(visitor: Visitor, app: App) -> None:
    assert visitor.get("/sign-in/code")["Location"] == "/sign-in"
    assert visitor.post("/sign-in/code", code=app.code(now())).status_code == 303
    assert not is_in(visitor)


def test_who_must_wait_comes_in_by_password_and_code_together(
    visitor: Visitor, bo: User, app: App
) -> None:
    """Malice at one's own door, from one's own place, keeps nobody out."""
    asked = {"username": bo.email, "password": PASSWORD}
    for _ in range(5):
        visitor.post("/sign-in", username=bo.email, password="guessed")

    assert visitor.post("/sign-in", **asked).status_code == 429
    assert visitor.post("/sign-in", **asked, code=WRONG).status_code == 429
    assert visitor.post("/sign-in", **asked, code=app.code(now())).status_code == 303
    assert is_in(visitor)


def test_an_app_is_set_up_by_a_code_of_it(visitor: Visitor, bo: User) -> None:
    visitor.enters(bo)
    page = text_of(visitor.post("/account/authenticator"))
    with scope.reading(bo.tenant_id):
        assert not has_authenticator(bo)
        row = Authenticator.objects.get()
    wrong = visitor.post("/account/authenticator", code=WRONG)

    assert "<svg" in page
    assert wrong.status_code == 422
    seed = bytes(row.seed)
    assert len(seed) > totp.SEED_BYTES, "It is sealed."


def test_its_recovery_codes_are_shown_once(visitor: Visitor, bo: User) -> None:
    visitor.enters(bo)
    code = _code_of_page(text_of(visitor.post("/account/authenticator")))

    made = text_of(visitor.post("/account/authenticator", code=code))

    with scope.reading(bo.tenant_id):
        assert RecoveryCode.objects.count() == 10
    assert made.count("<li><code>") == 10
    again = text_of(visitor.get("/account"))
    assert "<li><code>" not in again
    assert visitor.get("/account/authenticator").status_code == 303


def _code_of_page(page: str) -> str:
    written = page.partition('class="seed"><code>')[2].partition("<")[0]
    seed = b32decode(written.replace(" ", ""))
    return totp.code_of(seed, step=totp.step_of(now()))


def test_new_recovery_codes_end_the_old(half_way: Visitor, bo: User, app: App) -> None:
    half_way.post("/sign-in/code", code=app.code(now()))
    half_way.post("/account/recovery-codes")
    other = Visitor()
    other.post("/sign-in", username=bo.email, password=PASSWORD)

    assert other.post("/sign-in/code", code=app.recovery[0]).status_code == 422


def test_an_app_that_is_removed_is_asked_for_no_more(
    half_way: Visitor, bo: User, app: App
) -> None:
    half_way.post("/sign-in/code", code=app.code(now()))
    half_way.post("/account/authenticator/remove")

    Visitor().enters(bo)
    with scope.reading(bo.tenant_id):
        assert not RecoveryCode.objects.exists()


@pytest.fixture
def strict(acme: Tenant) -> None:
    """Acme asks for a second factor."""
    set_sign_in(acme, SignInRules(second_factor=True), actor=OPERATOR, now=NOW)


def test_where_it_is_asked_for_nothing_else_is_open_before(
    strict: None, visitor: Visitor, bo: User
) -> None:
    visitor.enters(bo)
    asked = visitor.asks("/search", phone="*4567")

    assert visitor.get("/search")["Location"] == "/account"
    assert asked["HX-Redirect"] == "/account"
    assert visitor.post("/account/password").status_code == 303
    page = text_of(visitor.get("/account"))
    assert 'action="/account/authenticator"' in page
    assert 'action="/account/password"' not in page


def test_once_it_is_set_up_the_archive_opens(
    strict: None, visitor: Visitor, bo: User
) -> None:
    visitor.enters(bo)
    code = _code_of_page(text_of(visitor.post("/account/authenticator")))
    visitor.post("/account/authenticator", code=code)

    assert is_in(visitor)
    forget_last_step(bo)
    later = Visitor()
    later.post("/sign-in", username=bo.email, password=PASSWORD)
    assert later.post("/sign-in/code", code=code).status_code == 303
    assert is_in(later)
