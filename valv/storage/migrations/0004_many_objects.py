"""An intent names all the objects of a kind that go together."""

from typing import Any

from django.db import migrations, models

# The owner of the table is held to one tenant like anybody, unless told otherwise.
OPEN = "ALTER TABLE intent NO FORCE ROW LEVEL SECURITY"
CLOSED = "ALTER TABLE intent FORCE ROW LEVEL SECURITY"
CARRY = {
    "postgresql": "UPDATE intent SET object_ids = jsonb_build_array(object_id)",
    "sqlite": "UPDATE intent SET object_ids = json_array(object_id)",
}


def carry(_apps: object, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    carried = CARRY[vendor]
    is_walled = vendor == "postgresql"
    for statement in (OPEN, carried, CLOSED) if is_walled else (carried,):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("storage", "0003_master_change")]
    operations = [
        migrations.AddField(
            model_name="intent",
            name="object_ids",
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(carry, migrations.RunPython.noop),
        migrations.RemoveField(model_name="intent", name="object_id"),
    ]
