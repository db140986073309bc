"""Keep social security numbers, sealed."""

from django.db import migrations, models

import bastide.django


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0001_make_the_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="profile",
            name="ssn",
            field=bastide.django.EncryptedTextField(
                blank=True, blind_index="ssn_index", null=True, row="user", rule="bastide.SSN"
            ),
        ),
        migrations.AddField(
            model_name="profile",
            name="ssn_index",
            field=bastide.django.BlindIndexField(blank=True, max_length=32, null=True, unique=True),
        ),
        migrations.AddConstraint(
            model_name="profile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ssn__isnull", True), ("ssn_index__isnull", True)),
                    models.Q(("ssn__isnull", False), ("ssn_index__isnull", False)),
                    _connector="OR",
                ),
                name="profile_ssn_indexed",
            ),
        ),
    ]
