"""Users, user groups and rights over HTTP, and where each right comes from."""

from typing import Any

import pytest

from tests.api.conftest import Asker
from tests.api.test_tokens import tell
from tests.cast import PASSWORD
from tests.portal.visiting import Visitor
from valv.audit import searches
from valv.core.permissions import RIGHTS_OF_ROLE, Right, Role, Scope, rights_of_scopes
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.rights import held_by

EVA = {"email": "eva@acme.example", "name": "Eva", "password": PASSWORD}
TEAM = {"name": "Team", "rights": {"grant": ["play"], "queues": ["Support"]}}


def rights_in(told: Any) -> dict[str, str | None]:
    """The rights that are held, and by which level."""
    listed = told["effective"]["rights"]
    return {one["right"]: one["by"] for one in listed if one["held"]}


def test_a_user_is_added_seen_changed_and_shut_out(ask: Asker, alma: User) -> None:
    made = tell(ask, "POST", "/users", **EVA, role="general_only")
    path = f"/users/{made.json()['id']}"

    assert made.status_code == 201
    assert rights_in(made.json()) == {"see": "user"}
    eva = User(email=EVA["email"], tenant_id=alma.tenant_id)
    visitor = Visitor().enters(eva)
    assert visitor.get("/surveys").status_code == 403
    put = tell(ask, "PUT", path, rights={"grant": ["see", "surveys"]}, agent="a7")
    assert (put.status_code, put.json()["agent"]) == (200, "a7")
    assert visitor.get("/surveys").status_code == 200
    assert ask("DELETE", path).status_code == 204
    assert visitor.get("/surveys").status_code == 302
    told = ask("GET", path).json()
    assert (told["active"], told["left_at"] is None) == (False, False)


def test_who_is_let_in_again_signs_in_anew_and_has_not_left(
    ask: Asker, alma: User, bo: User
) -> None:
    visitor = Visitor().enters(bo)
    ask("DELETE", f"/users/{bo.id}")

    told = tell(ask, "PUT", f"/users/{bo.id}", active=True).json()

    assert (told["active"], told["left_at"]) == (True, None)
    assert visitor.get("/search").status_code == 302
    assert Visitor().enters(bo).get("/search").status_code == 200


def test_each_right_tells_which_level_it_came_from(
    ask: Asker, alma: User, bo: User
) -> None:
    assert tell(ask, "PUT", "/rights", grant=["surveys"]).status_code == 200
    group = tell(ask, "POST", "/user-groups", **TEAM).json()

    told = tell(ask, "PUT", f"/users/{bo.id}", group=group["id"]).json()

    assert rights_in(told) == {"see": "user", "play": "group", "surveys": "tenant"}
    assert told["effective"]["queues"] == ["Support"]
    assert told["effective"]["queues_by"] == "group"
    assert held_by(bo).rights == {Right.SEE, Right.PLAY, Right.SURVEYS}
    (shown,) = ask("GET", "/user-groups").json()["items"]
    assert shown["users"] == [str(bo.id)]
    assert rights_in(shown) == {"play": "group", "surveys": "tenant"}
    assert rights_in(ask("GET", "/rights").json()) == {"surveys": "tenant"}


def test_a_group_is_renamed_and_removed(ask: Asker, alma: User) -> None:
    group = tell(ask, "POST", "/user-groups", **TEAM).json()
    path = f"/user-groups/{group['id']}"

    assert tell(ask, "PUT", path, name="East").json()["stated"] == group["stated"]
    assert tell(ask, "POST", "/user-groups", name="East").status_code == 409
    assert ask("DELETE", path).status_code == 204
    assert ask("GET", path).status_code == 404


def test_nobody_gives_over_http_what_their_token_lacks(
    acme: Tenant, alma: User, bo: User
) -> None:
    ask = Asker(acme, [Scope.ADMIN])
    beyond = {"grant": ["play"]}

    refused = [
        tell(ask, "POST", "/users", **EVA, role="archive_user"),
        tell(ask, "PUT", f"/users/{bo.id}", rights=beyond),
        tell(ask, "POST", "/user-groups", name="Team", rights=beyond),
        tell(ask, "PUT", "/rights", **beyond),
    ]

    assert {answer.status_code for answer in refused} == {403}
    assert held_by(bo).rights == {Right.SEE}


def test_somebody_is_left_who_sees_to_users(ask: Asker, alma: User) -> None:
    stands = held_by(alma).rights

    assert ask("DELETE", f"/users/{alma.id}").status_code == 409
    assert tell(ask, "PUT", f"/users/{alma.id}", rights={}).status_code == 409
    assert tell(ask, "PUT", "/rights", deny=["users"]).status_code == 200
    assert held_by(alma).rights == stands


@pytest.mark.parametrize(
    "more",
    [{"email": "eva"}, {"password": "short"}, {"group": "7"}, {"group": "x"},
     {"name": "070-123 45 67"}, {"agent": "eva@example.com"}, {"role": "king"},
     {"rights": {"grant": ["see"], "deny": ["see"]}}, {"rights": {"groups": ["9"]}}],
)  # fmt: skip
def test_what_cannot_be_is_422_and_adds_nobody(
    ask: Asker, alma: User, more: Any
) -> None:
    assert tell(ask, "POST", "/users", **{**EVA, **more}).status_code == 422
    with scope.reading(alma.tenant_id):
        assert not User.objects.filter(email=EVA["email"]).exists()


def test_an_address_is_somebodys_once(ask: Asker, alma: User, dag: User) -> None:
    """Another tenant's too, for it is all one types to sign in."""
    taken = {**EVA, "email": dag.email}

    assert tell(ask, "POST", "/users", **taken).status_code == 409


def test_a_stranger_finds_nobody(
    ask: Asker, stranger: Asker, alma: User, bo: User
) -> None:
    group = tell(ask, "POST", "/user-groups", **TEAM).json()
    theirs = [f"/users/{bo.id}", f"/user-groups/{group['id']}"]

    for path in [*theirs, "/users/0", "/users/x", "/user-groups/0"]:
        for method in ("GET", "PUT", "DELETE"):
            assert tell(stranger, method, path).status_code == 404, (method, path)
    assert stranger("GET", "/users").json()["items"] == []
    assert tell(stranger, "PUT", "/rights").json()["stated"]["grant"] == []


def test_a_sight_is_entered_and_a_list_as_a_search(
    ask: Asker, alma: User, bo: User
) -> None:
    ask("GET", f"/users/{bo.id}")
    ask("GET", "/users")
    searches.flush()

    (seen,), (listed,) = ask.entries("see"), ask.entries("search")
    assert (seen.content, seen.details) == ("user", {"user": bo.id})
    assert (listed.details["by"], listed.details["found"]) == (["users"], 2)


def test_who_may_not_is_refused(acme: Tenant, alma: User) -> None:
    ask = Asker(acme, [Scope.READ, Scope.AUDIT])

    for path in ("/users", f"/users/{alma.id}", "/user-groups", "/rights"):
        assert ask("GET", path).status_code == 403


def test_every_role_can_be_given_by_who_has_it_all(ask: Asker, alma: User) -> None:
    may = rights_of_scopes(Scope) | {Right.OWN}
    given = [role for role in Role if RIGHTS_OF_ROLE[role] <= may]
    made = [
        tell(ask, "POST", "/users", **{**EVA, "email": f"{role}@x.example"}, role=role)
        for role in given
    ]

    assert {answer.status_code for answer in made} == {201}
    assert len(given) >= 3
