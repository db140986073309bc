from typing import Any

from django.contrib.auth import get_user_model
from django.db import migrations, models

from bastide.core.foundation import ConfigurationError
from bastide.core.records import username_skeleton

BATCH = 1000


def fill(apps: Any, editor: Any) -> None:
    """Say of each user name what it looks like; two alike end the migration, and nothing is changed."""
    identities = apps.get_model("bastide_accounts", "Identity").objects.using(editor.connection.alias)
    name = f"user__{get_user_model().USERNAME_FIELD}"
    last = None
    while True:
        left = identities.order_by("pk") if last is None else identities.filter(pk__gt=last).order_by("pk")
        rows = list(left.values_list("pk", name)[:BATCH])
        if not rows:
            break
        found = identities.in_bulk([pk for pk, _ in rows])
        for pk, username in rows:
            found[pk].username_skeleton = username_skeleton(username)
        identities.bulk_update(found.values(), ["username_skeleton"])
        last = rows[-1][0]
    shared = identities.values("username_skeleton").annotate(count=models.Count("pk")).filter(count__gt=1)
    for row in shared[:1]:
        alike = identities.filter(username_skeleton=row["username_skeleton"])
        names = ", ".join(
            repr(username) for username in alike.order_by("pk").values_list(name, flat=True)[:10]
        )
        msg = f"these user names look alike: {names}; rename all but one of them, then migrate again"
        raise ConfigurationError(msg)


class Migration(migrations.Migration):
    dependencies = [("bastide_accounts", "0006_passkeys")]

    operations = [
        migrations.AddField("identity", "username_skeleton", models.CharField(max_length=420, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=False),
        migrations.AlterField("identity", "username_skeleton", models.CharField(max_length=420, unique=True)),
    ]
