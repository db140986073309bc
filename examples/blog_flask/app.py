"""Makes the application: configuration, Bastide around it, the blog's pages inside."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Flask

from bastide import Clock, FolderMailer, FolderStorage, Mailer, Rule
from bastide.flask import Bastide
from blog_flask import context
from blog_flask.database import Database
from blog_flask.models import User
from blog_flask.views import admin, api, api_files, comments, contact, development, files, people, posts
from blog_shared.access import ROLES
from blog_shared.contact import RECIPIENTS
from blog_shared.demo import SITE_NAME
from blog_shared.events import BlogEvent

SHARED = Path(__file__).parent.parent / "blog_shared"


def create_app(
    *,
    database_url: str,
    secret_key: str,
    former_secret_keys: Sequence[str] = (),
    keys: str,
    mail_folder: Path,
    allowed_hosts: frozenset[str] = frozenset({"localhost"}),
    plain_http_hosts: frozenset[str] = frozenset({"localhost"}),
    is_development: bool = False,
    mailer: Mailer | None = None,
    contact_recipients: Sequence[str] = RECIPIENTS,
    clock: Clock | None = None,
    settings: dict[str, dict[str, Any]] | None = None,
) -> Flask:
    """Return the blog.

    Args:
        database_url: SQLite file or PostgreSQL, as SQLAlchemy spells it.
        secret_key: at least 32 bytes.
        former_secret_keys: those that it replaced; what was signed with them holds.
        keys: the key ring, a line per key.
        mail_folder: where development mail goes when no ``mailer`` is given.
        allowed_hosts: names the blog is reached under.
        plain_http_hosts: those of them that need no HTTPS.
        is_development: show caught mail to everybody, and make an error of every tripwire that is touched.
        mailer: takes outgoing mail.
        contact_recipients: get what people write through the contact form.
        clock: the time.
        settings: replacements in Bastide's settings, by control.
    """
    app = Flask(
        "blog_flask", root_path=str(Path(__file__).parent),
        template_folder=str(SHARED / "templates"), static_folder=str(SHARED / "static"),
    )  # fmt: skip
    app.config["SECRET_KEY"] = secret_key
    app.config["SECRET_KEY_FALLBACKS"] = list(former_secret_keys)
    app.config["BASTIDE_KEYS"] = keys
    app.config["CONTACT_RECIPIENTS"] = tuple(contact_recipients)
    app.config["BASTIDE"] = {
        "transport": {"allowed_hosts": allowed_hosts, "plain_http_hosts": plain_http_hosts},
        "registration": {"site_name": SITE_NAME},
        "passwords": {"site_words": (SITE_NAME,)},
        **({"tripwires": {"on_query": "raise", "on_reflection": "raise"}} if is_development else {}),
        **(settings or {}),
    }
    database = Database(database_url)
    database.init_app(app)
    folder = FolderMailer(mail_folder)
    bastide = Bastide(
        users=User, engine=database, mailer=mailer or folder, roles=ROLES, clock=clock,
        upload_storage=FolderStorage(mail_folder.parent / "uploads"),
        event_kinds=BlogEvent,
        prefix_rules={"admin.": Rule(permission="admin_access")},
    )  # fmt: skip
    bastide.init_app(app)
    for pages in (posts, comments, people, contact, admin, api, api_files, files):
        app.register_blueprint(pages.blueprint)
    if is_development:
        app.register_blueprint(development.make_blueprint(folder))
    context.install(app)
    bastide.seal(app)
    return app
