"""The pair of databases that belong together, and the key that opens them."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from valv.core.errors import Misconfigured
from valv.storage import masters
from valv.storage.keys import KEYS_DB
from valv.storage.models import Installation, KeyInstallation, SealingKey

RESTORING = "restoring"  # a file in the data folder while a copy is put back
NO_COPIES = (
    "Nobody has confirmed that copies of the master key and the key database are "
    "kept elsewhere. Without them nothing here can be read. Keep copies, then run "
    "`valv keys confirm`."
)
UNDER_WAY = (
    "A change of the master key began on {on} and has not ended: the old one still "
    "opens everything. Run `valv keys rotate` again."
)
# What statements bind is told where it tells of statements, unless it may be 0 long.
IN_LOG = (
    "SELECT current_user, current_setting('log_parameter_max_length') <> '0' AND ("
    " current_setting('log_statement') IN ('mod', 'all')"
    " OR current_setting('log_min_duration_statement') <> '-1'"
    " OR current_setting('log_min_duration_sample') <> '-1'"
    " OR current_setting('log_transaction_sample_rate') <> '0')"
)
TOLD = (
    "PostgreSQL's log may hold keys, wrapped, for longer than they live. Let a "
    "superuser run in the key database: ALTER ROLE {role} SET "
    "log_parameter_max_length = 0."
)
WAL_KEPT = (
    "SELECT current_user, current_setting('archive_mode') <> 'off'"
    " OR EXISTS (SELECT FROM pg_replication_slots WHERE NOT active)"
)
KEPT = (
    "The key database's PostgreSQL archives its write-ahead log, or keeps it for a "
    "replica that is away: destroyed keys stay there, wrapped. Let the keys lie in a "
    "server of their own that does not, or drop the slot."
)


def begin(*, now: datetime) -> bool:
    """Mark both databases as one installation; answers whether it was new.

    Raises Misconfigured if the key database is in use already: its mark and the proof
    of its master key are never written over.
    """
    if Installation.objects.exists():
        check()
        return False
    if SealingKey.objects.using(KEYS_DB).exists():
        raise Misconfigured(
            "The key database holds the keys of another archive, and this data is "
            "empty. Correct VALV_DATABASE_URL or VALV_DATA, or name an empty key "
            "database in VALV_KEYS_URL."
        )
    mark = uuid4()
    sealed = masters.check_value(masters.own())
    KeyInstallation.objects.using(KEYS_DB).update_or_create(
        id=1, defaults={"installation_id": mark, "check_value": sealed}
    )
    Installation.objects.create(installation_id=mark, created_at=now)
    return True


def check() -> None:
    """Raises Misconfigured unless key, key database, data and schema fit together."""
    _check_schema()
    data, keys = Installation.objects.first(), _key_half()
    if data is None or keys is None:
        raise Misconfigured("There is no archive here yet. Run `valv init` first.")
    _check_master(bytes(keys.check_value))
    if data.installation_id != keys.installation_id:
        raise Misconfigured(
            "The key database belongs to another installation. Put back the one that "
            "belongs to this data, or correct VALV_KEYS_URL."
        )
    if data.generation > keys.generation:
        raise Misconfigured(
            "The key database is older than the data: keys that were destroyed would "
            "live again. Put back the newest copy of the key database."
        )


def _key_half() -> KeyInstallation | None:
    return KeyInstallation.objects.using(KEYS_DB).first()


def _check_master(sealed: bytes) -> None:
    """Raises Misconfigured unless the master key is here and opens the keys."""
    masters.key_that_opens(sealed)


def refuse_another_key() -> None:
    """Raises Misconfigured if there are keys already that only their own key opens."""
    if _key_half() is not None:
        raise Misconfigured(masters.NONE_HERE)


def _check_schema() -> None:
    for alias in ("default", KEYS_DB):
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise Misconfigured(
                "The database has an older schema than this Valv. Make a backup, then "
                "run `valv upgrade`."
            )
        loader = executor.loader
        if loader.applied_migrations.keys() - loader.graph.nodes.keys():
            raise Misconfigured(
                "The database was laid by a newer Valv than this one. Install that "
                "version again, or restore the backup made before the upgrade."
            )


def confirm_copies(*, now: datetime) -> None:
    """Note that the operator keeps copies of master key and key database elsewhere."""
    KeyInstallation.objects.using(KEYS_DB).update(copy_confirmed_at=now)


def warnings() -> list[str]:
    """What an operator should mend, one sentence each."""
    half, change = _key_half(), masters.under_way()
    said = (
        [] if change is None else [UNDER_WAY.format(on=f"{change.begun_at:%Y-%m-%d}")]
    )
    if half is not None and half.copy_confirmed_at is None:
        said.append(NO_COPIES)
    return said + list(_outliving())


def _outliving() -> Iterator[str]:
    """What PostgreSQL is set to keep of keys for longer than they live."""
    keys_db = connections[KEYS_DB]
    if keys_db.vendor != "postgresql":
        return
    for question, sentence in ((IN_LOG, TOLD), (WAL_KEPT, KEPT)):
        with keys_db.cursor() as cursor:
            cursor.execute(question)
            role, is_so = cursor.fetchone()
        if is_so:
            yield sentence.format(role=role)
