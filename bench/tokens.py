"""What the check of an API token costs, last use included, beside Django REST framework's and knox's.

``python -m bench.tokens``, with ``tests`` on the path, prints one table for SQLite and PostgreSQL. Django's
settings are made once per process, so ``python -m bench.tokens URL`` measures what runs on Django there and
prints it as JSON.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bastide.core.api_tokens.token_text import issue_token_text
from bastide.core.foundation import Client
from bastide.core.records import NewAccount, NewToken
from bastide.core.request import Services
from bench.turns import in_turns

ROUNDS = 41
CALLS = 100
CALLER = Client(address="198.51.100.1", user_agent="curl/8")
TARGETS = {"sqlite": "<= 0.15x of DRF; 11 us", "postgresql": "<= 0.2x of DRF; 91-103 us"}
OWNER = NewAccount(
    username="maud", username_key="maud", email="maud@example.org", email_key="maud@example.org",
    password_hash="x", roles=frozenset({"reader"}),
)  # fmt: skip


measure = partial(in_turns, clock=time.perf_counter, rounds=ROUNDS, times=CALLS)


def bastide_check(services: Services) -> Callable[[], object]:
    """Return the check of a token of a new account, as each request with one makes it."""
    stores, now = services.stores, services.clock.now()
    stores.accounts.define_roles({"reader": frozenset({"read", "write"})})
    account_id = stores.accounts.add_account(OWNER, ticket_digest=None, now=now)
    made = issue_token_text(services.entropy)
    stores.tokens.add_token(
        NewToken(
            id=made.id, digest=made.digest, account_id=account_id, name="bench",
            scopes=frozenset({"read"}), created_at=now, expires_at=now + timedelta(days=30),
        ),
        limit=1,
    )  # fmt: skip
    presented = made.text.reveal()

    def check() -> object:
        admitted = services.bearer.match(presented, CALLER)
        if admitted.principal.permissions != {"read"}:
            raise RuntimeError(admitted)
        return admitted

    return check


def on_sqlalchemy(url: str, folder: Path) -> dict[str, float]:
    """Measure the check on the SQLAlchemy stores."""
    from flask import Flask
    from sqlalchemy import create_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker

    from bastide.flask import AccountMixin, Bastide
    from bastide.mailers import FolderMailer

    class Base(DeclarativeBase):
        pass

    class User(AccountMixin, Base):
        __tablename__ = "person"
        id: Mapped[int] = mapped_column(primary_key=True)

    app, engine = Flask("tokens"), create_engine(url)
    app.config["SECRET_KEY"] = "k" * 64
    app.config["BASTIDE"] = {"transport": {"allowed_hosts": frozenset({"localhost"})}}
    guard = Bastide(
        users=User, engine=engine, session=scoped_session(sessionmaker(engine, class_=Session)),
        mailer=FolderMailer(folder / "mail"), roles={"reader": {"read"}},
    )  # fmt: skip
    guard.init_app(app)
    Base.metadata.create_all(engine)
    return measure({"bastide on SQLAlchemy": bastide_check(guard.services)})


def on_django(url: str) -> dict[str, float]:
    """Measure the check on the Django stores and those of the packages, in turns."""
    import django
    from django.conf import settings

    from bastide.django import bastide_apps
    from blog_django.settings import database

    own = ("rest_framework", "rest_framework.authtoken", "knox", *bastide_apps())
    settings.configure(
        SECRET_KEY="k" * 64, DATABASES={"default": {**database(url), "CONN_MAX_AGE": None}}, USE_TZ=True,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", *own],
        ALLOWED_HOSTS=["localhost"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField", BASTIDE={"roles": {"reader": {"read"}}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"],
    )  # fmt: skip
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from knox.auth import TokenAuthentication as KnoxAuthentication
    from knox.models import AuthToken
    from rest_framework.authentication import TokenAuthentication
    from rest_framework.authtoken.models import Token

    from bastide.django.wiring import bastide

    call_command("migrate", verbosity=0)
    check = bastide_check(bastide().services)
    user = get_user_model().objects.get(username="maud")
    key = Token.objects.create(user=user).key
    knox_key = AuthToken.objects.create(user, expiry=timedelta(days=30))[1].encode()

    def drf_with_last_use() -> None:
        """Do what projects add for a last use: write it on every call."""
        TokenAuthentication().authenticate_credentials(key)
        Token.objects.filter(key=key).update(created=datetime.now(UTC))

    return measure({
        "bastide on Django": check,
        "DRF TokenAuthentication": lambda: TokenAuthentication().authenticate_credentials(key),
        "DRF, last use written": drf_with_last_use,
        "knox": lambda: KnoxAuthentication().authenticate_credentials(knox_key),
    })  # fmt: skip


def tokens_table(folder: Path) -> Table:
    """Measure everything on both databases and return one table."""
    from support.postgres import cluster

    table = Table("API token check", "candidate", "us", "of DRF", "target")
    with cluster() as server:
        addresses = {
            "sqlite": f"sqlite:///{folder}/{{}}.sqlite3",
            "postgresql": f"postgresql://{server.address}/{{}}",
        }
        for kind, address in addresses.items():
            if kind == "postgresql":
                import psycopg

                with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
                    for name in ("sqlalchemy", "django"):
                        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
            django = [sys.executable, "-W", "ignore", "-m", "bench.tokens", address.format("django")]
            done = subprocess.run(django, check=True, capture_output=True, text=True)  # noqa: S603
            url = address.format("sqlalchemy").replace("postgresql:", "postgresql+psycopg:")
            costs: dict[str, float] = on_sqlalchemy(url, folder) | json.loads(done.stdout)
            base = costs["DRF TokenAuthentication"]
            for name, cost in costs.items():
                mine = name.startswith("bastide")
                table.add_row(kind, name, f"{cost:.1f}", f"{cost / base:.3f}x", TARGETS[kind] if mine else "")
    return table


def main() -> None:
    """Measure what the arguments say."""
    if len(sys.argv) > 1:
        print(json.dumps(on_django(sys.argv[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        Console(width=110).print(tokens_table(Path(folder)))


if __name__ == "__main__":
    main()
