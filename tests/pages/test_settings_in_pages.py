"""What pages say of the settings, as they are served: the same on both frameworks, true under each profile."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import BASE, Blog, last_link


class Said(NamedTuple):
    """What the settings make of the texts."""

    settings: dict[str, Any]
    lifetimes: tuple[str, str, str]
    first_password: tuple[str, int]
    next_password: tuple[str, int]
    refused: dict[str, str]


MANAGER = "Your password manager may fill it in."
ANY = "{} characters or more of any kind, such as a few words. " + MANAGER
EITHER = f"{ANY.format(15).removesuffix(' ' + MANAGER)[:-1]}; or 12 with capitals, small letters, digits and signs. {MANAGER}"
CASES = {
    "default": Said(
        {}, ("1 hour", "10 minutes", "1 hour"), (EITHER, 12), (EITHER, 12),
        {
            "short": "This needs at least 15 characters.",
            "x7q9z3k1m5pw": "Below 15 characters, it needs capitals, small letters, digits and signs.",
            "x" * 257: "This takes at most 256 characters.",
        },
    ),
    "asvs": Said(
        {"profile": "asvs"}, ("10 minutes", "10 minutes", "10 minutes"), (ANY.format(15), 15), (ANY.format(8), 8),
        {"x7q9z3k1m5pw": "This needs at least 15 characters."},
    ),
    "own": Said(
        {
            "tickets": {
                "registration_lifetime": timedelta(minutes=90), "reset_lifetime": timedelta(minutes=1),
                "email_change_lifetime": timedelta(days=1),
            },
            "passwords": {"preset": "strict_composition", "max_length": 128},
        },
        ("90 minutes", "1 minute", "1 day"),
        (f"12 characters or more, among them capitals, small letters, digits and signs. {MANAGER}", 12),
        (f"12 characters or more, among them capitals, small letters, digits and signs. {MANAGER}", 12),
        {
            "short": "This needs at least 12 characters.",
            "x7 q9 z3 k1 m5 p": "This needs capitals, small letters, digits and signs.",
            "x" * 129: "This takes at most 128 characters.",
        },
    ),
}  # fmt: skip


@pytest.fixture(params=CASES)
def said(request: pytest.FixtureRequest) -> Said:
    return CASES[request.param]


@pytest.fixture
def blog(said: Said, framework: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
    made = make_blog(url, tmp_path, clock, framework=framework, settings=said.settings)
    made.gives_factors = "profile" in said.settings
    yield made
    made.close()


def lead(page: str) -> str:
    return unescape(re.findall(r'<p class="lead">(.*?)</p>', page)[0])


def new_password(page: str) -> tuple[str, int]:
    """Return what the page says that a new password has to be, and what it has the browser check."""
    (text,) = re.findall(r'<p class="help" id="field-password-help">(.*?)</p>', page)
    (length,) = re.findall(
        r'<input id="field-password" name="password" type="password" required minlength="(\d+)"', page
    )
    assert "maxlength" not in page.partition('id="field-password"')[2].partition(">")[0]
    return unescape(text), int(length)


def test_a_mailed_link_works_for_as_long_as_the_page_says(blog: Blog, said: Said) -> None:
    stranger, maud = blog.browser(), blog.signed_in("maud")
    paths = ("/account/register/sent", "/account/reset/sent", "/account/email/sent")
    texts = (
        "If an account can be made for that address, a link is on its way. It works once, for {}.",
        "If an account has that address, a link is on its way. It works once, for {}.",
        "If that address can be used, a link is on its way there. It works once, for {}.",
    )
    for browser, path, text, lifetime in zip(
        (stranger, stranger, maud), paths, texts, said.lifetimes, strict=True
    ):
        assert lead(browser.get(path).text) == text.format(lifetime)


def test_a_new_password_is_what_the_page_asks_for(blog: Blog, said: Said) -> None:
    maud, browser = blog.signed_in("maud"), blog.browser()
    assert new_password(maud.get("/account/password").text) == said.next_password
    browser.post("/account/register", {"email": "tomas@example.org"})
    complete = last_link(blog)
    page = browser.get(complete).text
    assert new_password(page) == said.first_password
    (help_text,) = re.findall(r'<p class="help" id="field-username-help">(.*?)</p>', page)
    assert help_text == "Up to 30 letters, digits or underscores. Everybody can see it."
    assert 'minlength="2" maxlength="30" autocomplete="username"' in page
    browser.post("/account/reset", {"email": "maud@example.org"})
    reset = last_link(blog)
    assert new_password(browser.get(reset).text) == said.first_password
    invitation = re.findall(r"/account/invitation/\S+", blog.run("invite", "--base-url", BASE)[1])[0]
    assert new_password(browser.get(invitation).text) == said.first_password
    for password, sentence in said.refused.items():
        form = {"username": "tomas", "password": password, "password_again": password}
        for link, fields in ((complete, form), (reset, {**form, "username": None})):
            sent = {name: value for name, value in fields.items() if value is not None}
            answer = browser.post(link, sent)
            assert answer.status_code == 400
            errors = re.findall(
                r'<ul class="errors" id="field-password-errors"><li>(.*?)</li></ul>', answer.text
            )
            assert errors == [sentence]


def test_codes_and_names_are_as_long_as_the_page_says(blog: Blog) -> None:
    maud = blog.signed_in("maud")
    maud.confirm("maud")
    page = maud.get("/account/factors").text
    assert "<p>An app that shows 6 digits, new ones every 30 seconds.</p>" in page
    assert re.findall(r'name="name" type="text" value="" required maxlength="(\d+)"', page) == ["60"]


def test_the_blog_says_what_its_rules_and_its_uploads_take(
    framework: str, tmp_path: Path, clock: FrozenClock
) -> None:
    url, uploads = (
        f"sqlite:///{tmp_path / 'blog.sqlite3'}",
        {"kinds": ("png", "txt"), "max_size_bytes": 3 * 2**19},
    )
    blog = make_blog(url, tmp_path, clock, framework=framework, settings={"uploads": uploads})
    author = blog.signed_in("author1", "author")
    page = author.get("/posts/new").text
    assert '<p class="help" id="field-tags-help">Up to 10, separated by commas.</p>' in page
    assert re.findall(r'name="q" type="search" placeholder="Search" maxlength="(\d+)"', page) == ["100"]
    page = author.get("/profile").text
    assert '<p class="help" id="field-bio-help">5 words or more, 500 characters at most.</p>' in page
    manage = f"/posts/{blog.write_post(author, 'With files')}/files"
    page = author.get(manage).text
    kept = "Pictures and documents lose what they say of place and author, and signatures in a PDF do not survive."
    assert f"One of these: png, txt; 1.5 MiB at most. {kept}</p>" in page
    assert 'accept=".png,.txt"' in page
    answer = author.post(manage, {"file": (BytesIO(b"x" * (3 * 2**19 + 1)), "large.txt")})
    assert "The file has 1.51 MiB; 1.5 MiB are taken at most." in answer.text
    blog.close()
