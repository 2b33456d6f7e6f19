"""What every endpoint does before its view is asked: method, token, right, errors."""

import logging
from types import ModuleType

import pytest
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests.cast import make_token
from valv.api.auth import clock
from valv.api.endpoint import Call, Query, endpoint, routes
from valv.audit.models import Entry
from valv.core.errors import Busy, Gone, Refused, ValvError
from valv.core.permissions import Right, Scope
from valv.storage import scope
from valv.tenants.models import Tenant, Token
from valv.tenants.queries import caller_of_token

SECRET = "kalle@example.com"


def module_of(view: object) -> ModuleType:
    module = ModuleType("tried")
    module.tried = view  # type: ignore[attr-defined]
    return module


def ask(
    view: object, *, token: str = "", method: str = "GET", query: str = ""
) -> HttpResponse:
    request: HttpRequest = RequestFactory().generic(
        method, f"/tried?{query}", headers={"Authorization": f"Bearer {token}"}
    )
    (route,) = routes([module_of(view)])
    answer = route.callback(request)
    assert isinstance(answer, HttpResponse)
    return answer


@endpoint("GET", "/tried", right=Right.SEE, query=[Query("n", "how many")])
def tried(call: Call) -> dict[str, object]:
    return {"tenant": call.caller.tenant.slug, "n": call.number("n", 5, most=9)}


def failing(error: Exception) -> object:
    @endpoint("GET", "/tried", right=Right.SEE)
    def fails(call: Call) -> None:
        raise error

    return fails


def test_a_token_with_the_right_is_let_in(acme: Tenant) -> None:
    answer = ask(tried, token=make_token(acme, scopes=[Scope.READ]), query="n=3")

    assert answer.status_code == 200
    assert answer.content == b'{"tenant":"acme","n":3}'
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["", "valv_unknown", "x" * 5000, "å"])
def test_without_a_valid_token_the_answer_is_always_the_same(
    acme: Tenant, token: str
) -> None:
    answer = ask(tried, token=token)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.content == ask(tried).content


def test_a_revoked_token_is_as_good_as_none(acme: Tenant) -> None:
    token = make_token(acme)
    with scope.writing(acme.id):
        Token.objects.update(revoked_at=clock())

    assert ask(tried, token=token).status_code == 401


def test_an_expired_token_is_as_good_as_none(acme: Tenant) -> None:
    token = make_token(acme)
    with scope.writing(acme.id):
        Token.objects.update(expires_at=clock())

    assert ask(tried, token=token).status_code == 401


def test_the_holder_of_a_token_has_the_whole_tenant(acme: Tenant) -> None:
    caller = caller_of_token(make_token(acme), now=clock())

    assert caller is not None
    assert model_to_dict(caller.tenant) == model_to_dict(acme)


def test_lacking_the_right_is_denied_and_noted(acme: Tenant) -> None:
    answer = ask(tried, token=make_token(acme, scopes=[Scope.INTAKE]))

    assert answer.status_code == 403
    with scope.reading(acme.id):
        entry = Entry.objects.get(action="deny")
    assert entry.actor == "test"
    assert entry.details == {"right": "see"}


def test_a_wrong_method_is_told_which_are_right(acme: Tenant) -> None:
    answer = ask(tried, method="DELETE")

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "query", ["n=0", "n=10", "n=a", "n=", "n=1&n=2", "n=²", "n=%00"]
)
def test_a_parameter_that_is_not_understood_is_malformed(
    acme: Tenant, query: str
) -> None:
    assert ask(tried, token=make_token(acme), query=query).status_code == 422


def test_a_parameter_that_is_not_known_makes_a_bad_request(acme: Tenant) -> None:
    assert ask(tried, token=make_token(acme), query="m=1").status_code == 400


@pytest.mark.parametrize(
    ("error", "status", "part"),
    [
        (Refused("email_body", "No."), 403, b'"rule":"email_body"'),
        (Gone("Deleted."), 410, b'"type":"/api/v1/problems/gone"'),
        (Busy("Wait."), 503, b'"title":"Busy"'),
    ],
)
def test_an_error_becomes_a_problem(
    acme: Tenant, error: ValvError, status: int, part: bytes
) -> None:
    answer = ask(failing(error), token=make_token(acme))

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert part in answer.content


def test_busy_says_when_to_try_again(acme: Tenant) -> None:
    answer = ask(failing(Busy("Wait.")), token=make_token(acme))

    assert answer["Retry-After"] == "1"


def test_a_fault_tells_nothing_of_what_it_quotes(
    acme: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = ask(failing(ValueError(SECRET)), token=make_token(acme))

    assert answer.status_code == 500
    assert SECRET.encode() not in answer.content
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


def test_the_use_of_a_token_is_noted_to_the_minute(acme: Tenant) -> None:
    ask(tried, token=make_token(acme))

    with scope.reading(acme.id):
        assert Token.objects.get().last_used_at is not None


def test_an_address_that_is_not_ours_is_a_problem_too(client: Client) -> None:
    answer = client.get("/api/v1/nowhere")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_a_cookie_is_no_way_in_and_none_is_set(acme: Tenant, client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert not answer.cookies
    assert answer.json()["openapi"] == "3.1.0"


def test_the_type_of_a_problem_leads_to_what_it_means(client: Client) -> None:
    answer = client.get("/api/v1/problems/gone")

    assert answer.json()["status"] == 410
    assert client.get("/api/v1/problems/none").status_code == 404
