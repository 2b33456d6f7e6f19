"""Closing a tenant: what it waits for, whom it locks out, in which order it ends."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from tests.cast import OPERATOR, PASSWORD, make_user
from tests.crash.faults import Faults, Killed, failing
from tests.crash.test_closing import ASKER, check_closed, small
from tests.held import lay_interaction
from tests.intake.asking import Source
from tests.laws.laying import ago, blobs, living
from tests.portal.visiting import Visitor
from valv.archive.models import Interaction
from valv.audit import operations, tree
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act
from valv.core.errors import Busy, Misconfigured, NotFound, Refused
from valv.core.permissions import Role
from valv.lifecycle import closing
from valv.sharing.whole_archive import export_whole
from valv.storage import blobstore, keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import SignIn, Tenant

pytestmark = [
    pytest.mark.usefixtures("acme"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def tenant() -> Tenant:
    return small("closed")


def close(tenant: Tenant, folder: Path) -> Any:
    return closing.close(tenant, folder, actor=OPERATOR, now=ago(0))


def cut_short(tenant: Tenant, folder: Path, *, before: str) -> None:
    """Asked for, confirmed, and killed."""
    closing.ask(tenant, actor=ASKER, now=ago(0))
    faults = Faults(1, Killed, done=False)
    with failing(faults, [(closing, before)]), pytest.raises(Killed):
        close(tenant, folder)


def hold(tenant: Tenant) -> None:
    with scope.writing(tenant.id):
        Interaction.objects.update(held=True)


def after(act: Callable[..., Any], then: Callable[[], object]) -> Callable[..., Any]:
    def both(*given: Any, **named: Any) -> Any:
        answer = act(*given, **named)
        then()
        return answer

    return both


def test_of_what_is_held_no_closing_is_asked(tenant: Tenant) -> None:
    hold(tenant)

    with pytest.raises(Refused):
        closing.ask(tenant, actor=ASKER, now=ago(0))

    with scope.reading(tenant.id):
        assert not Entry.objects.filter(content=closing.ASKED).exists()


def test_a_hold_laid_since_locks_nobody_out(tenant: Tenant, tmp_path: Path) -> None:
    source = Source.of(tenant)
    closing.ask(tenant, actor=ASKER, now=ago(0))
    hold(tenant)

    with pytest.raises(Refused):
        close(tenant, tmp_path / "all")

    assert source.ask("GET", "/interactions").status_code == 200
    assert not (tmp_path / "all").exists()


def test_a_hold_laid_while_it_is_handed_over_keeps_it_all(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing.ask(tenant, actor=ASKER, now=ago(0))
    exporting = after(export_whole, lambda: hold(tenant))
    monkeypatch.setattr(closing, "export_whole", exporting)
    before = living(tenant), blobs(tenant)

    with pytest.raises(Refused):
        close(tenant, tmp_path / "all")

    assert (living(tenant), blobs(tenant)) == before


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_what_was_asked_for_a_week_ago_must_be_asked_again(
    tenant: Tenant, tmp_path: Path, late: timedelta
) -> None:
    closing.ask(tenant, actor=ASKER, now=ago(7) - late)

    with pytest.raises(Refused):
        close(tenant, tmp_path / "all")

    assert keys.lives(tenant.id, KeyKind.TENANT)


def test_it_can_be_confirmed_on_the_seventh_day(tenant: Tenant, tmp_path: Path) -> None:
    closing.ask(tenant, actor=ASKER, now=ago(6.9))
    close(tenant, tmp_path / "all")

    check_closed(tenant, tmp_path / "all")


def test_rows_go_batch_by_batch_and_no_key_stays_in_memory(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_interaction(tenant)
    monkeypatch.setattr(closing, "BATCH", 1)
    closing.ask(tenant, actor=ASKER, now=ago(0))
    close(tenant, tmp_path / "all")

    check_closed(tenant, tmp_path / "all")
    with scope.reading(tenant.id), pytest.raises(Misconfigured):
        tree.signer(tenant.id)


def test_the_receipt_is_of_the_log_whatever_waits_in_it(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner in (tree, operations):
        monkeypatch.setattr(owner, "BATCH", 1)
    listing = after(closing._owned, lambda: _entries(tenant))
    monkeypatch.setattr(closing, "_owned", listing)
    closing.ask(tenant, actor=ASKER, now=ago(0))
    close(tenant, tmp_path / "all")

    check_closed(tenant, tmp_path / "all")


def test_nobody_enters_once_it_has_begun(tenant: Tenant, tmp_path: Path) -> None:
    source = Source.of(tenant)
    eva = make_user("Eva", tenant, role=Role.ADMINISTRATOR)
    inside = Visitor().enters(eva)
    assert inside.get("/search").status_code == 200

    cut_short(tenant, tmp_path / "all", before="export_whole")

    with scope.reading(tenant.id):
        assert not SignIn.objects.exists()
        begun = Entry.objects.latest("id")
    assert (begun.actor, begun.details) == (OPERATOR.name, {"closing": "begun"})
    assert source.ask("GET", "/interactions").status_code == 401
    assert inside.get("/search").status_code == 302
    again = Visitor().post("/sign-in", username=eva.email, password=PASSWORD)
    assert again.status_code == 422


def test_keys_go_before_bytes(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing.ask(tenant, actor=ASKER, now=ago(0))
    store = blobstore.store()
    failed = Faults(1, Killed, done=False).watch(store.discard)
    monkeypatch.setattr(store, "discard", failed)
    monkeypatch.setattr(blobstore, "store", lambda: store)

    with pytest.raises(Killed):
        close(tenant, tmp_path / "all")

    assert living(tenant) == set()
    assert not keys.lives(tenant.id, KeyKind.TENANT)
    close(tenant, tmp_path / "all")
    check_closed(tenant, tmp_path / "all")


def test_it_is_gone_on_with_in_the_folder_it_began_with(
    tenant: Tenant, tmp_path: Path
) -> None:
    cut_short(tenant, tmp_path / "all", before="_receipt")

    with pytest.raises(NotFound):
        close(tenant, tmp_path / "other")

    tree.signer.cache_clear()  # as another process, which never signed for it
    close(tenant, tmp_path / "all")
    check_closed(tenant, tmp_path / "all")


@pytest.mark.sqlite
def test_there_is_no_receipt_while_a_destroyed_key_can_be_read(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing.ask(tenant, actor=ASKER, now=ago(0))
    with monkeypatch.context() as held_open:
        held_open.setattr(keys, "is_settled", lambda: False)
        with pytest.raises(Busy):
            close(tenant, tmp_path / "all")

    assert not (tmp_path / "all" / closing.RECEIPT_FILE).exists()
    close(tenant, tmp_path / "all")
    check_closed(tenant, tmp_path / "all")


def _entries(tenant: Tenant) -> None:
    acts = [Act(Action.SETTING)] * 3
    with scope.writing(tenant.id):
        operations.record(acts, actor=OPERATOR, now=ago(0))


def _a_row(tenant: Tenant) -> None:
    lay_interaction(tenant)


def _bytes(tenant: Tenant) -> None:
    blobstore.store().put(f"{tenant.id}/{token_hex(8)}", [b"late"])


@pytest.mark.parametrize("late", [_a_row, _bytes])
def test_there_is_no_receipt_while_anything_is_left(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: Any
) -> None:
    closing.ask(tenant, actor=ASKER, now=ago(0))
    with monkeypatch.context() as meanwhile:
        listing = after(closing._owned, lambda: late(tenant))
        meanwhile.setattr(closing, "_owned", listing)
        with pytest.raises(Busy):
            close(tenant, tmp_path / "all")

    assert not (tmp_path / "all" / closing.RECEIPT_FILE).exists()
    close(tenant, tmp_path / "all")
    check_closed(tenant, tmp_path / "all")
