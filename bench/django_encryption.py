"""What it costs to load rows of Django with an encrypted field, as one line of JSON."""

import base64
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bastide.core.encryption import new_ring
from bastide.core.foundation import SystemEntropy
from bench.encryption import ROWS, TEXT, measure

PEER = "django-fernet-encrypted-fields"


def declare() -> dict[str, Any]:
    """Return models of one shape: the value as it is, sealed, and as a package in use keeps it."""
    from django.db import connection, models
    from encrypted_fields.fields import EncryptedTextField as PeerField

    from bastide.django.orm.encrypted import EncryptedTextField

    def model(name: str, value: Any) -> Any:
        body = {
            "__module__": __name__, "id": models.IntegerField(primary_key=True), "name": models.TextField(),
            "value": value, "Meta": type("Meta", (), {"app_label": "blog"}),
        }  # fmt: skip
        return type(name, (models.Model,), body)

    made = {
        "plain": model("Plain", models.TextField()),
        "bastide": model("Sealed", EncryptedTextField(row="id")),
        PEER: model("Peer", PeerField()),
    }
    with connection.schema_editor() as editor:
        for one in made.values():
            editor.create_model(one)
    for one in made.values():
        one.objects.bulk_create([one(id=number, name="x", value=TEXT) for number in range(1, ROWS + 1)])
    return made


def load(model: Any, *, reads: bool) -> Callable[[], object]:
    """Return a way to load the rows, with the value read or not."""

    def run() -> object:
        rows = list(model.objects.all())
        return [row.value for row in rows] if reads else rows

    return run


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "blog_django.settings", "BLOG_KEYS": new_ring(SystemEntropy()),
            "BLOG_DATA": folder, "BLOG_DATABASE_URL": f"sqlite:///{Path(folder) / 'rows.sqlite3'}",
        }  # fmt: skip
        import django
        from django.conf import settings

        django.setup()
        settings.SALT_KEY = base64.b64encode(os.urandom(32)).decode()
        models = declare()
        calls = {
            "plain": load(models["plain"], reads=True),
            "bastide, not read": load(models["bastide"], reads=False),
            "bastide, read": load(models["bastide"], reads=True),
            PEER: load(models[PEER], reads=True),
        }
        print(json.dumps(measure(calls, times=1)))


if __name__ == "__main__":
    main()
