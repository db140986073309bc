import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.CharField(max_length=11, primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=32)),
                ("name", models.CharField(max_length=60)),
                ("scopes", models.TextField()),
                ("created_at", models.BigIntegerField()),
                ("expires_at", models.BigIntegerField(db_index=True)),
                ("last_used_at", models.BigIntegerField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "bastide_token",
            },
        ),
    ]
