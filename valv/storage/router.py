"""Which model lies in which database: keys apart from what they open."""

from typing import Any

KEY_MODELS = frozenset({"sealingkey", "keyinstallation", "masterchange"})
KEY_DATABASES = frozenset({"keys", "keys_owner"})


class Router:
    """Django's router; ``owner`` databases are only ever named outright."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "keys" if model._meta.model_name in KEY_MODELS else "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return self.db_for_read(model)

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool:
        if model_name is None:
            return bool(hints.get("keys")) == (db in KEY_DATABASES)
        return (model_name in KEY_MODELS) == (db in KEY_DATABASES)
