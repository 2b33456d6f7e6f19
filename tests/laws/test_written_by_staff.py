"""Law 7 for what staff write: a number in it is gone when that person is forgotten.

A number and an address are written in every free text that staff have. A control reads
them back before, and finds no byte of them in plain; then the person is forgotten.
"""

import json
from typing import Any

import pytest

from tests.api.conftest import Asker
from tests.intake.asking import Source
from tests.laws.canary import places_of_any
from tests.laws.laying import Laid, ago, lay
from tests.portal.visiting import Visitor, text_of
from valv.audit.verify import verify
from valv.core.moments import format_moment
from valv.jobs.command import OK, main
from valv.tenants.models import User

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, ADDRESS = "073-987 65 43", "kanarie@burfageln.example"
SHOWN = "+46739876543"
PLANTED = [SHOWN, ADDRESS, NUMBER, "739876543"]
WRITTEN = f"Enligt {NUMBER} och {ADDRESS}"
START = format_moment(ago(1))


@pytest.fixture
def laid(source: Source) -> Laid:
    """A call and a chat of somebody else."""
    return lay(source, "other")


def write_everywhere(ask: Asker, laid: Laid, visitor: Visitor) -> None:
    """Every free text that staff have, over HTTP and on pages."""
    call, chat = f"/interactions/{laid.call}", f"/interactions/{laid.chat}"
    why = {"reason": WRITTEN}
    query = f"reason={WRITTEN.replace(' ', '%20').replace('@', '%40')}"
    matter = {"matter": f"Ärende {NUMBER}", "owner": f"Cleo {ADDRESS}", **why}
    hold = tell(ask, "/holds", **matter, interactions=[laid.chat])
    visitor.get(f"/holds/{hold['id']}")
    tell(ask, f"/holds/{hold['id']}/release", **why)
    assert ask("GET", f"{call}/recordings/1?{query}").status_code == 200
    assert ask("GET", f"{call}/recordings/1?download=mp3&{query}").status_code == 200
    assert ask("GET", f"/interactions.xlsx?{query}").status_code == 200
    assert ask("DELETE", f"{chat}/chat-log?{query}").status_code == 204
    delete = {"kind": "delete", "contents": ["recording"], "interactions": [laid.call]}
    tell(ask, "/jobs", **delete, **why)
    write_on_privacy(ask, laid)


def write_on_privacy(ask: Asker, laid: Laid) -> None:
    """What is written where somebody asked for what is theirs (GDPR 15 to 18)."""
    why = {"reason": WRITTEN}
    correct = {"kind": "name", "value": "Kim"}
    tell(ask, f"/interactions/{laid.chat}/correction", **correct, **why)
    begun = tell(ask, "/restrictions", phone=["0700000001"], **why)
    tell(ask, f"/restrictions/{begun['id']}/end", **why)
    tell(ask, "/restrictions", phone=["0700000002"], **why)
    asked = {"kind": "erasure", "who": "Eva", "received_on": "2026-11-01"}
    made = tell(ask, "/privacy-requests", **asked, checked_by=WRITTEN)
    place = f"/privacy-requests/{made['id']}"
    tell(ask, f"{place}/check", checked_by=WRITTEN)
    tell(ask, f"{place}/extension", **why)
    tell(ask, f"{place}/decision", decision="refused", **why)
    tell(ask, f"{place}/answer", how=WRITTEN)


def tell(ask: Asker, path: str, **body: Any) -> Any:
    answer = ask("POST", path, data=json.dumps(body).encode())
    assert answer.status_code < 300, answer.content
    return answer.json() if answer.content else None


def read_everywhere(ask: Asker, laid: Laid, visitor: Visitor) -> list[str]:
    """Every place where these texts are read."""
    paths = ["/audit?limit=500", "/holds", f"/interactions/{laid.chat}"]
    paths += ["/restrictions", "/privacy-requests"]
    said = [ask("GET", path).getvalue().decode() for path in paths]
    pages = ["/audit-log", "/holds", f"/interactions/{laid.chat}"]
    (made,) = ask("GET", "/privacy-requests").json()["items"]
    pages += ["/restrictions", f"/requests/{made['id']}"]
    return [*said, *(text_of(visitor.get(page)) for page in pages)]


def test_who_is_forgotten_is_gone_from_what_staff_wrote(
    source: Source, laid: Laid, alma: User, capsys: Any
) -> None:
    ask, visitor = Asker(source.tenant), Visitor().enters(alma)
    write_everywhere(ask, laid, visitor)
    source.put("theirs", started_at=START, identifiers={"phone": NUMBER})
    before = read_everywhere(ask, laid, visitor)

    assert [SHOWN in said and ADDRESS in said for said in before] == [True] * len(
        before
    )
    assert places_of_any(PLANTED)[SHOWN] == {"identifier.sealed"}
    assert places_of_any(PLANTED)[ADDRESS] == {"identifier.sealed"}
    assert NUMBER not in places_of_any(PLANTED)
    forget = ["forget", "--phone", NUMBER, "--email", ADDRESS, "--yes", "--json"]
    assert main(forget, user="root") == OK

    assert places_of_any(PLANTED) == {}
    after = "".join(read_everywhere(ask, laid, visitor))
    assert SHOWN not in after
    assert ADDRESS not in after
    assert after.count("Enligt … och …") >= 5
    assert verify(source.tenant.id).ok
