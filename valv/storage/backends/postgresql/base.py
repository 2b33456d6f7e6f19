"""Django's PostgreSQL backend, with partitioned tables and prepared statements.

A model that inherits ``Monthly`` gets a table partitioned by the range of its
``partition_key``. What is announced to a transaction goes along with its first word,
and one that is taken back forgets no prepared statement. Everything else is Django's
own. What needs psycopg at every start stands here, so that an archive on SQLite never
loads it.
"""

from typing import Any

import psycopg
from django.db import DatabaseError
from django.db.backends.postgresql import base, schema
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.types.array import ListBinaryDumper
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

PREPARE_AT_ONCE = 0
MOST_PREPARED = 300
CURSOR = "valv_cursor"
# The last is for what ``prepared_cursor`` prepares: planning costs more than running.
SETTINGS = (
    "SET LOCAL valv.tenant = '{}'; SET LOCAL valv.gate = '{}';"
    " SET LOCAL plan_cache_mode = force_generic_plan"
)
NOTHING = SETTINGS.format("", "")
UNCOMPILED = "SET jit = off"
UNTOLD = "SET log_parameter_max_length_on_error = 0"
DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    def table_sql(self, model: Any) -> tuple[str, Any]:
        sql, params = super().table_sql(model)
        key = getattr(model, "partition_key", None)
        if key is not None:
            sql = f"{sql} PARTITION BY RANGE ({self.quote_name(key)})"
        return sql, params


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._coming: list[str] = []
        self._told = NOTHING
        self._told_before: dict[str, str] = {}

    def init_connection_state(self) -> None:
        """No plan is compiled: over many months that takes seconds, and saves none.

        And the server's log does not tell what a statement bound that failed.
        """
        super().init_connection_state()
        connection: Any = self.connection
        connection.execute(f"{UNCOMPILED}; {UNTOLD}")

    def announce(self, tenant_id: int | None, *, gate: bool, one_moment: bool) -> None:
        """Say whose rows may be seen in the transaction, or part of one, that is next.

        What was said before holds again when that part is over.
        """
        tenant = "" if tenant_id is None else str(int(tenant_id))
        told = SETTINGS.format(tenant, "open" if gate else "")
        self._coming = [ONE_MOMENT, told] if one_moment else [told]

    def withdraw(self) -> None:
        """Nothing began: what was announced is not said to what begins later."""
        self._coming = []

    def _announced(self) -> list[str]:
        coming, self._coming = self._coming, []
        self._told = coming[-1] if coming else self._told
        return coming

    def _start_transaction_under_autocommit(self) -> None:
        connection: Any = self.connection
        connection.autocommit = False
        self._told = NOTHING
        self._told_before.clear()
        try:
            self._say("BEGIN", *self._announced())
        except DatabaseError:
            self.close()  # it may be lost, and the next one connects anew
            raise

    def _savepoint(self, sid: str) -> None:
        self._told_before[sid] = self._told
        self._say(self.ops.savepoint_create_sql(sid), *self._announced())

    def _savepoint_commit(self, sid: str) -> None:
        before, now = self._told_before.pop(sid), self._told
        self._told = before
        again = [] if before == now else [before]
        self._say(*again, self.ops.savepoint_commit_sql(sid))

    def _savepoint_rollback(self, sid: str) -> None:
        self._say(self.ops.savepoint_rollback_sql(sid))

    def _rollback(self) -> None:
        """Else psycopg has all planned anew that is prepared, at each refusal."""
        connection = self.connection
        idle = TransactionStatus.IDLE
        if connection is not None and connection.pgconn.transaction_status != idle:
            self._say("ROLLBACK")

    def _say(self, *statements: str) -> None:
        """All in one round trip, and past psycopg, which heeds each ROLLBACK."""
        connection: Any = self.connection
        with self.wrap_database_errors:
            result = connection.pgconn.exec_("; ".join(statements).encode())
            if connection.closed:
                raise psycopg.OperationalError(result.get_error_message())
            if result.status not in DONE:
                raise error_from_result(result)

    def prepared_cursor(self) -> psycopg.Cursor[Any]:
        """One cursor for each connection; a number is always sent as a bigint.

        Otherwise a statement would be planned again for each size of number. A list is
        sent as binary, or psycopg escapes each of its values as text.
        """
        connection: Any = self.connection
        cursor: psycopg.Cursor[Any] | None = getattr(connection, CURSOR, None)
        if cursor is None:
            connection.prepare_threshold = PREPARE_AT_ONCE
            connection.prepared_max = MOST_PREPARED
            cursor = psycopg.Cursor(connection)
            cursor.adapters.register_dumper(int, Int8Dumper)
            cursor.adapters.register_dumper(int, Int8BinaryDumper)
            cursor.adapters.register_dumper(list, ListBinaryDumper)
            setattr(connection, CURSOR, cursor)
        return cursor
