"""Django's PostgreSQL backend, with partitioned tables.

A model that inherits ``Monthly`` gets a table partitioned by the range of its
``partition_key``. Everything else is Django's own.
"""

from typing import Any

from django.db.backends.postgresql import base, schema


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    def table_sql(self, model: Any) -> tuple[str, Any]:
        sql, params = super().table_sql(model)
        key = getattr(model, "partition_key", None)
        if key is not None:
            sql = f"{sql} PARTITION BY RANGE ({self.quote_name(key)})"
        return sql, params


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
