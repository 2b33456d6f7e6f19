"""Users who left, as a page; and what is held about a user, as a file."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.portal.spoken import tell_call
from tests.portal.visiting import Visitor, text_of
from valv.audit.verify import verify
from valv.tenants.models import Tenant, User


@pytest.fixture
def administrator(alma: User) -> Visitor:
    return Visitor().enters(alma)


def test_one_who_leaves_signs_in_no_more_and_gets_a_pseudonym(
    administrator: Visitor, acme: Tenant, cleo: User
) -> None:
    officer = Visitor().enters(cleo)

    administrator.post(f"/staff/{cleo.id}/leave")
    assert officer.get("/audit-log").status_code == 302
    assert "Ge en pseudonym nu" in text_of(administrator.get("/staff"))
    asked = administrator.get(f"/staff/{cleo.id}/pseudonym")
    assert "Ge Cleo en pseudonym?" in text_of(asked)
    administrator.post(f"/staff/{cleo.id}/pseudonym")

    html = text_of(administrator.get("/staff"))
    assert "Tidigare användare 1" in html
    assert "Ge en pseudonym nu" not in html
    assert "Cleo" not in text_of(administrator.get("/audit-log"))
    assert verify(acme.id).ok


def test_the_file_tells_what_they_did_and_is_entered(
    administrator: Visitor, acme: Tenant, cleo: User
) -> None:
    call = tell_call(acme)
    Visitor().enters(cleo).get(f"/interactions/{call}")

    answer = administrator.post(f"/staff/{cleo.id}/file")

    held = ZipFile(BytesIO(answer.getvalue()))
    told = json.loads(held.read("user.json"))
    assert told["user"]["email"] == "cleo@acme.example"
    assert [one["action"] for one in told["acts"]] == ["sign_in", "see"]
    assert str(call) in held.read("user.html").decode()
    (entry,) = administrator.entries("export")
    assert (entry.content, entry.details["user"]) == ("staff_package", cleo.id)


def test_the_days_are_set(administrator: Visitor, acme: Tenant) -> None:
    assert administrator.post("/staff", days="x").status_code == 422
    administrator.post("/staff", days="90")

    acme.refresh_from_db()
    assert acme.former_after_days == 90
    assert 'value="90"' in text_of(administrator.get("/staff"))


def test_it_is_for_who_may_manage_users(cleo: User, dag: User, alma: User) -> None:
    assert Visitor().enters(cleo).post(f"/staff/{alma.id}/file").status_code == 403
    stranger = Visitor().enters(dag)
    for act in ("leave", "pseudonym", "file"):
        assert stranger.post(f"/staff/{alma.id}/{act}").status_code == 404
