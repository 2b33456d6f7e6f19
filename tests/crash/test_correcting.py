"""A correction, cut short at every step, both ways: done, and not.

Whoever looks then finds the wrong one or the right one, whole, and never both; what is
asked again ends the same, entered once, and no living key opens the wrong one.
"""

from contextlib import suppress
from typing import Any

import pytest
from django.db import OperationalError

from tests.cast import OPERATOR
from tests.crash.faults import Faults, Killed, failing
from tests.intake.asking import Source, event
from tests.laws.laying import ago, blobs, living
from valv.archive.models import Identifier, Interaction, PreparedFile, PreparedPart
from valv.audit.models import Entry
from valv.audit.verify import verify
from valv.core.identifiers import Kind
from valv.core.permissions import Right
from valv.lifecycle import corrections
from valv.storage import blobstore, intents, keys, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
WRONG, RIGHT, NAME = "+46701740605", "+46701740606", "Anna Ek"
PLACES: list[tuple[Any, str]] = [
    (corrections, "resolve"),
    (corrections, "record"),
    (corrections, "remove_unused"),
    (intents, "commit"),
    (keys, "destroy"),
    (intents, "_discard"),
    (intents, "_strike"),
]


def plant(source: Source, session: str) -> str:
    """A call told with a wrong number, in raw data too, and a file made from it."""
    party = {"phone": WRONG, "name": NAME}
    who: dict[str, Any] = {"session": session, "media": "phone", "identifiers": party}
    start = event(0, "session.started", **who)
    source.tell(start, event(9, "session.ended", session=session))
    call = str(source.id_of(session))
    lay_file(source.tenant, int(call))
    return call


def lay_file(tenant: Tenant, call: int) -> None:
    blob = f"{tenant.id}/{call:x}.file"
    keys.create(tenant.id, KeyKind.CONTENT, [call])
    blobstore.store().put(blob, [b"sealed"])
    with scope.writing(tenant.id):
        times = {"created_at": ago(0), "expires_at": ago(-1)}
        PreparedFile.objects.create(id=call, job_id=1, n=1, blob=blob, **times)
        PreparedPart.objects.create(file_id=call, interaction_id=call)


def correct(tenant: Tenant, call: str) -> None:
    caller = Caller(tenant, OPERATOR, frozenset(Right))
    corrections.correct(
        caller, int(call), Kind.PHONE, RIGHT, reason="Misheard", now=ago(0)
    )


def seen(source: Source, call: str) -> tuple[Any, bool, int]:
    """Whom it is with, whether raw data tells the wrong one, and how many entries."""
    item = source.ask("GET", f"/interactions/{call}").json()
    events = source.ask("GET", f"/raw-events?session={item['session_id']}")
    entries = source.rows(Entry, action="correct", interaction_id=int(call))
    tells_wrong = WRONG.encode() in events.getvalue()
    return item["identifiers"]["phone"], tells_wrong, len(entries)


def keyed(source: Source, kind: KeyKind) -> set[int]:
    return {id_ for of, id_ in living(source.tenant) if of == kind}


def check_corrected(source: Source, call: str, wrong: set[int]) -> None:
    assert seen(source, call) == (RIGHT, False, 1)
    known = {one.id for one in source.rows(Identifier)}
    assert len(known) == 2  # the right one, and the name that came with it
    assert not wrong & (known | keyed(source, KeyKind.IDENTIFIER))
    assert keyed(source, KeyKind.CONTENT) | blobs(source.tenant) == set()
    assert source.rows(PreparedFile) + source.rows(Intent) == []


@pytest.mark.parametrize(
    ("error", "done"),
    [(Killed, False), (OperationalError, True)],
    ids=["killed before", "answer lost"],
)
def test_a_correction_cut_short_anywhere_ends_the_same(
    acme: Tenant, error: type[BaseException], done: bool
) -> None:
    source, at, calls = Source.of(acme), 0, 0
    while calls >= at:
        at += 1
        call = plant(source, f"at-{at}")
        (row,) = source.rows(Interaction, id=int(call))
        faults = Faults(at, error, done=done)
        with failing(faults, PLACES), suppress(Killed, OperationalError):
            correct(acme, call)
        calls = faults.calls
        assert seen(source, call) in [(WRONG, True, 0), (RIGHT, False, 1)]
        if calls >= at:
            intents.resume(acme.id)
            correct(acme, call)
        check_corrected(source, call, {row.phone_id, row.name_id})
    assert at > len(PLACES)
    assert verify(acme.id).ok
