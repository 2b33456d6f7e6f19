"""PostgreSQL as the role that owns the tables, which the application is not."""

import os

import psycopg


def as_owner(*statements: str) -> None:
    with psycopg.connect(os.environ["VALV_DATABASE_URL"]) as connection:
        connection.execute(
            "SELECT set_config('role', (SELECT tableowner FROM pg_tables"
            " WHERE tablename = 'audit_entry'), true)"
        )
        for statement in statements:
            connection.execute(statement.encode())
