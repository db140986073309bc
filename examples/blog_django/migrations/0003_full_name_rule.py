"""Hold full names to their rule, whichever way they come in."""

from django.db import migrations, models

import bastide.django


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0002_ssn"),
    ]

    operations = [
        migrations.AlterField(
            model_name="profile",
            name="full_name",
            field=models.CharField(
                blank=True,
                max_length=100,
                null=True,
                validators=[bastide.django.RuleValidator("blog_shared.rules.FULL_NAME")],
            ),
        ),
    ]
