from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Violation",
            fields=[
                ("fingerprint", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("directive", models.CharField(max_length=1300)),
                ("blocked", models.CharField(max_length=1300)),
                ("document", models.CharField(max_length=1300)),
                ("count", models.IntegerField()),
                ("first_seen", models.BigIntegerField()),
                ("last_seen", models.BigIntegerField(db_index=True)),
            ],
            options={
                "db_table": "bastide_violation",
            },
        ),
    ]
