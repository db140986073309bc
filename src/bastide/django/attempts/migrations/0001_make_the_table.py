from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("subject", models.CharField(max_length=400)),
                ("owner", models.CharField(db_index=True, max_length=64)),
                ("used", models.IntegerField()),
                ("most", models.IntegerField()),
                ("ends_at", models.BigIntegerField(db_index=True)),
            ],
            options={
                "db_table": "bastide_attempt",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "subject"), name="uq_bastide_attempt_kind_subject"
                    )
                ],
            },
        ),
    ]
