"""Rights that were part of ``settings`` stand by themselves; nobody loses any."""

from typing import Any

from django.db import migrations

SPLIT = frozenset({"recording_policy", "support", "links"})


def split(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('valv.gate', 'open', true)")
    users = apps.get_model("tenants", "User")._base_manager.using(connection.alias)
    for user in users.all():
        if "settings" in user.rights:
            rights = sorted(SPLIT.union(user.rights))
            users.filter(id=user.id).update(rights=rights)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_reasons")]
    operations = [migrations.RunPython(split, migrations.RunPython.noop)]
