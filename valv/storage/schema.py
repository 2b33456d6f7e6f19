"""Tables, roles and row-level security: what ``valv init`` and ``valv upgrade`` lay.

On PostgreSQL three roles are told apart: the administrator the URL names, who is used
here and nowhere else; the owner of the tables, who cannot sign in; and the
application's own role, which owns nothing and sees one tenant at a time.
"""

import json
import re
from pathlib import Path
from secrets import token_urlsafe

from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from valv.core.errors import Misconfigured

AT_THE_GATE = frozenset(
    {
        "valv_user",
        "api_token",
        "sign_in",
        "passkey",
        "support_person",
        "support_grant",
    }
)
TENANT_RULE = "tenant_id = nullif(current_setting('valv.tenant', true), '')::int"
GATE_RULE = "current_setting('valv.gate', true) = 'open'"
ADMINISTRATORS = {"default": "owner", "keys": "keys_owner"}
ROLE_FILES = {"default": "database-role", "keys": "keys-role"}

ENSURE_MONTH = """
CREATE OR REPLACE FUNCTION valv_ensure_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    lo bigint := (extract(epoch FROM first::timestamp AT TIME ZONE 'UTC') * 1000)
                 ::bigint << 21;
    hi bigint := (extract(epoch FROM (first + interval '1 month')::timestamp
                 AT TIME ZONE 'UTC') * 1000)::bigint << 21;
    parent text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('valv_ensure_month'));
    FOR parent IN SELECT c.relname FROM pg_class c
        WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.%I
            FOR VALUES FROM (%s) TO (%s)',
            parent || to_char(first, '_YYYYMM'), parent, lo, hi);
    END LOOP;
END $$
"""

# Interactions of any tenant, which only the owner sees, keep a month; and so does
# whoever is at it. What hangs on them goes too: what hung on none would be nobody's.
# They are sought by the index that the night finds them by: where the night has passed,
# it tells of those that are gone without a look at each. Without a sort, it is taken.
# If a policy was ever to hide one from the owner too, it fails rather than loses it.
DROP_MONTH = """
CREATE OR REPLACE FUNCTION valv_drop_month(month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET lock_timeout = '200ms' SET row_security = off
SET enable_sort = off
AS $$
DECLARE
    parts text[] := ARRAY(SELECT format('public.%I', c.relname)
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        JOIN pg_class p ON p.oid = i.inhparent
        WHERE p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace
          AND c.relname = p.relname || to_char(month, '_YYYYMM') ORDER BY 1);
    main text := format('public.%I', 'interaction' || to_char(month, '_YYYYMM'));
    seek text := format('SELECT id FROM %s'
        ' ORDER BY tenant_id, terms, aged_from, id LIMIT 1', main);
    any_id bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('valv_ensure_month'));
    IF main <> ALL (parts) THEN RETURN false; END IF;
    EXECUTE seek INTO any_id;
    IF any_id IS NOT NULL THEN RETURN false; END IF;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE',
        array_to_string(parts, ', '));
    EXECUTE seek INTO any_id;
    IF any_id IS NOT NULL THEN RETURN false; END IF;
    EXECUTE format('DROP TABLE %s', array_to_string(parts, ', '));
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$
"""
OF_MONTHS = (
    (ENSURE_MONTH, "valv_ensure_month(date)"),
    (DROP_MONTH, "valv_drop_month(date)"),
)

# What may change in a row of the audit log: it is numbered, cut, published or grown.
# What was done, when and about what never is. (A purge and a tenant's end take whole
# rows, so the application may delete them; the tree tells of it.)
MAY_CHANGE = {
    "audit_entry": (
        *("seq", "salts", "cuts", "mac"),
        *("actor", "actor_id", "reason", "identifier_id", "details"),
    ),
    "audit_tile": ("hashes",),
    "audit_checkpoint": ("published_at",),
}

# A destroyed key's row is cleared away within a minute or so of nobody needing it.
VACUUM_CLOSELY = (
    "ALTER TABLE sealing_key SET (autovacuum_vacuum_threshold = 0,"
    " autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0)"
)

# What the planner gathers of a column are copies of its values, and outlive the rows.
# With a column's type go those that there are, even where it is the same type again.
WITHOUT_STATISTICS = {"sealing_key": "wrapped", "audit_entry": "salts"}
GATHER_NONE = (
    "ALTER TABLE {table} ALTER {column} TYPE bytea, ALTER {column} SET STATISTICS 0"
)


def prepare(data: Path) -> None:
    """Bring both databases to the newest schema; safe to repeat.

    Raises Misconfigured with what to do where a role lacks a right.
    """
    for alias in ("keys", "default"):
        administrator = ADMINISTRATORS[alias]
        if administrator not in connections.databases:
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        elif _may_build(connections[administrator]):
            _prepare_postgresql(alias, data / ROLE_FILES[alias])


