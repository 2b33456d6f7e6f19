"""What is refused at the start, each with a sentence that says what to do."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections

from valv.audit import publishing
from valv.core.errors import Misconfigured
from valv.jobs.command import LAYS_GROUND
from valv.storage import blobstore, installation

DATA, KEYS = "default", "keys"
HELP = frozenset({"-h", "--help"})


def check_start(argv: Sequence[str]) -> None:
    """Raises Misconfigured unless the command may work on this installation."""
    command = next((word for word in argv if not word.startswith("-")), "--help")
    if command in LAYS_GROUND | HELP or HELP & set(argv):
        return
    _check_files()
    blobstore.store()
    publishing.outlet()
    try:
        installation.check()
        _check_role()
    except DatabaseError as error:
        raise Misconfigured(
            "The database cannot be used: it does not answer, is not set up, or is "
            "not Valv's to write to. Run `valv init`, or correct VALV_DATABASE_URL "
            f"({type(error).__name__})."
        ) from None


def _check_files() -> None:
    """SQLite would make what is missing, empty, and nobody would miss it."""
    if (settings.VALV_DATA / installation.RESTORING).exists():
        raise Misconfigured(
            "A copy was being put back, and that has not come to its end. Run the same "
            "`valv restore` again."
        )
    missing = {alias for alias in (DATA, KEYS) if _is_missing(alias)}
    if DATA in missing:
        raise Misconfigured(
            "There is no archive here yet. Run `valv init`, or set VALV_DATA to the "
            "folder where it lies."
        )
    if KEYS in missing:
        raise Misconfigured(
            "The key database is not where it should be, and nothing can be read "
            "without it. Put back its newest copy, or correct VALV_KEYS_URL."
        )


def _is_missing(alias: str) -> bool:
    connection = connections[alias]
    name = str(connection.settings_dict["NAME"])
    return connection.vendor == "sqlite" and not Path(name).is_file()


def _check_role() -> None:
    """On PostgreSQL the application may neither own tables nor pass over policies."""
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(rolsuper OR rolbypassrls), (SELECT count(*) FROM pg_class c"
            " WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE'))"
            " FROM pg_roles WHERE rolname IN (session_user, current_user)"
        )
        powerful, owned = cursor.fetchone()
    if powerful or owned:
        raise Misconfigured(
            "Valv will not work as a PostgreSQL role that is a superuser or owns the "
            "tables. Run `valv upgrade` with this URL once to make the application's "
            "role, or name that role in VALV_DATABASE_URL."
        )
