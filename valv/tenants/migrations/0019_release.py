"""Releasing a hold was part of ``holds`` and is a right of its own; nobody loses it."""

import json
from typing import Any

from django.db import migrations

# The owner of the tables is held to one tenant like anybody, unless told otherwise.
OPEN = "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY"
CLOSED = "ALTER TABLE {} FORCE ROW LEVEL SECURITY"
WALLED = ("user_group", "valv_user")


def split(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection
    walled = WALLED if database.vendor == "postgresql" else ()
    for table in walled:
        schema_editor.execute(OPEN.format(table))
    for name in ("Tenant", "UserGroup", "User"):
        levels = apps.get_model("tenants", name)._base_manager
        for level in levels.using(database.alias).all():
            _split(level)
            level.save(using=database.alias)
    for table in walled:
        schema_editor.execute(CLOSED.format(table))


def _split(level: Any) -> None:
    level.stated = _stated(level.stated)
    if hasattr(level, "rights"):
        level.rights = _granted(level.rights)


def _stated(text: str) -> str:
    stated = json.loads(text)
    if "holds" in stated.get("grant", ()):
        stated["grant"] = _granted(stated["grant"])
    return json.dumps(stated)


def _granted(rights: list[str]) -> list[str]:
    return sorted({*rights, "release"}) if "holds" in rights else rights


class Migration(migrations.Migration):
    dependencies = [("tenants", "0018_scores")]
    operations = [migrations.RunPython(split, migrations.RunPython.noop)]