def _may_build(connection: BaseDatabaseWrapper) -> bool:
    """Whether the URL's own role is more than the application's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolcreaterole OR"
            " pg_has_role(oid, (SELECT datdba FROM pg_database"
            " WHERE datname = current_database()), 'USAGE')"
            " FROM pg_roles WHERE rolname = session_user"
        )
        return bool(cursor.fetchone()[0])


def _prepare_postgresql(alias: str, role_file: Path) -> None:
    connection = connections[ADMINISTRATORS[alias]]
    name = _role_name(connection)
    owner, app = f"{name}_owner", f"{name}_app"
    try:
        _make_owner(connection, owner)
        _as_owner(connection, owner)
        login = _make_app(connection, app, role_file)
        call_command(
            "migrate", database=connection.alias, verbosity=0, interactive=False
        )
        _as_owner(connection, owner)
        _fortify(connection, app)
        _leave_no_copies(connection)
    except DatabaseError as error:
        raise Misconfigured(
            "PostgreSQL refused to lay the tables: the role in the URL must be a "
            "superuser, or own the database and have CREATEROLE "
            f"({str(error).splitlines()[0]})."
        ) from None
    _write_role(role_file, login)
    connections.databases[alias].update(login)
    connections[alias].close()
    connections[alias].settings_dict.update(login)


def _role_name(connection: BaseDatabaseWrapper) -> str:
    database = str(connection.settings_dict["NAME"])
    return "valv_" + re.sub(r"[^a-z0-9_]", "_", database.lower())[:40]


def _make_owner(connection: BaseDatabaseWrapper, owner: str) -> None:
    _run(connection, _if_no_role(owner, "NOLOGIN NOSUPERUSER NOBYPASSRLS"))
    _run(connection, sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
    _run(
        connection,
        sql.SQL("GRANT CREATE, USAGE ON SCHEMA public TO {}").format(
            sql.Identifier(owner)
        ),
    )


def _as_owner(connection: BaseDatabaseWrapper, owner: str) -> None:
    _run(connection, sql.SQL("SET ROLE {}").format(sql.Identifier(owner)))


def _make_app(
    connection: BaseDatabaseWrapper, app: str, role_file: Path
) -> dict[str, str]:
    """Make the application's role once; its password is only in ``role_file``.

    The server is told what it would keep of it: a statement may be logged.
    """
    if role_file.is_file():
        login: dict[str, str] = json.loads(role_file.read_text(encoding="utf-8"))
        return login
    password = token_urlsafe(32)
    _run(connection, sql.SQL("RESET ROLE"))
    _run(connection, _if_no_role(app, "LOGIN NOSUPERUSER NOBYPASSRLS"))
    link = connection.connection.pgconn
    kept = link.encrypt_password(password.encode(), app.encode()).decode()
    _run(
        connection,
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(app), sql.Literal(kept)
        ),
    )
    _as_owner(connection, app.removesuffix("_app") + "_owner")
    return {"USER": app, "PASSWORD": password}


def _if_no_role(role: str, rights: str) -> sql.Composable:
    return sql.SQL(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name})"
        " THEN CREATE ROLE {role} {rights}; END IF; END $$"
    ).format(name=sql.Literal(role), role=sql.Identifier(role), rights=sql.SQL(rights))


def _write_role(role_file: Path, login: dict[str, str]) -> None:
    role_file.touch(mode=0o600, exist_ok=True)
    role_file.write_text(json.dumps(login), encoding="utf-8")


def _fortify(connection: BaseDatabaseWrapper, app: str) -> None:
    """Grants for the application, and the tenant's policy on every tenant's table."""
    grants = [
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}",
    ]
    for function, name in OF_MONTHS:
        _run(connection, function)
        _run(connection, f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        grants.append(f"GRANT EXECUTE ON FUNCTION {name} TO {{}}")
    for grant in grants:
        _run(connection, sql.SQL(grant).format(sql.Identifier(app)))
    for table in _tables(connection):
        _grant(connection, table, app)
    for table in _tables(connection, having="tenant_id"):
        _lock(connection, table)
    if connection.alias == ADMINISTRATORS["keys"]:
        _run(connection, VACUUM_CLOSELY)


def _leave_no_copies(connection: BaseDatabaseWrapper) -> None:
    """Keep what must leave no trace out of the planner's statistics, and clear them.

    Where the URL's role does not own the database PostgreSQL passes over the clearing
    (see docs/storage.md).
    """
    for table in set(_tables(connection)) & WITHOUT_STATISTICS.keys():
        column = sql.Identifier(WITHOUT_STATISTICS[table])
        statement = sql.SQL(GATHER_NONE)
        _run(connection, statement.format(table=sql.Identifier(table), column=column))
    _run(connection, "RESET ROLE")
    _run(connection, "VACUUM FULL pg_statistic")


def _grant(connection: BaseDatabaseWrapper, table: str, app: str) -> None:
    """What the application may do; where it once might do more, that is taken back."""
    grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {app}"
    if table in MAY_CHANGE:  # both at once, so that nobody is refused in between
        grant = (
            "REVOKE UPDATE ON {table} FROM {app};"
            " GRANT SELECT, INSERT, UPDATE ({columns}), DELETE ON {table} TO {app}"
        )
    columns = map(sql.Identifier, MAY_CHANGE.get(table, ()))
    statement = sql.SQL(grant).format(
        table=sql.Identifier(table),
        app=sql.Identifier(app),
        columns=sql.SQL(", ").join(columns),
    )
    _run(connection, statement)


def _lock(connection: BaseDatabaseWrapper, table: str) -> None:
    if connection.alias != ADMINISTRATORS["default"]:
        return
    rule = f"({TENANT_RULE} OR {GATE_RULE})" if table in AT_THE_GATE else TENANT_RULE
    name = sql.Identifier(table)
    for statement in (
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        "DROP POLICY IF EXISTS one_tenant ON {table}",
        "CREATE POLICY one_tenant ON {table} USING ({rule}) WITH CHECK ({rule})",
    ):
        _run(connection, sql.SQL(statement).format(table=name, rule=sql.SQL(rule)))


def _tables(connection: BaseDatabaseWrapper, having: str = "") -> list[str]:
    """Tables of the schema that are no partitions, perhaps only those with a column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c"
            " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND c.relnamespace = 'public'::regnamespace AND (%s = '' OR EXISTS ("
            "  SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
            "  AND a.attname = %s AND NOT a.attisdropped)) ORDER BY 1",
            [having, having],
        )
        return [name for (name,) in cursor.fetchall()]


def _run(connection: BaseDatabaseWrapper, statement: str | sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
