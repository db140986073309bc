"""The blog on Flask, as the attacks drive it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

from sqlalchemy import create_engine, delete

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import UploadStorage
from bastide.testing import RAISING_TRIPWIRES, FrozenClock
from support import uuid_site
from support.blog import CHEAP_HASHING, EDITORS, KEYS, Blog, Outbox, Route
from support.templates import Template, is_there

SAMPLES = {"token": "x", "username": "x", "name": "x", "filename": "x"}


@dataclass
class FlaskBlog(Blog):
    """See ``Blog``."""

    framework: ClassVar[str] = "flask"
    token_field: ClassVar[str] = "csrf_token"

    def routes(self) -> list[Route]:
        found = []
        for rule in self.application.url_map.iter_rules():
            values: dict[str, Any] = {name: SAMPLES.get(name, 1) for name in rule.arguments}
            path = (rule.build(values, append_unknown=False) or ("", "/"))[1]
            found.append(Route(rule.endpoint, frozenset(rule.methods or ()), path))
        return found

    def matrix(self) -> str:
        return self.run("routes")[1]

    @contextmanager
    def break_view(self, name: str, error: Exception) -> Iterator[None]:
        def broken(**_: Any) -> Any:
            raise error

        views = self.application.view_functions
        kept, views[name] = views[name], broken
        yield
        views[name] = kept

    def start_with_forgotten_routes(self) -> None:
        for name in ("forgotten", "also"):
            self.application.add_url_rule(f"/{name}", name, lambda: "open to everybody")
        self.application.extensions["bastide"].seal()

    def start_with_uploads_in(self, storage: UploadStorage | None, *, static: Path = Path("static")) -> None:
        from blog_flask.app import create_app

        with (
            mock.patch("blog_flask.app.FolderStorage", return_value=storage),
            mock.patch("blog_flask.app.SHARED", static.parent),
        ):
            app = create_app(
                database_url=f"sqlite:///{self.folder / 'again.sqlite3'}", secret_key="k" * 64, keys=KEYS,
                mail_folder=self.folder / "mail",
            )  # fmt: skip
        app.extensions["bastide"].database.dispose()

    def run(self, *arguments: str) -> tuple[int, str]:
        result = self.application.test_cli_runner().invoke(args=["bastide", *arguments])
        return result.exit_code, result.output

    def delete_account(self, name: str) -> None:
        bastide = self.application.extensions["bastide"]
        with self.application.app_context():
            bastide.session.execute(delete(bastide.users).where(bastide.users.username == name))
            bastide.session.commit()

    def save(self, model: str, row: dict[str, Any]) -> bool:
        from blog_flask import models
        from blog_flask.database import db

        with self.application.app_context():
            db().add(getattr(models, model)(**row))
            try:
                db().commit()
            except InvalidInput:
                return False
        return True

    def check_stored(self) -> list[str]:
        status, output = self.run("keys", "list")
        found = [line for line in output.splitlines() if line.endswith("cannot be opened")]
        assert status == bool(found)
        return found

    def reconnect(self) -> None:
        self.engine.dispose()
        self.application.extensions["bastide"].database.dispose()

    def close(self) -> None:
        self.reconnect()


def migrate(url: str) -> None:
    if uuid_site.is_tried():
        from support.uuid_site.flask_app import migrate as upgrade
    else:
        from blog_flask.database import migrate as upgrade

    engine = create_engine(url)
    upgrade(engine)
    engine.dispose()


def make(url: str, folder: Path, clock: FrozenClock, **options: Any) -> FlaskBlog:
    if uuid_site.is_tried():
        from support.uuid_site.flask_app import create_app
    else:
        from blog_flask.app import create_app

    if not is_there(url):
        Template("flask", migrate).put_copy(url)
    outbox = Outbox()
    settings = {"hashing": CHEAP_HASHING, **RAISING_TRIPWIRES, **options.pop("settings", {})}
    app = create_app(
        database_url=url, secret_key=options.pop("secret_key", "k" * 64), keys=options.pop("keys", KEYS), mail_folder=folder / "mail", mailer=outbox, clock=clock,
        settings=settings, **options,
    )  # fmt: skip
    app.config["CONTACT_RECIPIENTS"] = EDITORS
    bastide = app.extensions["bastide"]
    bastide.create_roles()
    return FlaskBlog(app, bastide.services, clock, outbox, bastide.engine, folder)
