"""The night's purge of whole interactions, beside batches written by hand.

    python -m bench.purge --database sqlite|postgresql [--size N | --small]

Both take as many interactions of one tenant, with content, surveys, entries of the log
and identifiers that no other interaction has, and destroy the keys of these and of
texts; by hand nothing is locked, counted or entered, nothing else is looked for that
points at them, and no leaf of the log stays.

On PostgreSQL then a closed month of all tenants, and the files that are left of it when
its rows have gone, each beside a DROP of the month after it, emptied alike: files that
were just written to take a disk longer to let go than those that lay still.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bench.generate import generate
from bench.place import NOW, Place, prepare

if TYPE_CHECKING:
    from psycopg import Connection

    from valv.tenants.models import Tenant

SIZE, SMALL = 1_000_000, 10_000
MOST = 20_000
BATCH = 2_000
TARGET = 0.6
CHILDREN = (
    "content",
    "survey",
    "participation",
    "raw_event",
    "registration",
    "other_party",
    "consent",
    "chat_copy",
    "chat_part",
    "audit_entry",
)
WHOLE = ("interaction", "id")

IDENTIFIERS = ("phone_id", "email_id", "name_id", "handle_id")
UNUSED = "DELETE FROM identifier WHERE {} AND {}" + "".join(
    " AND NOT EXISTS (SELECT 1 FROM interaction AS i WHERE"
    f" i.tenant_id = identifier.tenant_id AND i.{column} = identifier.id)"
    for column in IDENTIFIERS
)


def main() -> int:
    asked = _asked()
    size = SMALL if asked.small else asked.size
    place = prepare(asked.database)
    populations = generate(place, size=size)
    import valv.lifecycle.whole  # noqa: F401 -- loaded before anything is timed
    from valv.tenants.models import Tenant

    tenant = Tenant.objects.get(id=populations[0].tenant_id)
    count = min(MOST, size // 10)
    ours, by_hand = _rates(tenant, count)
    print(
        f"  {'whole interactions/s':28} {ours:9.2f} beside {by_hand:9.2f}"
        f" ratio {ours / by_hand:5.2f} (≥ {TARGET})",
        flush=True,
    )
    if place.server is not None:
        _tell_month(place, [population.tenant_id for population in populations])
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.purge")
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--small", action="store_true", help="for a machine of tests")
    return parser.parse_known_args()[0]


def _rates(tenant: "Tenant", count: int) -> tuple[float, float]:
    """Interactions a second, ours and by hand; each is first at cold pages once."""
    took: dict[bool, float] = {True: 0.0, False: 0.0}
    for is_ours, before in zip(
        (True, False, False, True), _moments(tenant, count // 2), strict=True
    ):
        act = _purge if is_ours else _by_hand
        took[is_ours] += _timed(lambda act=act, before=before: act(tenant, before))
    return count / took[True], count / took[False]


def _moments(tenant: "Tenant", count: int) -> list[datetime]:
    """Four, before each of which there are ``count`` interactions more.

    Of interactions that all take as long.
    """
    from valv.archive.models import Interaction
    from valv.storage import scope

    with scope.reading(tenant.id):
        ages = Interaction.objects.order_by("aged_from")
        found = ages.values_list("aged_from", flat=True)[: 4 * count + 1]
        listed = list(found)
    return [listed[n * count] for n in range(1, 5)]


def _purge(tenant: "Tenant", before: datetime) -> None:
    from valv.core.people import SYSTEM
    from valv.lifecycle import whole
    from valv.lifecycle.due import Due, kept_by
    from valv.lifecycle.night import Night
    from valv.storage import scope
    from valv.tenants.storage_terms import book

    with scope.reading(tenant.id):
        (kept,) = kept_by(book())
    night = Night(tenant, SYSTEM, NOW, note=lambda _: None)
    whole.purge_general(night, Due(kept, before))


def _tell_month(place: Place, tenant_ids: list[int]) -> None:
    """The second month of the year that was laid: the first may have begun.

    Its last calls end in the month after it.
    """
    import psycopg

    from valv.storage import months
    from valv.tenants.models import Tenant

    first = _months_later(NOW.date(), -10)
    begins, ends, later = (
        datetime.combine(_months_later(first, n), time(1), tzinfo=UTC) for n in range(3)
    )
    tenants = list(Tenant.objects.filter(id__in=tenant_ids))
    _purge_all(tenants, begins)
    months.drop_empty(before=begins.date())
    gone: list[date] = []
    rows, files = _timed(lambda: _purge_all(tenants, ends)), 0.0
    _purge_all(tenants, later)
    while begins.date() not in gone:  # it stays while a vacuum is at its files
        files = _timed(lambda: gone.extend(months.drop_empty(before=ends.date())))
    with psycopg.connect(place.superuser_url("data"), autocommit=True) as able:
        dropped = _timed(lambda: _drop(able, ends.date()))
    for name, took in (
        ("a closed month, ms", rows + files),
        ("files of it alone, ms", files),
    ):
        told = f"{took * 1000:9.2f} beside {dropped * 1000:9.2f}"
        print(f"  {name:28} {told} ratio {took / dropped:5.2f} (≤ 2.0)", flush=True)


def _purge_all(tenants: "list[Tenant]", before: datetime) -> None:
    for tenant in tenants:
        _purge(tenant, before)


def _months_later(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _drop(able: "Connection", month: date) -> None:
    parts = able.execute(
        "SELECT string_agg(oid::regclass::text, ', ') FROM pg_class"
        " WHERE relispartition AND relkind = 'r' AND relname LIKE %s",
        [f"%\\_{month:%Y%m}"],
    ).fetchone()
    assert parts
    able.execute(f"DROP TABLE {parts[0]}")


def _by_hand(tenant: "Tenant", before: datetime) -> None:
    from valv.core.ids import unix_ms
    from valv.storage import keys, scope
    from valv.storage.keys import KeyKind
    from valv.storage.raw import rows

    due = (
        f"SELECT id, session_id, {', '.join(IDENTIFIERS)} FROM interaction"
        " WHERE tenant_id = %s AND started_at < %s AND aged_from < %s"
        " ORDER BY started_at, id LIMIT %s"
    )
    moment = unix_ms(before)
    while True:
        with scope.writing(tenant.id):
            found = rows(due, [tenant.id, moment, moment, BATCH])
            gone = _delete_rows(tenant, found)
        if not found:
            return
        ids = [row[0] for row in found]
        keys.destroy(tenant.id, {KeyKind.TEXT: ids, KeyKind.IDENTIFIER: gone})
        keys.is_settled()


def _delete_rows(tenant: "Tenant", found: list[tuple[Any, ...]]) -> list[int]:
    """Interactions, what hangs on them, and identifiers, whose ids it answers."""
    from django.db import connection

    from valv.storage.raw import change, one_of, ours, rows

    names = [(tenant.id, name) for _, name, *_ in found]
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM session WHERE tenant_id = %s AND session_id = %s", names
        )
    ids = [row[0] for row in found]
    for table, column in (*((child, "interaction_id") for child in CHILDREN), WHOLE):
        where, values = one_of(column, ids)
        sql = f"DELETE FROM {table} WHERE {ours()} AND {where}"
        change(sql, [tenant.id, *values])
    people = {id_ for row in found for id_ in row[2:] if id_ is not None}
    where, values = one_of("id", people)
    sql = f"{UNUSED.format(ours(), where)} RETURNING id"
    return [id_ for (id_,) in rows(sql, [tenant.id, *values])]


def _timed(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
