"""The pages of users and user groups, and what they do to others' next request."""

import pytest

from tests.cast import PASSWORD
from tests.portal.visiting import Visitor, text_of
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.models import Tenant, User, UserGroup
from valv.tenants.rights import held_by


@pytest.fixture
def administrator(alma: User) -> Visitor:
    return Visitor().enters(alma)


def test_somebody_is_added_and_signs_in(administrator: Visitor, acme: Tenant) -> None:
    fields = {"name": "Eva", "email": "eva@acme.example", "role": "archive_user"}
    answer = administrator.post("/users", **fields, password=PASSWORD)

    assert answer.status_code == 303
    with scope.reading(acme.id):
        eva = User.objects.get(email="eva@acme.example")
    page = text_of(administrator.get("/users"))
    assert "Eva" in page
    assert Visitor().enters(eva).get("/search").status_code == 200
    assert Visitor().enters(eva).get("/users").status_code == 403


def test_what_cannot_be_added_is_told(administrator: Visitor, bo: User) -> None:
    fields = {"name": "Eva", "password": PASSWORD}
    taken = administrator.post("/users", **fields, email=bo.email)
    wrong = administrator.post("/users", **fields, email="eva")

    assert [taken.status_code, wrong.status_code] == [422, 422]
    assert 'id="e-email"' in text_of(taken)


def test_a_change_holds_at_the_next_request(administrator: Visitor, bo: User) -> None:
    visitor = Visitor().enters(bo)
    assert visitor.get("/surveys").status_code == 403

    fields = {"right-see": "grant", "right-surveys": "grant", "name": "Bo"}
    saved = administrator.post(f"/users/{bo.id}", **fields)
    assert saved.status_code == 303
    assert visitor.get("/surveys").status_code == 200
    administrator.post(f"/users/{bo.id}/access", active="no")
    assert visitor.get("/surveys").status_code == 302


def test_the_page_tells_where_a_right_came_from(
    administrator: Visitor, bo: User, acme: Tenant
) -> None:
    administrator.post("/user-groups", name="Team")
    with scope.reading(acme.id):
        group = UserGroup.objects.get(name="Team")
    lends = {"name": "Team", "right-play": "grant", "limit-queues": "on"}
    administrator.post(f"/user-groups/{group.id}", **lends, queue=["Support"])
    fields = {"name": "Bo", "group": group.id, "right-see": "grant"}
    administrator.post(f"/users/{bo.id}", **fields)

    page = text_of(administrator.get(f"/users/{bo.id}"))

    assert held_by(bo).reach.queues == frozenset({"Support"})
    assert "från gruppen" in page
    assert "Support" in page
    entry = administrator.entries("setting")[-1]
    told = {one["what"]: (one["from"], one["to"]) for one in entry.details["changes"]}
    assert told["user_group"] == (None, "Team")


def test_what_all_inherit(administrator: Visitor, bo: User) -> None:
    assert (
        administrator.post("/user-groups/all", **{"right-play": "grant"}).status_code
        == 303
    )

    assert held_by(bo).rights == {Right.SEE, Right.PLAY}
    assert administrator.get("/user-groups/all").status_code == 200


def test_one_is_told_why_one_cannot_shut_oneself_out(
    administrator: Visitor, alma: User
) -> None:
    answer = administrator.post(f"/users/{alma.id}", name="Alma")

    assert answer.status_code == 422
    assert Right.USERS in held_by(alma).rights
    assert f"/users/{alma.id}/access" not in text_of(answer)


def test_a_group_is_removed(administrator: Visitor, acme: Tenant) -> None:
    administrator.post("/user-groups", name="Team")
    twice = administrator.post("/user-groups", name="Team")
    with scope.reading(acme.id):
        group = UserGroup.objects.get(name="Team")

    assert twice.status_code == 422
    assert administrator.post(f"/user-groups/{group.id}/remove").status_code == 303
    assert administrator.get(f"/user-groups/{group.id}").status_code == 404


def test_a_stranger_finds_nobody(dag: User, bo: User) -> None:
    stranger = Visitor().enters(dag)

    assert stranger.get(f"/users/{bo.id}").status_code == 404
    assert stranger.post(f"/users/{bo.id}", name="Bo").status_code == 404
    assert stranger.post(f"/users/{bo.id}/access").status_code == 404
