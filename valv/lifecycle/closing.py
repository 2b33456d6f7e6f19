"""Closing a tenant: all it has is handed over, and then destroyed for good.

One person asks, another confirms. Nobody enters from then on; everything is exported;
then the tenant's keys are destroyed, so that nothing opens, in no copy either; then
bytes and rows go, and it is looked whether anything is left. A receipt, signed by the
log's key and naming nobody, is laid into the folder; last go the log, the tenant and
that key. Cut short anywhere, it is gone on with by doing it again.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from django.apps import apps

from valv.archive.models import Interaction
from valv.audit import tree
from valv.audit.actions import Action
from valv.audit.models import Entry, SignedCheckpoint, Tile
from valv.audit.operations import Act, number_all, record
from valv.audit.proofs import proof_of
from valv.core.errors import Busy, NotFound, Refused
from valv.core.moments import format_moment
from valv.core.people import Actor
from valv.core.permissions import Right
from valv.lifecycle.receipts import RECEIPT, TITLE
from valv.sharing.whole_archive import COMPLETE, export_whole, write_whole
from valv.storage import blobstore, keys, scope
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey
from valv.storage.raw import change, is_sqlite
from valv.tenants.access import Caller
from valv.tenants.models import SignIn, Tenant, Token, User

BATCH = 2000
ASKED = "closing"
HOLDS_FOR = timedelta(days=7)
LAST = (Entry, Tile, SignedCheckpoint)
RECEIPT_FILE = "receipt.json"
LOG_KEYS = (KeyKind.AUDIT, KeyKind.SIGNING)


def ask(tenant: Tenant, *, actor: Actor, now: datetime) -> dict[str, int]:
    """Ask for the closing; answers what would go. Somebody else confirms it.

    Raises Refused (``hold``) while a hold covers anything.
    """
    with scope.writing(tenant.id):
        _raise_if_held()
        counts = {"interactions": Interaction.objects.count()}
        act = Act(Action.OPERATE, content=ASKED, details=counts)
        record(act, actor=actor, now=now)
    return counts


def close(tenant: Tenant, folder: Path, *, actor: Actor, now: datetime) -> Any:
    """Export everything into a folder and destroy it; answers the receipt.

    Raises Refused (``second_person``, ``hold``), Busy while something is left, and what
    the stores raise. Nothing is destroyed before the folder is whole.
    """
    if keys.lives(tenant.id, KeyKind.TENANT):
        _lock_out(tenant, actor, now)
        caller = Caller(tenant, actor, frozenset(Right))
        export_whole(caller, folder, reason=ASKED, now=now)
        with scope.reading(tenant.id):
            _raise_if_held()
    counts = _counts_in(folder)
    if keys.lives(tenant.id, KeyKind.AUDIT):
        _destroy(tenant)
        write_whole(folder / RECEIPT_FILE, [_receipt(tenant, counts, actor, now)])
    _finish(tenant)
    return msgspec.json.decode((folder / RECEIPT_FILE).read_bytes())


def _raise_if_held() -> None:
    if Interaction.objects.filter(held=True).exists():
        raise Refused("hold", "A hold covers interactions of this tenant.")


def _lock_out(tenant: Tenant, actor: Actor, now: datetime) -> None:
    """Let nobody in any more, once somebody else has asked for it."""
    with scope.writing(tenant.id):
        _raise_if_held()
        asked = Entry.objects.filter(content=ASKED, at__gt=now - HOLDS_FOR)
        if not asked.exclude(actor=actor.name).exists():
            raise Refused("second_person", "Somebody else must ask for it first.")
        User.objects.filter(is_active=True).update(is_active=False)
        Token.objects.filter(revoked_at=None).update(revoked_at=now)
        SignIn.objects.all().delete()
        act = Act(Action.OPERATE, details={"closing": "begun"})
        record(act, actor=actor, now=now)


def _counts_in(folder: Path) -> dict[str, int]:
    """What the export counted. Raises NotFound for a folder that is not whole."""
    if not (folder / COMPLETE).is_file():
        raise NotFound("The closing was begun with another folder; name that one.")
    found = (folder / COMPLETE).read_bytes()
    return msgspec.json.decode(found, type=dict[str, int])


def _destroy(tenant: Tenant) -> None:
    """Keys, then bytes, then rows, all but the log's. Raises Busy if any is left."""
    settled = keys.destroy_all(tenant.id, but=LOG_KEYS)
    store = blobstore.store()
    for blob in list(store.list(str(tenant.id))):
        store.discard(blob.key)
    for model in _owned():
        _drop_all(tenant, model._meta.db_table)
    if not settled and not keys.is_settled():
        raise Busy("Someone holds the key file open; close the tenant again.")
    left = [model._meta.db_table for model in _owned() if _is_left(tenant, model)]
    if left or any(store.list(str(tenant.id))):
        raise Busy("Something came meanwhile; close the tenant again.")


def _owned() -> list[Any]:
    """Every model whose rows belong to a tenant, but for the log's."""
    return [
        model
        for model in apps.get_models()
        if any(field.attname == "tenant_id" for field in model._meta.fields)
        and model not in (*LAST, SealingKey)
    ]


def _drop_all(tenant: Tenant, table: str) -> None:
    """SQLite in batches, since nobody else can write meanwhile."""
    where = "tenant_id = %s"
    if is_sqlite():
        some = f"SELECT rowid FROM {table} WHERE {where} LIMIT {BATCH}"  # noqa: S608
        where = f"rowid IN ({some})"
    while True:
        with scope.writing(tenant.id):
            sql = f"DELETE FROM {table} WHERE {where}"  # noqa: S608
            if not change(sql, [tenant.id]):
                return


def _is_left(tenant: Tenant, model: Any) -> bool:
    with scope.reading(tenant.id):
        return bool(model.objects.filter(tenant_id=tenant.id).exists())


def _receipt(
    tenant: Tenant, counts: dict[str, int], actor: Actor, now: datetime
) -> bytes:
    """Enter that all of it is gone, and sign that; with the proof and the key."""
    details = {"job": ASKED, "state": "closed", "counts": counts}
    with scope.writing(tenant.id):
        number_all()
        act = Act(Action.OPERATE, content=RECEIPT, details=details)
        record(act, actor=actor, now=now)
        tree.number()
        seq = Entry.objects.filter(content=RECEIPT).latest("seq").seq or 0
        signer = tree.signer(tenant.id)
        told = {
            "note": signer.sign(_text(signer.origin, seq, counts, now)),
            "seq": seq,
            "issued_at": format_moment(now),
            "proof": proof_of(seq),
            "key": str(signer.key()),
        }
    return msgspec.json.encode(told)


def _text(origin: str, seq: int, counts: dict[str, int], now: datetime) -> str:
    lines = [
        TITLE,
        f"log {origin}",
        f"entry {seq}",
        f"job {ASKED}",
        f"ended {format_moment(now)}",
        "act close the tenant",
        "state closed",
        *(f"count {name} {number}" for name, number in sorted(counts.items())),
    ]
    return "\n".join(lines) + "\n"


def _finish(tenant: Tenant) -> None:
    """The log goes, its keys first, and the tenant last: done again, it goes on."""
    keys.destroy_all(tenant.id)
    tree.signer.cache_clear()
    for model in LAST:
        _drop_all(tenant, model._meta.db_table)
    with scope.writing(tenant.id):
        Tenant.objects.filter(id=tenant.id).delete()
