"""Where a test asks the project: everything is there once this is imported."""

from typing import Any

import django

django.setup()

from django.contrib.auth.models import Permission, User  # noqa: E402
from django.core.checks import run_checks  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import AsyncClient, Client  # noqa: E402

from bastide.django import event_recorded  # noqa: E402, F401 -- for those who ask
from support.beside.models import Note  # noqa: E402


class Browser(Client):
    """Speaks to the site's own name, over HTTPS."""

    def request(self, **request: Any) -> Any:
        return super().request(**{"HTTP_HOST": "localhost", **request, "wsgi.url_scheme": "https"})


class AsyncBrowser(AsyncClient):
    """The same, for the asynchronous handler."""

    async def request(self, **request: Any) -> Any:
        others = [header for header in request.pop("headers", []) if header[0] != b"host"]
        headers = [*others, (b"host", b"localhost")]
        return await super().request(**{**request, "headers": headers, "scheme": "https"})


def fill() -> None:
    """Make the tables, two users and a note of the first's."""
    call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
    maud = User.objects.create_user("maud", "maud@example.org", "right")
    tomas = User.objects.create_user("tomas", "tomas@example.org", "else")
    tomas.user_permissions.add(Permission.objects.get(codename="change_note"))
    Note.objects.create(owner=maud, text="of maud")


def log_in(browser: Client, name: str = "maud", password: str = "right") -> Any:
    """Post the form of Django's own sign-in."""
    return browser.post("/accounts/login/", {"username": name, "password": password})


def tables() -> set[str]:
    """Return the tables of the database that are Bastide's."""
    return {name for name in connection.introspection.table_names() if name.startswith("bastide_")}


def complaints() -> list[str]:
    """Return the ids of what Bastide's checks find."""
    return [found.id for found in run_checks() if (found.id or "").startswith("bastide.")]
