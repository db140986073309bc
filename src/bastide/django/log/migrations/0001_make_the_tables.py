from typing import Any

from django.db import migrations, models

STATISTICS = "bastide_event_kind_outcome"


def tell_postgresql(_apps: Any, schema_editor: Any) -> None:
    """Kind and outcome go together; untold, it takes a pair that never occurs for a frequent one."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE STATISTICS {STATISTICS} (mcv) ON kind, outcome FROM bastide_event")


def forget(_apps: Any, schema_editor: Any) -> None:
    """Take it back."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP STATISTICS {STATISTICS}")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.BigIntegerField(db_index=True)),
                ("kind", models.CharField(max_length=60)),
                ("outcome", models.CharField(max_length=10)),
                ("actor", models.CharField(max_length=1300)),
                ("target", models.CharField(max_length=1300)),
                ("session", models.CharField(max_length=1300)),
                ("address", models.CharField(max_length=1300)),
                ("route", models.CharField(max_length=1300)),
                ("request_id", models.CharField(max_length=1300)),
                ("detail", models.TextField()),
                ("key_id", models.BigIntegerField(null=True)),
                ("link", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "db_table": "bastide_event",
                "indexes": [
                    models.Index(fields=["kind", "outcome", "at"], name="ix_bastide_event_kind_at"),
                    models.Index(fields=["actor", "at"], name="ix_bastide_event_actor_at"),
                    models.Index(fields=["target", "at"], name="ix_bastide_event_target_at"),
                    models.Index(fields=["address", "at"], name="ix_bastide_event_address_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("name", models.CharField(max_length=4, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField()),
                ("key_id", models.BigIntegerField()),
                ("link", models.BinaryField(max_length=32)),
                ("seal", models.BinaryField(max_length=32)),
            ],
            options={
                "db_table": "bastide_chain",
            },
        ),
        migrations.RunPython(tell_postgresql, forget, elidable=False),
    ]
