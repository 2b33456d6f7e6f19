"""The two databases: the data, and the keys that make it readable.

Each is SQLite in the data folder until a URL names a PostgreSQL. The application
never works as PostgreSQL's administrator: when the URL names one, ``valv init``
makes a role that owns nothing, and its login is kept in ``database-role``.
"""

import json
from pathlib import Path
from typing import Any

from valv.config import env

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA secure_delete=ON;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-65536;"
    "PRAGMA mmap_size=1073741824;"
)
BUSY_SECONDS = 10
# Values go beside the statement, of which PostgreSQL's log may hold the text.
BOUND = {"OPTIONS": {"server_side_binding": True}}


def databases(data: Path) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: ``default``, ``keys``, and ``owner`` on PostgreSQL."""
    stated = env.database("VALV_DATABASE_URL", embedded=data / "valv.sqlite3")
    keys = env.database("VALV_KEYS_URL", embedded=data / "keys.sqlite3")
    found = {
        "default": _django(stated, role=data / "database-role"),
        "keys": _django(keys, role=data / "keys-role"),
    }
    if stated["vendor"] == "postgresql":
        found["owner"] = _django(stated, role=None)
    if keys["vendor"] == "postgresql":
        found["keys"] |= BOUND
        found["keys_owner"] = _django(keys, role=None)
    return found


def _django(stated: dict[str, Any], *, role: Path | None) -> dict[str, Any]:
    settings = dict(stated)
    if settings.pop("vendor") == "sqlite":
        return {
            **settings,
            "ENGINE": "django.db.backends.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "init_command": SQLITE_PRAGMAS,
                "transaction_mode": "IMMEDIATE",
                "timeout": BUSY_SECONDS,
            },
        }
    if role is not None and role.is_file():
        settings.update(json.loads(role.read_text(encoding="utf-8")))
    return {
        **settings,
        "ENGINE": "valv.storage.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
