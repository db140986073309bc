import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("subject", models.CharField(db_index=True, max_length=100)),
                ("display_name", models.CharField(max_length=200)),
                ("media_type", models.CharField(max_length=50)),
                ("size_bytes", models.BigIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("state", models.CharField(max_length=10)),
                ("created_at", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "bastide_upload",
                "indexes": [models.Index(fields=["state", "created_at"], name="ix_bastide_upload_state_at")],
            },
        ),
    ]
