"""Closing a tenant: cut short at every step, both ways, and run again it ends the same.

What was exported is whole, the receipt is proven by the script without Valv, nothing of
the tenant is left in any table, key or blob, and another tenant has all it had.
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError, connection

from tests.cast import OPERATOR, make_token
from tests.crash.faults import Faults, Killed, failing
from tests.crash.test_forgetting import PHONE
from tests.held import lay_content
from tests.intake.asking import Source
from tests.laws.laying import ago, blobs, lay, living, rows
from valv.core.errors import Refused
from valv.core.people import Actor, ActorType
from valv.lifecycle import closing
from valv.storage import blobstore, keys
from valv.storage.models import SealingKey
from valv.tenants.models import Tenant
from valv.tenants.operations import create_tenant

pytestmark = [
    pytest.mark.usefixtures("acme"),
    pytest.mark.django_db(transaction=True),
]
LOG = ("audit_entry", "audit_tile", "audit_checkpoint")  # it is numbered meanwhile
ASKER = Actor(ActorType.OPERATOR, "bo")
PLACES: list[tuple[Any, str]] = [
    (closing, "_lock_out"),
    (closing, "export_whole"),
    (closing, "_destroy"),
    (keys, "destroy_all"),
    (closing, "_owned"),
    (closing, "_drop_all"),
    (closing, "_receipt"),
    (closing, "write_whole"),
    (closing, "_finish"),
]


def made(slug: str) -> Tenant:
    return create_tenant(
        slug, name=slug, region="SE", timezone="UTC", actor=OPERATOR, now=ago(0)
    )


def full(slug: str) -> Source:
    tenant = made(slug)
    source = Source.of(tenant)
    lay(Source(tenant, make_token(tenant), source.client), slug)
    return source


def small(slug: str) -> Tenant:
    """One call with its sound, of somebody."""
    source = Source.of(made(slug))
    start = "2026-11-20T09:00:00Z"
    source.put(slug, started_at=start, identifiers={"phone": PHONE}, subject="x")
    lay_content(source.tenant, int(source.id_of(slug)), body=b"said" * 9)
    return source.tenant


def left_of(tenant: Tenant) -> dict[str, int]:
    """Rows that bear the tenant's number, past every scope."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if any(f.attname == "tenant_id" for f in model._meta.fields):
                table = model._meta.db_table
                if model is not SealingKey:
                    sql = f"SELECT count(*) FROM {table} WHERE tenant_id = %s"  # noqa: S608
                    cursor.execute(sql, [tenant.id])
                    found[table] = cursor.fetchone()[0]
    held = SealingKey.objects.using("keys").filter(tenant_id=tenant.id)
    found["keys"] = held.count()
    return {name: count for name, count in found.items() if count}


def check_closed(tenant: Tenant, folder: Path) -> None:
    assert left_of(tenant) == {}
    assert list(blobstore.store().list(str(tenant.id))) == []
    assert not Tenant.objects.filter(id=tenant.id).exists()
    told = json.loads((folder / "receipt.json").read_bytes())
    script = [sys.executable, "scripts/verify_receipt.py"]
    command = [*script, str(folder / "receipt.json"), "--key", told["key"]]
    assert b"Proven" in subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("error", "done"),
    [(Killed, False), (OperationalError, True)],
    ids=["killed before", "answer lost"],
)
def test_a_closing_cut_short_anywhere_ends_the_same(
    borealis: Tenant, tmp_path: Path, error: type[BaseException], done: bool
) -> None:
    beside = Source.of(borealis)
    lay(Source(borealis, make_token(borealis), beside.client), "beside")
    theirs = rows(borealis, but=LOG), living(borealis), blobs(borealis)
    at = 1
    while True:
        tenant, folder = small(f"t{at}"), tmp_path / str(at)
        closing.ask(tenant, actor=ASKER, now=ago(0))
        faults = Faults(at, error, done=done)
        with failing(faults, PLACES), suppress(Killed, OperationalError):
            closing.close(tenant, folder, actor=OPERATOR, now=ago(0))
        if Tenant.objects.filter(id=tenant.id).exists():
            closing.close(tenant, folder, actor=OPERATOR, now=ago(0))
        check_closed(tenant, folder)
        if faults.calls < at:
            break
        at += 1
    assert (rows(borealis, but=LOG), living(borealis), blobs(borealis)) == theirs
    assert at > len(PLACES)


def test_what_is_handed_over_is_whole(tmp_path: Path) -> None:
    source = full("whole")
    closing.ask(source.tenant, actor=ASKER, now=ago(0))
    closing.close(source.tenant, tmp_path / "all", actor=OPERATOR, now=ago(0))

    lines = (tmp_path / "all" / "interactions.ndjson").read_text().splitlines()
    items = {one["session_id"]: one for one in map(json.loads, lines)}
    call = items["whole-call"]
    heard = tmp_path / "all" / "contents" / f"{call['id']}_recording_1.mp3"
    vcon = json.loads((tmp_path / f"all/vcons/{call['id']}.vcon.json").read_bytes())
    assert call["identifiers"]["phone"] == "+46701234567"
    assert heard.stat().st_size > 1000
    assert heard.name in vcon["dialog"][0]["url"]
    assert "whole-call" in (tmp_path / "all/raw-events.ndjson").read_text()
    assert (tmp_path / "all/audit-log.ndjson").stat().st_size > 100


def test_one_person_alone_closes_nothing(tmp_path: Path) -> None:
    tenant = full("alone").tenant
    closing.ask(tenant, actor=OPERATOR, now=ago(0))
    before = living(tenant)

    with pytest.raises(Refused):
        closing.close(tenant, tmp_path / "all", actor=OPERATOR, now=ago(0))

    assert living(tenant) == before


def test_a_hold_keeps_a_tenant_open(tmp_path: Path) -> None:
    from valv.archive.models import Interaction
    from valv.storage import scope

    tenant = full("held").tenant
    closing.ask(tenant, actor=ASKER, now=ago(0))
    with scope.writing(tenant.id):
        Interaction.objects.update(held=True)
    before = living(tenant)

    with pytest.raises(Refused):
        closing.close(tenant, tmp_path / "all", actor=OPERATOR, now=ago(0))

    assert living(tenant) == before
