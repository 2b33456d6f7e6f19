"""Reading a few keys costs what a few keys cost, however many the tenant has."""

from typing import Any

import pytest
from django.db import connections

from valv.storage.keys import KEYS_DB, READ_KEYS
from valv.storage.raw import one_of


@pytest.mark.sqlite
@pytest.mark.django_db
def test_keys_are_read_by_the_primary_key() -> None:
    where, ids = one_of("object_id", [1, 2])
    with connections[KEYS_DB].cursor() as cursor:
        given: list[Any] = [4, *ids, 1]
        cursor.execute(f"EXPLAIN QUERY PLAN {READ_KEYS.format(where)}", given)
        plan = " ".join(str(row) for row in cursor.fetchall())

    assert "kind=? AND object_id=?" in plan
