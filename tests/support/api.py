"""Either blog with a small API beside it, and tokens for it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bastide.core.accounts import account_key
from bastide.core.client import Client
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import FIREFOX, Blog

HERE = Client(address="203.0.113.7", user_agent=FIREFOX)


def add_flask_api(blog: Blog) -> None:
    """Add what `support.api_urls` has on Django."""
    from flask import session

    from bastide.flask import api, login_required, permission_required, principal, public

    app = blog.application

    def answer() -> Any:
        session["note"] = "kept for nobody"
        who = principal()
        return {"name": who.name, "rights": sorted(who.permissions)}

    def add(path: str, *decorators: Any, methods: tuple[str, ...] = ("GET",)) -> None:
        def view() -> Any:
            return answer()

        for decorator in reversed(decorators):
            view = decorator(view)
        app.add_url_rule(path, path, view, methods=methods)

    add("/api/notes", api, permission_required("write_post"), methods=("GET", "POST"))
    add("/api/admin", api, permission_required("admin_access"))
    add("/api/open", api, public)
    add("/no-api", login_required)
    app.extensions["bastide"].seal(app)


@contextmanager
def blog_with_api(
    url: str, folder: Path, clock: FrozenClock, framework: str, **settings: Any
) -> Iterator[Blog]:
    with ExitStack() as undo:
        if framework == "django":
            from support import django_blog

            django_blog.set_up()
            from django.test import override_settings

            undo.enter_context(override_settings(ROOT_URLCONF="support.api_urls"))
        made = make_blog(url, folder, clock, framework=framework, settings=settings)
        if framework == "flask":
            add_flask_api(made)
        yield made
        made.close()


def issue_token(
    blog: Blog, name: str, *scopes: str, lifetime: timedelta = timedelta(days=30)
) -> tuple[str, str]:
    """Return the text and the id of a new token of the account, issued in a session of its own."""
    account = blog.services.stores.accounts.find_account(account_key(name))
    assert account is not None
    cookie = blog.signed_in(name).cookie("__Host-session")
    session = blog.services.sessions.resume(str(cookie), FIREFOX).session
    assert session is not None
    made = blog.services.api_tokens.issue(
        session, account, HERE, name="CI", scopes=frozenset(scopes), lifetime=lifetime
    )
    assert made is not None
    return made.text.reveal(), made.summary.id
