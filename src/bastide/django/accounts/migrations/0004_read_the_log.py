"""Read the security log by kind, account and address, newest first."""

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
    dependencies = [("bastide_accounts", "0003_mail")]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(max_length=60),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["kind", "outcome", "at"], name="ix_bastide_event_kind_at"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor", "at"], name="ix_bastide_event_actor_at"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["target", "at"], name="ix_bastide_event_target_at"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["address", "at"], name="ix_bastide_event_address_at"),
        ),
        migrations.RunPython(tell_postgresql, forget, elidable=False),
    ]
