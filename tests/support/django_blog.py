"""The blog on Django, as the attacks drive it: set up once per process, pointed at one database after another."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import create_engine

from bastide.core.uploads import UploadStorage
from bastide.stores.folder import FolderStorage
from bastide.stores.sql.engines import tune_sqlite
from bastide.testing import RAISING_TRIPWIRES, FrozenClock
from support import uuid_site
from support.blog import EDITORS, KEYS, Blog, Outbox, Route
from support.templates import Template, is_there

SECRET_KEY = "k" * 64


@cache
def set_up() -> None:
    """Configure Django; models can be imported afterwards."""
    os.environ["BLOG_SECRET_KEY"] = SECRET_KEY
    os.environ["BLOG_KEYS"] = KEYS
    tried = "support.uuid_site.settings" if uuid_site.is_tried() else "blog_django.settings"
    os.environ["DJANGO_SETTINGS_MODULE"] = tried
    import django

    django.setup()


def point_at(url: str) -> None:
    """Make ``url`` the default database and the stores' own way to it."""
    from django.db import connections

    from bastide.django.connection import register_alias
    from blog_django.settings import database

    close_all()
    connections.settings["default"] = {**connections.settings["default"], "OPTIONS": {}, **database(url)}
    register_alias()


def close_all() -> None:
    """Close this thread's connections, and forget which database they were for."""
    from django.db import connections

    connections.close_all()
    for alias in connections.settings:
        if hasattr(connections._connections, alias):  # noqa: SLF001 -- made anew with the next use
            delattr(connections._connections, alias)  # noqa: SLF001


def migrate(url: str) -> None:
    from django.core.management import call_command

    point_at(url.replace("postgresql+psycopg:", "postgresql:"))
    call_command("migrate", verbosity=0, skip_checks=True)
    close_all()


@contextmanager
def database_at(url: str) -> Iterator[Any]:
    """Give Django a fresh, migrated database at ``url``."""
    set_up()
    Template("django", migrate).put_copy(url)
    point_at(url.replace("postgresql+psycopg:", "postgresql:"))
    yield
    close_all()


@dataclass
class DjangoBlog(Blog):
    """See ``Blog``."""

    framework: ClassVar[str] = "django"
    token_field: ClassVar[str] = "csrfmiddlewaretoken"
    undo: ExitStack = field(default_factory=ExitStack)

    def routes(self) -> list[Route]:
        from bastide.django.requests.routes import read_rules

        return [
            Route(pattern.name.replace(":", "."), frozenset(pattern.methods), fill(pattern.path))
            for pattern in read_rules({})
        ]

    def matrix(self) -> str:
        return self.run("routes")[1]

    @contextmanager
    def break_view(self, name: str, error: Exception) -> Iterator[None]:
        from bastide.django.requests.routes import read_rules

        def broken(*_: Any, **__: Any) -> Any:
            raise error

        (view,) = (entry.view for entry in read_rules({}) if entry.name == name.replace(".", ":"))
        view_class = view.view_class  # type: ignore[attr-defined]  # of View.as_view
        kept, view_class.get = view_class.get, broken
        yield
        view_class.get = kept

    def start_with_forgotten_routes(self) -> None:
        from django.core.wsgi import get_wsgi_application
        from django.test import override_settings

        with override_settings(ROOT_URLCONF="support.forgotten_urls"):
            get_wsgi_application()

    def start_with_uploads_in(self, storage: UploadStorage | None, *, static: Path = Path("static")) -> None:
        from django.conf import settings
        from django.core.wsgi import get_wsgi_application
        from django.test import override_settings

        changed = {**settings.BASTIDE, "upload_storage": storage}
        with override_settings(BASTIDE=changed, STATIC_ROOT=static):
            get_wsgi_application()

    def run(self, *arguments: str) -> tuple[int, str]:
        from django.core.management import CommandError, call_command

        output = StringIO()
        try:
            call_command(f"bastide_{arguments[0]}", *arguments[1:], stdout=output)
        except CommandError as error:
            return 1, f"{output.getvalue()}{error}"
        return 0, output.getvalue()

    def delete_account(self, name: str) -> None:
        from django.contrib.auth import get_user_model

        get_user_model().objects.get(username=name).delete()

    def save(self, model: str, row: dict[str, Any]) -> bool:
        from django.core.exceptions import ValidationError

        from blog_django import models

        try:
            getattr(models, model).objects.create(**row)
        except ValidationError:
            return False
        return True

    def check_stored(self) -> list[str]:
        from django.core.checks import run_checks

        found = run_checks(include_deployment_checks=True, databases=["default"])
        return [error.msg for error in found if error.id == "bastide.E011"]

    def leave_thread(self) -> None:
        close_all()

    def reconnect(self) -> None:
        self.engine.dispose()
        close_all()

    def close(self) -> None:
        self.reconnect()
        self.undo.close()


def fill(path: str) -> str:
    """Return the path of a pattern with ids filled in."""
    return re.sub(r"<(id|int):\w+>", "1", re.sub(r"<(?!id:|int:)[^>]+>", "x", path))


def make(url: str, folder: Path, clock: FrozenClock, **options: Any) -> DjangoBlog:
    """Return the blog at a database that may exist already."""
    set_up()
    with ExitStack() as undo:
        if is_there(url):
            point_at(url.replace("postgresql+psycopg:", "postgresql:"))
        else:
            undo.enter_context(database_at(url))
        from django.conf import settings
        from django.core.wsgi import get_wsgi_application
        from django.test import override_settings

        from bastide.django.wiring import bastide, create_roles

        outbox = Outbox()
        transport = {"plain_http_hosts": options.pop("plain_http_hosts", frozenset({"localhost"}))}
        changed = {
            **settings.BASTIDE, "transport": transport, "mailer": outbox, "upload_storage": FolderStorage(folder / "uploads"), "clock": clock,
            **RAISING_TRIPWIRES, **options.pop("settings", {}),
        }  # fmt: skip
        hosts = sorted(changed["transport"].get("allowed_hosts", settings.ALLOWED_HOSTS))
        undo.enter_context(override_settings(
            SECRET_KEY=options.pop("secret_key", settings.SECRET_KEY), SECRET_KEY_FALLBACKS=list(options.pop("former_secret_keys", ())),
            BASTIDE=changed, CONTACT_RECIPIENTS=EDITORS, ALLOWED_HOSTS=hosts, BASTIDE_KEYS=options.pop("keys", KEYS), PASSWORD_HASHERS=["support.cheap_hasher.CheapHasher"],
        ))  # fmt: skip
        create_roles()
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            tune_sqlite(engine)
        return DjangoBlog(
            get_wsgi_application(), bastide().services, clock, outbox, engine, folder, undo.pop_all()
        )
