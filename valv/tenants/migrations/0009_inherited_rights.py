from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tenants", "0008_sign_in")]

    operations = [
        migrations.RemoveField(model_name="user", name="agent_id"),
        migrations.AddField(
            model_name="user",
            name="agent",
            field=models.CharField(default="", max_length=200),
        ),
        migrations.AddField(
            model_name="user",
            name="group_id",
            field=models.BigIntegerField(null=True),
        ),
        *(
            migrations.AddField(
                model_name=name,
                name="stated",
                field=models.TextField(default="{}"),
            )
            for name in ("tenant", "user", "usergroup")
        ),
    ]
