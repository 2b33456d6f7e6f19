from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_searched")]
    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["tenant_id", "identifier_id"],
                name="audit_identifier",
                condition=models.Q(identifier_id__isnull=False),
            ),
        ),
    ]
