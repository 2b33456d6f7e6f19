"""Django's PostgreSQL backend, with partitioned tables and prepared statements.

A model that inherits ``Monthly`` gets a table partitioned by the range of its
``partition_key``. Everything else is Django's own. What needs psycopg at every start
stands here, so that an archive on SQLite never loads it.
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import base, schema
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

PREPARE_AT_ONCE = 0
MOST_PREPARED = 300
CURSOR = "valv_cursor"


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    def table_sql(self, model: Any) -> tuple[str, Any]:
        sql, params = super().table_sql(model)
        key = getattr(model, "partition_key", None)
        if key is not None:
            sql = f"{sql} PARTITION BY RANGE ({self.quote_name(key)})"
        return sql, params


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor

    def prepared_cursor(self) -> psycopg.Cursor[Any]:
        """One cursor for each connection; a number is always sent as a bigint.

        Otherwise a statement would be planned again for each size of number.
        """
        connection: Any = self.connection
        cursor: psycopg.Cursor[Any] | None = getattr(connection, CURSOR, None)
        if cursor is None:
            connection.prepare_threshold = PREPARE_AT_ONCE
            connection.prepared_max = MOST_PREPARED
            cursor = psycopg.Cursor(connection)
            cursor.adapters.register_dumper(int, Int8Dumper)
            cursor.adapters.register_dumper(int, Int8BinaryDumper)
            setattr(connection, CURSOR, cursor)
        return cursor
