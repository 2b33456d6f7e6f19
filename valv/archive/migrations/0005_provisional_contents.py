
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0004_evidence'),
    ]

    operations = [
        migrations.AddField(
            model_name='content',
            name='pauses',
            field=models.JSONField(default=list),
        ),
        migrations.AddIndex(
            model_name='content',
            index=models.Index(condition=models.Q(('provisional', True)), fields=['tenant_id', 'interaction_id'], name='content_provisional'),
        ),
    ]
