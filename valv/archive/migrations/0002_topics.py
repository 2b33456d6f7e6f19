"""Topics stand once; what was registered refers to them, and knows its start."""

from typing import Any

import valv.storage.fields
import valv.storage.scope
from django.db import migrations, models

# The owner of the tables is held to one tenant like anybody, unless told otherwise.
OPEN = "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY"
CLOSED = "ALTER TABLE {} FORCE ROW LEVEL SECURITY"
READ = ("interaction", "registration", "topic")
FILL = (
    "INSERT INTO topic (tenant_id, category, name)"
    " SELECT DISTINCT tenant_id, category, topic FROM registration",
    "UPDATE registration SET"
    " topic_id = (SELECT t.id FROM topic t WHERE t.tenant_id = registration.tenant_id"
    "  AND t.category = registration.category AND t.name = registration.topic),"
    " started_at = coalesce((SELECT i.started_at FROM interaction i"
    "  WHERE i.id = registration.interaction_id"
    "  AND i.tenant_id = registration.tenant_id), 0)",
    "DELETE FROM registration WHERE EXISTS (SELECT 1 FROM registration r"
    " WHERE r.tenant_id = registration.tenant_id"
    " AND r.interaction_id = registration.interaction_id"
    " AND r.topic_id = registration.topic_id AND r.n < registration.n)",
)


def fill(_apps: object, schema_editor: Any) -> None:
    is_walled = schema_editor.connection.vendor == "postgresql"
    for table in READ if is_walled else ():
        schema_editor.execute(OPEN.format(table))
    for statement in FILL:
        schema_editor.execute(statement)
    for table in READ if is_walled else ():
        schema_editor.execute(CLOSED.format(table))


class Migration(migrations.Migration):

    dependencies = [("archive", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("tenant_id", models.IntegerField(default=valv.storage.scope.current_or_none)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("category", models.CharField(default="", max_length=200)),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "topic",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "category", "name"), name="topic_once")
                ],
            },
        ),
        migrations.RemoveIndex("registration", "registration_topic"),
        migrations.AddField("registration", "topic_id", models.BigIntegerField(default=0), preserve_default=False),
        migrations.AddField(
            "registration", "started_at", valv.storage.fields.InstantField(default=0), preserve_default=False
        ),
        migrations.RunPython(fill),
        migrations.RemoveField("registration", "category"),
        migrations.RemoveField("registration", "topic"),
        migrations.AddIndex(
            "registration",
            models.Index(fields=["tenant_id", "topic_id", "started_at", "interaction_id"], name="registration_topic"),
        ),
    ]
