"""Tests of applications sign somebody in with one line, in whatever state the test is about."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from bastide.core.foundation import ConfigurationError
from bastide.testing import sign_in, signed_in
from support.blog import Blog

__all__ = ["signed_in"]


@pytest.fixture
def app(blog: Blog) -> Any:
    """What `sign_in` takes first: the Flask application, or a client of Django's."""
    if blog.framework == "flask":
        return blog.application
    from django.test import Client

    return Client(headers={"host": "localhost"})


def status(client: Any, path: str) -> tuple[int, str]:
    secure = {} if hasattr(client, "open") else {"secure": True}
    answer = client.get(path, **secure)
    return answer.status_code, answer.headers.get("Location", "")


def test_who_is_signed_in_reaches_what_their_roles_grant(blog: Blog, app: Any) -> None:
    assert status(sign_in(app, blog.add_account("maud")), "/admin/users")[0] == 403
    client = sign_in(app, blog.add_account("root", "administrator"))
    assert status(client, "/admin/users") == (200, "")
    secure = {} if hasattr(client, "open") else {"secure": True}
    written = client.post(
        "/posts/new", data={"title": "Of a test", "content": "Ten letters and more."}, **secure
    )
    assert (written.status_code, written.headers["Location"].rpartition("/")[0]) == (303, "/posts")


def test_permissions_are_granted_besides(blog: Blog, app: Any) -> None:
    client = sign_in(app, blog.add_account("maud"), permissions={"admin_access"})
    assert status(client, "/admin") == (200, "")


def test_what_is_sensitive_asks_who_is_not_fresh(blog: Blog, app: Any) -> None:
    maud = blog.add_account("maud")
    assert status(sign_in(app, maud), "/account/factors") == (200, "")
    stale = sign_in(app, maud, is_fresh=False)
    assert status(stale, "/account/factors") == (303, "/account/confirm?next=/account/factors")


def test_a_second_factor_is_shown_or_still_to_be(blog: Blog, app: Any) -> None:
    maud = blog.add_account("maud")
    assert status(sign_in(app, maud, factor="shown"), "/account") == (200, "")
    assert blog.services.stores.factors.has_factor(maud)
    pending = sign_in(app, maud, factor="pending")
    assert status(pending, "/account") == (303, "/account/sign-in?next=/account")


def test_the_fixture_signs_in_at_the_application_at_hand(blog: Blog, signed_in: Callable[..., Any]) -> None:
    assert status(signed_in(blog.add_account("maud")), "/account") == (200, "")


def test_an_application_without_accounts_is_told_so() -> None:
    with pytest.raises(ConfigurationError, match="no Bastide"):
        sign_in(Flask("bare"), 1)
