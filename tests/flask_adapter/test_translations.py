"""Pages and mails in the language of the request, by whatever translates the application."""

from collections.abc import Iterator
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask, request
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide.core.foundation import Client, Secret
from bastide.core.records import NewAccount
from bastide.flask import AccountMixin, Bastide, current_exchange, public
from bastide.testing import FrozenClock
from support.blog import CHEAP_HASHING, Browser, Outbox
from support.french import FRENCH, MAILED, says_all_of_it


class AsAsked:
    """Translates as Flask-Babel's module does: in the language that the request at hand asks for."""

    def __init__(self) -> None:
        self._languages = {"fr": GNUTranslations(BytesIO(FRENCH)), "en": NullTranslations()}

    def _chosen(self) -> NullTranslations:
        return self._languages[request.accept_languages.best_match(["en", "fr"]) or "en"]

    def gettext(self, string: str, **_: object) -> str:
        return self._chosen().gettext(string)

    def ngettext(self, singular: str, plural: str, num: int, **_: object) -> str:
        return self._chosen().ngettext(singular, plural, num)


@pytest.fixture
def bastide(tmp_path: Path, clock: FrozenClock) -> Iterator[tuple[Flask, Bastide, Outbox]]:
    class Base(DeclarativeBase):
        pass

    class User(AccountMixin, Base):
        __tablename__ = "person"
        id: Mapped[int] = mapped_column(primary_key=True)

    app, outbox = Flask("french"), Outbox()
    hosts = {"allowed_hosts": frozenset({"localhost"}), "plain_http_hosts": frozenset({"localhost"})}
    app.config.update(
        SECRET_KEY="k" * 64,
        BASTIDE={
            "hashing": CHEAP_HASHING,
            "transport": hosts,
            "registration": {"site_name": "Under the Arcades"},
        },
    )
    engine = create_engine(f"sqlite:///{tmp_path / 'french.sqlite3'}", poolclass=NullPool)
    made = Bastide(
        users=User, engine=engine, mailer=outbox, roles={"reader": set()}, clock=clock, translations=AsAsked()
    )
    made.init_app(app)

    @app.get("/csrf-token")
    @public
    def token() -> dict[str, str]:
        return {"token": current_exchange().csrf_token()}

    Base.metadata.create_all(engine)
    made.create_roles()
    new = NewAccount(
        username="maud", username_key="maud", email="maud@example.org", email_key="maud@example.org",
        password_hash=None, roles=frozenset({"reader"}),
    )  # fmt: skip
    made.services.stores.accounts.add_account(new, ticket_digest=None, now=clock.now())
    yield app, made, outbox
    made.services.stores.sessions._database.dispose()  # type: ignore[attr-defined]  # noqa: SLF001
    engine.dispose()


def link_to(_: Secret) -> str:
    return "https://localhost/x"


def test_a_mail_speaks_the_language_of_the_request_that_caused_it(
    bastide: tuple[Flask, Bastide, Outbox],
) -> None:
    app, made, outbox = bastide
    for language in ("fr", "en"):
        with app.test_request_context(headers={"Accept-Language": language}):
            made.services.recovery.request("maud@example.org", Client(address="203.0.113.7"), link_to=link_to)
    french, english = outbox.messages
    assert french.body == MAILED
    assert "It works once, for 10 minutes." in english.body
    # The catalogue lacks this one.
    assert french.subject == english.subject == "Choose a new password for Under the Arcades"


def test_pages_speak_it_too(bastide: tuple[Flask, Bastide, Outbox]) -> None:
    browser = Browser(bastide[0])
    for language in ("fr", "en", "fr"):
        headers = {"Accept-Language": language}
        assert says_all_of_it(browser, in_french=language == "fr", headers=headers)
