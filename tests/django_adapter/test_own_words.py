"""Views that say in Django's own words whom they let in are rules enough, and no way around Bastide's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bastide import PUBLIC, Rule
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog
from support.rows import rows

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
OWN = {"mine": b"of maud", "mine-too": b"of maud"}


@pytest.fixture
def said(tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    """The blog with the views of `support.own_words_urls`."""
    from support import django_blog

    django_blog.set_up()
    from django.test import override_settings

    with override_settings(ROOT_URLCONF="support.own_words_urls"):
        made = make_blog(f"sqlite:///{tmp_path / 'said.sqlite3'}", tmp_path, clock, framework="django")
        yield made
        made.close()


def ids(**changed: Any) -> list[str | None]:
    from django.core.checks import run_checks
    from django.test import override_settings

    with override_settings(**changed):
        return [message.id for message in run_checks()]


@pytest.mark.asvs("V8.2.1")
@rows(("address", "shown"), list(OWN.items()))
def test_they_go_on_asking_by_themselves(said: Blog, address: str, shown: bytes) -> None:
    assert ids() == []
    where = f"/own/{address}"
    asked = said.browser().get(where)
    assert (asked.status_code, asked.headers["Location"]) == (302, f"/accounts/login/?next={where}")
    if "maud" not in dict(said.rows("SELECT username, id FROM user_account")):
        said.add_account("maud")
    browser = said.browser()
    assert browser.sign_in("maud").status_code == 303
    assert browser.get(where).data == shown
    assert browser.get("/own/administrators").status_code == 403
    assert "no-store" in browser.get(where).headers["Cache-Control"]


@pytest.mark.asvs("V7.5.1", "V8.2.1")
@rows("address", [*OWN, "password"])
def test_a_changed_browser_confirms_before_it_goes_on(said: Blog, address: str) -> None:
    browser = said.signed_in(f"maud_{address.replace('-', '_')}")
    browser.agent = CHROME
    where = f"/own/{address}"
    assert browser.get(where).headers["Location"] == f"/account/confirm?next={where}"


@pytest.mark.asvs("V8.2.1")
def test_a_prefix_rule_goes_before_them(said: Blog) -> None:
    from django.conf import settings
    from django.test import override_settings

    prefixes = {"/own/mine": Rule(permission="admin_access"), "/own/": PUBLIC}
    with override_settings(BASTIDE={**settings.BASTIDE, "prefix_rules": prefixes}):
        from bastide.django.requests.routes import read_rules

        rules = {pattern.path: pattern.rule for pattern in read_rules(prefixes)}
    assert rules["/own/mine-too"] == prefixes["/own/mine"]
    assert rules["/own/administrators"] is PUBLIC


@pytest.mark.asvs("V8.2.1")
def test_who_asks_everybody_to_sign_in_leaves_out_what_has_a_rule(said: Blog) -> None:
    from django.conf import settings
    from django.test import override_settings

    everywhere = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, everywhere]):
        from django.test import Client

        client = Client(headers={"host": "localhost"})
        assert [client.get(where).status_code for where in ("/", "/account/sign-in")] == [200, 200]
        assert client.get("/own/mine").headers["Location"] == "/accounts/login/?next=/own/mine"
