"""An application as Flask's tutorials make them, into which Bastide is put: the whole, or single layers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_sqlalchemy
from flask import Flask, jsonify
from sqlalchemy import NullPool
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide.core.foundation import AccountId, Secret
from bastide.core.records import NewAccount, account_key
from bastide.flask import AccountMixin, Bastide, Layers, current_exchange, public
from support.blog import BASE, CHEAP_HASHING, HASHER, PASSWORD, Browser, Outbox

HOSTS = {"allowed_hosts": frozenset({"localhost"}), "plain_http_hosts": frozenset({"localhost"})}
SETTINGS: dict[str, Any] = {"hashing": CHEAP_HASHING, "transport": HOSTS}


class There:
    """The application, its database and what is hung into it.

    Args:
        url: of the database.
        bases: what the user class is made of, ``AccountMixin`` and the model among it.
        config: the application's.
    """

    def __init__(
        self, url: str, *, bases: Callable[[Any], tuple[Any, ...]] = lambda model: (AccountMixin, model), **config: Any
    ) -> None:  # fmt: skip
        self.app = Flask("there")
        self.app.config.update(SECRET_KEY="k" * 64, SQLALCHEMY_DATABASE_URI=url, BASTIDE=SETTINGS)
        if ":memory:" not in url and not url.endswith("sqlite://"):
            self.app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": NullPool}
        self.app.config.update(config)

        class Base(DeclarativeBase):
            pass

        self.db = flask_sqlalchemy.SQLAlchemy(self.app, model_class=Base)
        body = {"__tablename__": "person", "id": mapped_column(primary_key=True), "__annotations__": {"id": Mapped[int]}}  # fmt: skip
        self.User: Any = type("User", bases(self.db.Model), body)
        self.bastide: Bastide | None = None

    def put_whole(self, **given: Any) -> None:
        """Put the whole Bastide in, as the quick start has it."""
        self.bastide = Bastide(
            users=self.User, engine=self.db, mailer=Outbox(), roles={"reader": {"read"}}, **given
        )
        self.bastide.init_app(self.app)
        self.app.add_url_rule("/csrf-token", "csrf_token", public(_token))
        with self.app.app_context():
            self.db.create_all()
        self.bastide.create_roles()

    def put_layers(self, *names: str, **given: Any) -> None:
        """Put single layers in."""
        Layers(*names, **given).init_app(self.app)
        self.app.add_url_rule("/csrf-token", "csrf_token", public(_token))

    def add_account(self, name: str) -> AccountId:
        new = NewAccount(
            username=name, username_key=account_key(name), email=f"{name}@example.org",
            email_key=f"{name}@example.org", password_hash=HASHER.hash(Secret(PASSWORD)),
            roles=frozenset({"reader"}),
        )  # fmt: skip
        services = self.app.extensions["bastide"].services
        return services.stores.accounts.add_account(new, ticket_digest=None, now=services.clock.now())  # type: ignore[no-any-return]

    def browser(self) -> Browser:
        return Browser(self.app)

    def signed_in(self, name: str) -> Browser:
        browser = self.browser()
        assert browser.sign_in(name).status_code == 303
        return browser

    def close(self) -> None:
        with self.app.app_context():
            if self.bastide is not None and "bastide" in self.app.extensions:
                self.app.extensions["bastide"].database.dispose()
            self.db.session.remove()
            self.db.engine.dispose()


def _token() -> Any:
    return jsonify(token=current_exchange().csrf_token())


@contextmanager
def there(folder: Path, **options: Any) -> Iterator[There]:
    """Give the application over a file, and close it."""
    made = There(f"sqlite:///{folder / 'there.sqlite3'}", **options)
    try:
        yield made
    finally:
        made.close()


def from_this_site(**more: str) -> dict[str, str]:
    """Return what a browser says of a request that a page of the site sends."""
    return {"Origin": BASE, "Sec-Fetch-Site": "same-origin", "Referer": f"{BASE}/", **more}
