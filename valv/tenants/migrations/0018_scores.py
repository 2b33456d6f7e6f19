"""Scores of surveys that went have a time; who kept them keeps them for ever."""

from typing import Any

from django.db import migrations, models

# The owner of the table is held to one tenant like anybody, unless told otherwise.
OPEN = "ALTER TABLE storage_setting NO FORCE ROW LEVEL SECURITY"
CLOSED = "ALTER TABLE storage_setting FORCE ROW LEVEL SECURITY"
CARRY = (
    "UPDATE storage_setting SET scores = -1 WHERE tenant_id IN"
    " (SELECT id FROM tenant WHERE keep_scores) AND id IN"
    " (SELECT max(id) FROM storage_setting GROUP BY tenant_id)"
)


def carry(_apps: object, schema_editor: Any) -> None:
    is_walled = schema_editor.connection.vendor == "postgresql"
    for statement in (OPEN, CARRY, CLOSED) if is_walled else (CARRY,):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0017_keep_scores")]
    operations = [
        migrations.AddField(
            model_name="storagesetting",
            name="scores",
            field=models.IntegerField(default=0, null=True),
        ),
        migrations.RunPython(carry, migrations.RunPython.noop),
        migrations.RemoveField(model_name="tenant", name="keep_scores"),
    ]
