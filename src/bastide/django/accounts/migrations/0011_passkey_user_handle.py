from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bastide_accounts", "0010_username_skeleton")]

    operations = [
        migrations.AddField("passkey", "user_handle", models.BinaryField(max_length=64, null=True)),
    ]
