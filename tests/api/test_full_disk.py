"""When the disk is full nothing is half written, and once there is room it goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from django.db import connections

from tests.intake.asking import Source, event
from valv.archive.models import Interaction, RawEvent, Session
from valv.audit.models import Entry
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
MANY = [
    event(n, "session.started", session=f"S{n}", media="phone", subject="x" * 1900)
    for n in range(200)
]
NO_LIMIT = 1_073_741_823


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


@contextmanager
def full(alias: str) -> Iterator[None]:
    """The database may not grow: what SQLite says then is what it says of a disk."""
    with connections[alias].cursor() as cursor:
        cursor.execute("VACUUM")  # or what was removed before leaves room
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {NO_LIMIT}")


@pytest.mark.parametrize("alias", ["default", "keys"])
def test_a_full_database_takes_all_or_nothing(source: Source, alias: str) -> None:
    body = b"\n".join(map(msgspec.json.encode, MANY))
    with full(alias):
        refused = source.ask("POST", "/events", body)
        searched = source.ask("GET", "/interactions")

    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    assert "no room on disk" in refused.json()["detail"]
    assert (searched.status_code, searched.json()["items"]) == (200, [])
    for model in (Interaction, Session, RawEvent):
        assert source.rows(model) == []
    assert source.rows(Entry, action="receive") == []

    assert source.ask("POST", "/events", body).json()["accepted"] == len(MANY)
