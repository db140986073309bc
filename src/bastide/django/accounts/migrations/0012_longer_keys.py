from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bastide_accounts", "0011_passkey_user_handle")]

    operations = [
        # Where addresses are the names, and of projects whose names are as long as Django allows.
        migrations.AlterField("identity", "username_key", models.CharField(max_length=300, unique=True)),
    ]
