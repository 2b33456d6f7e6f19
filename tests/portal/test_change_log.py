"""The change log as a page."""

import pytest

from tests.cast import NOW, OPERATOR
from tests.portal.visiting import Visitor, text_of
from valv.core.retention import StorageTimes
from valv.tenants.models import Tenant, User
from valv.tenants.operations import set_content_kept, set_storage_times


@pytest.fixture
def officer(cleo: User) -> Visitor:
    return Visitor().enters(cleo)


def test_changes_read_from_what_to_what(officer: Visitor, acme: Tenant) -> None:
    set_storage_times(acme, StorageTimes(recordings=30), actor=OPERATOR, now=NOW)

    html = text_of(officer.get("/change-log"))

    assert "<b>Lagringstider</b>" in html
    assert "Inspelningar: <del>14</del> → <ins>30</ins>" in html
    assert "root</span>" in html


def test_a_change_of_a_user_says_whose(officer: Visitor) -> None:
    html = text_of(officer.asks("/change-log", setting="user"))

    assert "<span>Cleo</span>" in html
    assert "Lagringstider" not in html


def test_changes_are_narrowed(officer: Visitor, acme: Tenant) -> None:
    set_content_kept(acme, social_content=True, actor=OPERATOR, now=NOW)

    assert "Ja" in text_of(officer.asks("/change-log", setting="content_kept"))
    assert "<ins>" not in text_of(officer.asks("/change-log", actor="nobody"))
    assert "e-changes-from" in text_of(officer.asks("/change-log", **{"from": "x"}))


def test_it_is_not_for_everyone(bo: User) -> None:
    assert Visitor().enters(bo).get("/change-log").status_code == 403
