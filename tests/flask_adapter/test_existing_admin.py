"""Flask-Admin as an application has it: who may come in, what its forms send, and its scripts under the policy."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask_admin import Admin, AdminIndexView
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import SecureForm
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Mapped, mapped_column

from bastide import Rule
from bastide.core.foundation import ConfigurationError
from bastide.flask import AccountMixin, Layers, current_exchange
from support.blog import Browser
from support.flask_there import There, from_this_site, there


def bases(model: Any) -> tuple[Any, ...]:
    return (UserMixin, AccountMixin, model)


class Inside:
    """Asks who comes in, as Flask-Admin's guide has it."""

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated)


class OwnIndex(Inside, AdminIndexView):  # type: ignore[misc]  # Flask-Admin's types are partial
    pass


class OwnNotes(Inside, ModelView):  # type: ignore[misc]  # Flask-Admin's types are partial
    column_editable_list = ("text",)


class SecureNotes(OwnNotes):
    form_base_class = SecureForm


class LoudNotes(OwnNotes):
    """Lets the attributes of Flask-Admin's buttons run, which nothing else on the site may have."""

    def render(self, template: str, **options: Any) -> str:
        current_exchange().csp_overrides["script-src-attr"] = ("'unsafe-inline'",)
        return super().render(template, **options)  # type: ignore[no-any-return]


def add_admin(made: There, *views: Any, index: Any = None) -> None:
    class Note(made.db.Model):  # type: ignore[name-defined,misc]  # the extension's own base
        __tablename__ = "note"
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]

    manager = LoginManager(made.app)
    manager.user_loader(lambda user_id: made.db.session.get(made.User, int(user_id)))
    admin = Admin(made.app, index_view=index)
    for number, view in enumerate(views):
        admin.add_view(view(Note, made.db, endpoint=f"notes{number}", name=f"Notes {number}"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[There]:
    with there(tmp_path, bases=bases) as made:
        add_admin(made, OwnNotes, SecureNotes, LoudNotes, index=OwnIndex())
        made.put_whole()
        made.add_account("maud")
        yield made


def send(browser: Browser, page: str, path: str, **form: str) -> Any:
    """Post the form of a page with the token that stands in it."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(page).text)
    assert found is not None
    data = {"csrf_token": found[1], **form}
    return browser.open("POST", path, data=data, headers=from_this_site())


@pytest.mark.asvs("V8.2.1", "V3.5.1")
@pytest.mark.parametrize("number", [0, 1])
def test_its_forms_write_with_the_token_and_not_without(place: There, number: int) -> None:
    maud, base = place.signed_in("maud"), f"/admin/notes{number}"
    assert send(maud, f"{base}/new/", f"{base}/new/", text="first").status_code == 302
    assert "first" in maud.get(f"{base}/").text
    assert send(maud, f"{base}/edit/?id=1", f"{base}/edit/?id=1", text="second").status_code == 302
    assert "second" in maud.get(f"{base}/").text
    forged = maud.open("POST", f"{base}/delete/", data={"id": "1"}, headers=from_this_site())
    assert forged.status_code == 403
    foreign = {"Origin": "https://evil.example"}
    assert maud.open("POST", f"{base}/new/", data={"text": "x"}, headers=foreign).status_code == 403
    assert send(maud, f"{base}/", f"{base}/delete/", id="1").status_code == 302
    assert "second" not in maud.get(f"{base}/").text


@pytest.mark.asvs("V8.2.1")
def test_what_its_views_ask_counts_and_strangers_sign_in(place: There) -> None:
    stranger = place.browser()
    assert stranger.get("/admin/").headers["Location"] == "/account/sign-in?next=/admin/"
    assert stranger.get("/admin/notes0/").headers["Location"] == "/account/sign-in?next=/admin/notes0/"
    with stranger.get("/admin/static/admin/js/form.js") as answer:
        assert answer.status_code == 200


@pytest.mark.asvs("V8.2.1")
def test_views_that_ask_nobody_stop_the_start_until_a_rule_does(tmp_path: Path) -> None:
    for rules, refused in (
        ({}, True),
        ({"admin.": Rule(permission="read"), "notes": Rule(permission="no")}, False),
    ):
        folder = tmp_path / str(refused)
        folder.mkdir()
        with there(folder, bases=bases) as made:
            add_admin(made, ModelView)
            made.put_whole(prefix_rules=rules)
            made.add_account("maud")
            if refused:
                with pytest.raises(ConfigurationError, match=r"/admin/ \(admin\.index\), /admin/notes0/"):
                    made.browser().get("/")
                continue
            maud = made.signed_in("maud")
            assert maud.get("/admin/").status_code == 200
            assert maud.get("/admin/notes0/").status_code == 403


@pytest.mark.asvs("V3.4.3")
def test_its_scripts_carry_the_nonce_and_its_buttons_need_to_be_let(place: There) -> None:
    maud = place.signed_in("maud")
    answer = maud.get("/admin/notes0/")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]+)' 'strict-dynamic';", policy)
    assert nonce is not None
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script or "application/json" in script for script in scripts)
    assert "<style" not in answer.text
    assert "script-src-attr" not in policy
    loud = maud.get("/admin/notes2/").headers["Content-Security-Policy"]
    assert "script-src-attr 'unsafe-inline'" in loud
    assert "script-src 'nonce-" in loud
    assert "script-src-attr" not in maud.get("/admin/").headers["Content-Security-Policy"]


def test_layers_alone_do_the_same(tmp_path: Path) -> None:
    with there(tmp_path, bases=bases) as made:
        add_admin(made, OwnNotes, SecureNotes, index=OwnIndex())
        Layers("forgery", "headers", engine=made.db).init_app(made.app)
        made.app.login_manager.request_loader(lambda _: made.User(id=1, username="maud", is_active=True))  # type: ignore[attr-defined]
        with made.app.app_context():
            made.db.create_all()
        browser = made.browser()
        for number in range(2):
            base = f"/admin/notes{number}"
            assert send(browser, f"{base}/new/", f"{base}/new/", text=f"of {number}").status_code == 302
            assert f"of {number}" in browser.get(f"{base}/").text
            assert browser.open("POST", f"{base}/new/", data={"text": "x"}).status_code == 403
        assert "nonce-" in browser.get("/admin/").headers["Content-Security-Policy"]
