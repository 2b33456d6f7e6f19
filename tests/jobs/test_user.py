"""``valv user unlock`` and ``reset-second-factor``: an operator helps, and is named."""

import pytest

from tests.cast import NOW
from tests.portal.proving import set_up
from tests.portal.visiting import Visitor
from valv.audit.models import Entry
from valv.jobs.command import FAILED, OK, USAGE, main
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.slowdown import of_password, wait_or_take

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "192.0.2.1"


def entries(tenant: Tenant, setting: str) -> list[tuple[str, str]]:
    with scope.reading(tenant.id):
        rows = Entry.objects.filter(action="setting").order_by("id")
        found = [one for one in rows if one.details.get("setting") == setting]
    return [(one.actor_type, one.actor) for one in found]


def test_unlocking_forgets_failed_tries_and_is_entered(
    acme: Tenant, bo: User, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = of_password(bo.email, HERE)
    for _ in range(9):
        wait_or_take(counts, now=NOW)

    assert main(["user", "unlock", bo.email.upper()], user="root") == OK
    assert wait_or_take(counts, now=NOW) == 0
    assert entries(acme, "unlocked") == [("operator", "root")]


def test_a_second_factor_that_was_lost_is_taken_away(acme: Tenant, bo: User) -> None:
    visitor = Visitor().enters(bo)
    set_up(bo)

    assert main(["user", "reset-second-factor", bo.email], user="root") == OK
    assert visitor.get("/search").status_code == 302
    assert entries(acme, "second_factor_reset") == [("operator", "root")]
    Visitor().enters(bo)


def test_nobody_is_a_sentence(acme: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "unlock", "no@one.example"], user="root") == FAILED
    assert main(["user", "add", "new@acme.example"], user="root") == USAGE
    assert "no such user" in capsys.readouterr().err
