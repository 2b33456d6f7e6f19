"""Who is not forgotten yet: whoever stands on an interaction that must stay, or beside.

It may be under a hold, within its minimum period, or struck off as somebody else's.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client

from tests.cast import OPERATOR, make_token
from tests.intake.asking import Source
from tests.laws.laying import EMAIL, NAME, PHONE, ago
from tests.peers.smtp import Mailbox
from valv.archive.models import Identifier
from valv.core.identifiers import Kind
from valv.core.moments import format_moment
from valv.core.retention import StorageTimes
from valv.core.storage_rules import AppliesTo, policy_from
from valv.lifecycle import jobs, kinds
from valv.tenants.models import Tenant
from valv.tenants.storage_changes import change_storage

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"phone": PHONE, "email": EMAIL, "handle": "@kanarie"}
LEAST = 9
OLD, YOUNG = LEAST + 1, LEAST - 1
Keep = Callable[[Source, str], dict[str, Any]]


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source(acme, make_token(acme), Client())


def send(source: Source, path: str, **body: Any) -> Any:
    answer = source.ask("POST", path, msgspec.json.encode(body))
    assert answer.status_code == 201, answer.content
    return answer.json()


def lay(source: Source, session: str, *, age: int, **fields: Any) -> str:
    at = format_moment(ago(age))
    source.put(session, started_at=at, ended_at=at, media="chat", **fields)
    return source.id_of(session)


def held(source: Source, id_: str) -> dict[str, Any]:
    matter = {"matter": "Case", "owner": "Cleo", "reason": "Complaint"}
    send(source, "/holds", **matter, interactions=[id_])
    return {}


def obliged(source: Source, _: str) -> dict[str, Any]:
    policy = policy_from({"minimum": {"general": LEAST}}, times=StorageTimes())
    existing = AppliesTo.EXISTING
    change_storage(
        source.tenant, policy, applies_to=existing, actor=OPERATOR, now=ago(0)
    )
    return {}


def struck(_: Source, id_: str) -> dict[str, Any]:
    return {"leave_out": [id_]}


WAYS = (held, obliged, struck)


@pytest.mark.parametrize("keep", WAYS)
@pytest.mark.parametrize("kind", WHO)
def test_who_stands_on_what_stays_is_known_by_it(
    source: Source, keep: Keep, kind: str
) -> None:
    party = {kind: WHO[kind], "name": NAME}
    lay(source, "free", age=OLD, identifiers=party)
    stays = lay(source, "stays", age=YOUNG, identifiers=party)

    send(source, "/jobs", kind="forget", **{kind: [WHO[kind]]}, **keep(source, stays))

    assert set(source.item("free")["identifiers"].values()) == {None}
    assert source.item("stays")["identifiers"].items() >= party.items()


@pytest.mark.parametrize("keep", WAYS)
def test_who_stands_beside_what_stays_is_known_by_it(
    source: Source, keep: Keep
) -> None:
    party = {"email": EMAIL, "name": NAME}
    lay(source, "free", age=OLD, identifiers=party)
    stays = lay(source, "stays", age=YOUNG, others=[party])

    send(source, "/jobs", kind="forget", email=[EMAIL], **keep(source, stays))

    assert set(source.item("free")["identifiers"].values()) == {None}
    assert source.item("stays")["others"][0].items() >= party.items()


@pytest.mark.parametrize("keep", WAYS)
def test_to_whom_a_copy_of_what_stays_went_is_known_by_it(
    source: Source, mailbox: Mailbox, keep: Keep
) -> None:
    lay(source, "free", age=OLD, identifiers={"email": EMAIL})
    stays = lay(source, "stays", age=YOUNG)
    said = [{"at": format_moment(ago(YOUNG)), "from": "customer", "text": "Hej"}]
    source.put_chat_log("stays", said)
    send(source, "/interactions/stays/chat-copy", address=EMAIL)

    send(source, "/jobs", kind="forget", email=[EMAIL], **keep(source, stays))

    assert source.item("free")["identifiers"]["email"] is None
    assert source.item("stays")["copies"][0]["to"] == EMAIL


@pytest.mark.parametrize("keep", WAYS)
def test_nobody_else_is_known_from_the_first_commit_on(
    source: Source, keep: Keep
) -> None:
    lay(source, "free", age=OLD, identifiers={"phone": PHONE})
    stays = lay(source, "stays", age=YOUNG, identifiers={"email": EMAIL})
    who = {"phone": [PHONE], "email": [EMAIL], **keep(source, stays)}
    planned = send(source, "/jobs", kind="forget", when="never", **who)
    job = jobs.approve(source.tenant, int(planned["id"]), at_night=False, now=ago(0))

    begun = kinds.run(source.tenant, job.id, now=ago(0), most=1)

    assert begun.state == "waiting"
    known = source.rows(Identifier, sealed__isnull=False)
    assert [Kind.numbered(one.kind) for one in known] == [Kind.EMAIL]
