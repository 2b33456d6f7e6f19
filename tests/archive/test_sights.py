"""Hearing on one page view, and what the log says of it."""

from datetime import timedelta

import pytest

from tests.cast import NOW
from tests.held import AUDIO, lay_content, lay_interaction
from valv.archive import sights
from valv.archive.operations import delete_content
from valv.audit import operations as audit
from valv.audit.models import Entry
from valv.core.errors import Forbidden, Gone, NotFound
from valv.core.interaction import ContentKind
from valv.core.people import Actor, ActorType
from valv.core.permissions import Right
from valv.storage import keys, scope
from valv.storage.models import Intent
from valv.tenants.access import Caller
from valv.tenants.models import Tenant


def caller_of(
    tenant: Tenant, *, user: int = 1, rights: set[Right] | None = None
) -> Caller:
    actor = Actor(ActorType.INTERNAL, f"user {user}", user)
    return Caller(tenant, actor, frozenset(Right if rights is None else rights))


def plays(tenant: Tenant) -> int:
    with scope.reading(tenant.id):
        return Entry.objects.filter(action="play").count()


@pytest.fixture
def call(acme: Tenant) -> int:
    made = lay_interaction(acme)
    lay_content(acme, made)
    return made


def test_one_page_view_is_one_play_however_many_ranges(acme: Tenant, call: int) -> None:
    alma = caller_of(acme)
    handle = sights.begin_play(alma, call, 1, now=NOW)

    for start in (0, 70_000, 10):
        opened = sights.continue_play(alma, handle, now=NOW)
        heard = b"".join(opened.reader.read(start, start + 5))
        assert heard == AUDIO[start : start + 5]
    assert plays(acme) == 1


def test_a_handle_is_nobody_elses(acme: Tenant, borealis: Tenant, call: int) -> None:
    handle = sights.begin_play(caller_of(acme), call, 1, now=NOW)

    for other in (caller_of(acme, user=2), caller_of(borealis)):
        with pytest.raises(NotFound):
            sights.continue_play(other, handle, now=NOW)


def test_a_handle_runs_out(acme: Tenant, call: int) -> None:
    alma = caller_of(acme)
    handle = sights.begin_play(alma, call, 1, now=NOW)

    with pytest.raises(NotFound):
        sights.continue_play(
            alma, handle, now=NOW + sights.HANDLE_LIVES + timedelta(seconds=1)
        )


def test_a_handle_opens_nothing_that_was_deleted(acme: Tenant, call: int) -> None:
    alma = caller_of(acme)
    handle = sights.begin_play(alma, call, 1, now=NOW)
    delete_content(alma, call, ContentKind.RECORDING, 1, reason="", now=NOW)

    with pytest.raises(Gone):
        sights.continue_play(alma, handle, now=NOW)


def test_without_the_right_there_is_no_play(acme: Tenant, call: int) -> None:
    bo = caller_of(acme, rights={Right.SEE})

    with pytest.raises(Forbidden):
        sights.begin_play(bo, call, 1, now=NOW)
    assert plays(acme) == 0


def test_a_play_that_cannot_be_entered_gives_no_handle(
    acme: Tenant, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(audit, "insert", fail)

    with pytest.raises(OSError, match="no room"):
        sights.begin_play(caller_of(acme), call, 1, now=NOW)


def test_a_deletion_cut_short_is_gone_all_the_same_and_finished_later(
    acme: Tenant, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> int:
        raise OSError("power went")

    with monkeypatch.context() as patch:
        patch.setattr(keys, "destroy", crash)
        with pytest.raises(OSError, match="power went"):
            delete_content(
                caller_of(acme), call, ContentKind.RECORDING, 1, reason="", now=NOW
            )

    with pytest.raises(Gone):
        sights.play(caller_of(acme), call, 1, now=NOW)
    with scope.reading(acme.id):
        assert Intent.objects.count() == 1
