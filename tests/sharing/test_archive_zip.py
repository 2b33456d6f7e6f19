"""Many contents in one zip."""

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.cast import NOW
from tests.held import AUDIO, lay_chat_log, lay_content, lay_interaction
from valv.archive.operations import delete_content
from valv.audit import operations as audit
from valv.audit.models import Entry
from valv.core.errors import Forbidden
from valv.core.interaction import ContentKind
from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.sharing.archive_zip import Place, archive_zip
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

ACTOR = Actor(ActorType.INTERNAL, "Alma", 1)
RECORDING, CHAT_LOG = ContentKind.RECORDING, ContentKind.CHAT_LOG


@pytest.fixture
def caller(acme: Tenant) -> Caller:
    return Caller(acme, ACTOR, frozenset(Right))


def zipped(caller: Caller, places: list[Place]) -> ZipFile:
    return ZipFile(BytesIO(b"".join(archive_zip(caller, places, now=NOW))))


def downloads(tenant: Tenant) -> list[tuple[int | None, str | None]]:
    with scope.reading(tenant.id):
        found = Entry.objects.filter(action="download").order_by("id")
        return list(found.values_list("interaction_id", "content"))


def test_every_content_is_there_under_its_name(acme: Tenant, caller: Caller) -> None:
    call, chat = lay_interaction(acme), lay_interaction(acme, session="S2")
    lay_content(acme, call)
    lay_chat_log(acme, chat)

    made = zipped(caller, [(call, RECORDING, 1), (chat, CHAT_LOG, 1)])

    assert made.testzip() is None
    assert made.namelist() == [
        "2026-11-23_130500_S1_1.mp3",
        "2026-11-23_130500_S2_chat-log-1.xml",
    ]
    assert made.read("2026-11-23_130500_S1_1.mp3") == AUDIO


def test_each_content_is_an_entry_of_its_own(acme: Tenant, caller: Caller) -> None:
    call = lay_interaction(acme)
    for n in (1, 2):
        lay_content(acme, call, n=n)

    zipped(caller, [(call, RECORDING, 1), (call, RECORDING, 2)])

    assert downloads(acme) == [(call, "recording:1"), (call, "recording:2")]


def test_an_entry_stands_before_its_bytes_leave(acme: Tenant, caller: Caller) -> None:
    call = lay_interaction(acme)
    for n in (1, 2):
        lay_content(acme, call, n=n)

    chunks = archive_zip(caller, [(call, RECORDING, 1), (call, RECORDING, 2)], now=NOW)
    next(chunks)

    assert downloads(acme) == [(call, "recording:1")]


def test_what_goes_meanwhile_is_listed(acme: Tenant, caller: Caller) -> None:
    call = lay_interaction(acme)
    for n in (1, 2):
        lay_content(acme, call, n=n)

    def places() -> Iterator[Place]:
        yield call, RECORDING, 1
        delete_content(caller, call, RECORDING, 2, reason="", now=NOW)
        yield call, RECORDING, 2

    data = b"".join(archive_zip(caller, places(), now=NOW))

    made = ZipFile(BytesIO(data))
    assert made.read("errors.txt").decode() == f"{call} recording:2: Gone\n"
    assert downloads(acme) == [(call, "recording:1")]


def test_names_that_clash_are_told_apart(acme: Tenant, caller: Caller) -> None:
    first, second = (lay_interaction(acme, session=name) for name in ("S 1", "S/1"))
    lay_content(acme, first)
    lay_content(acme, second)

    made = zipped(caller, [(first, RECORDING, 1), (second, RECORDING, 1)])

    assert len(set(made.namelist())) == 2


def test_another_tenants_content_is_not_found(acme: Tenant, borealis: Tenant) -> None:
    call = lay_interaction(acme)
    lay_content(acme, call)
    stranger = Caller(borealis, ACTOR, frozenset(Right))

    made = zipped(stranger, [(call, RECORDING, 1)])

    assert made.namelist() == ["errors.txt"]


def test_without_the_right_nothing_leaves(acme: Tenant) -> None:
    call = lay_interaction(acme)
    lay_content(acme, call)
    hearing = Caller(acme, ACTOR, frozenset({Right.PLAY}))

    with pytest.raises(Forbidden):
        zipped(hearing, [(call, RECORDING, 1)])


def test_without_an_entry_nothing_leaves(
    acme: Tenant, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = lay_interaction(acme)
    lay_content(acme, call)

    def fail(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(audit, "insert", fail)
    chunks = archive_zip(caller, [(call, RECORDING, 1)], now=NOW)

    with pytest.raises(OSError, match="no room"):
        next(chunks)
