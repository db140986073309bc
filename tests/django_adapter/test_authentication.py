"""django.contrib.auth over Bastide: one budget, sessions that change hands safely, rights and policies."""

from typing import Any
from urllib.parse import urlencode

import pytest

from support.api import Program, issue
from support.blog import PASSWORD, Blog, Browser
from support.factors import code_of, enrol
from support.rows import rows

WRONG = "wrong password number one"


def enter(browser: Browser, name: str, password: str = PASSWORD) -> int:
    return browser.get(f"/enter?{urlencode({'name': name, 'password': password})}").status_code


def user(blog: Blog, name: str, *roles: str) -> Any:
    from django.contrib.auth import get_user_model

    blog.add_account(name, *roles)
    return get_user_model().objects.get(username=name)


@pytest.mark.asvs("V6.3.1")
def test_authenticate_draws_from_the_one_budget(more: Blog) -> None:
    more.add_account("maud")
    assert [enter(more.browser(), "maud", WRONG) for _ in range(5)] == [403] * 5
    assert enter(more.browser(), "maud") == 403
    assert more.browser().sign_in("maud").status_code == 429
    assert more.kinds().count("account:login:failure") == 5


@pytest.mark.asvs("V7.2.4", "V7.4.1")
def test_login_and_logout_of_django_start_and_end_sessions(more: Blog) -> None:
    more.add_account("maud")
    browser = more.browser()
    assert enter(browser, "maud") == 200
    captured = browser.cookie("__Host-session")
    assert browser.get("/who").get_json() == {"user": "maud", "before": "kept"}
    assert browser.get("/account").status_code == 200
    assert more.rows("SELECT count(*) FROM bastide_session WHERE account_id IS NOT NULL")[0][0] == 1
    assert browser.get("/leave").text == "gone"
    browser.set_cookie("__Host-session", captured or "")
    assert browser.get("/who").get_json() == {"user": "AnonymousUser", "before": ""}
    assert more.kinds().count("account:logout:success") == 1


@pytest.mark.asvs("V7.2.4", "V7.4.1")
@pytest.mark.parametrize("name", ["", "tomas"])
def test_what_is_written_after_a_sign_out_or_sign_in_brings_nobody_back(more: Blog, name: str) -> None:
    """Django's own login notes the user among the session's values; they go with their user."""
    more.add_account("maud")
    more.add_account("tomas")
    browser = more.browser()
    assert enter(browser, "maud") == 200
    query = f"?{urlencode({'name': name, 'password': PASSWORD})}" if name else ""
    seen = browser.get(f"/change-hands{query}").text
    assert browser.get("/who").get_json() == {"user": name or "AnonymousUser", "before": ""}
    assert seen == ""
    maud = "JOIN user_account u ON u.id = account_id WHERE u.username = 'maud'"
    assert more.rows(f"SELECT count(*) FROM bastide_session {maud}")[0][0] == 0


@pytest.mark.asvs("V7.2.4")
def test_login_of_django_ends_the_session_that_was_there(more: Blog) -> None:
    more.add_account("tomas")
    browser = more.signed_in("maud")
    planted = browser.cookie("__Host-session")
    assert enter(browser, "tomas") == 200
    assert browser.cookie("__Host-session") != planted
    assert browser.get("/who").get_json()["user"] == "tomas"
    browser.set_cookie("__Host-session", planted or "")
    assert browser.get("/who").get_json()["user"] == "AnonymousUser"


@pytest.mark.asvs("V7.2.4")
def test_login_of_django_leaves_nothing_of_a_stranger_s_session(more: Blog) -> None:
    more.add_account("maud")
    browser = more.browser()
    assert browser.get("/keep-before").status_code == 200
    assert enter(browser, "maud") == 200
    assert browser.get("/who").get_json() == {"user": "maud", "before": "kept"}
    assert more.rows("SELECT count(*), count(account_id) FROM bastide_session") == [(1, 1)]


@pytest.mark.asvs("V6.3.3", "V7.2.4")
def test_login_of_django_leaves_the_second_factor_to_be_shown(more: Blog) -> None:
    key, _ = enrol(more, more.signed_in("maud"))
    browser = more.browser()
    assert browser.get("/enter-outright?name=maud").status_code == 200
    assert browser.get("/who").get_json() == {"user": "AnonymousUser", "before": "kept"}
    asked = browser.get("/account").headers["Location"]
    assert browser.get(asked).headers["Location"] == "/account/second-factor?next=%2Faccount"
    assert browser.get("/account/sign-in").status_code == 200  # and whoever starts over can
    assert browser.get("/keep-before").status_code == 200  # whatever is saved meanwhile
    assert browser.get("/who").get_json() == {"user": "AnonymousUser", "before": "planted"}
    assert more.kinds().count("account:factor:needed") == 1
    shown = browser.post("/account/second-factor", {"code": code_of(key, more), "next": "/account"})
    assert shown.headers["Location"] == "/account"
    assert browser.get("/who").get_json() == {"user": "maud", "before": "planted"}


@pytest.mark.asvs("V6.3.1")
@rows("named", ["username", "email"])
def test_authenticate_knows_the_names_that_libraries_hand_in(more: Blog, named: str) -> None:
    """Django's backend takes what the model's USERNAME_FIELD says; allauth and dj-rest-auth say `email`."""
    from django.contrib.auth import authenticate

    maud = user(more, f"maud_{named}")
    typed = getattr(maud, named)
    assert authenticate(None, **{named: typed}, password=PASSWORD) == maud
    assert authenticate(None, **{named: typed}, password=WRONG) is None
    assert "account:login:failure" in more.kinds()


def test_the_test_client_of_django_signs_in(more: Blog) -> None:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    assert client.get("/account").status_code == 303
    client.force_login(user(more, "maud"))
    assert client.get("/account").status_code == 200
    client.logout()
    assert client.get("/account").status_code == 303


@pytest.mark.asvs("V8.2.1", "V8.2.2")
def test_has_perm_asks_roles_and_policies(more: Blog) -> None:
    from django.test import override_settings

    from blog_django import settings as own
    from blog_django.models import Post
    from blog_shared.access import EDIT_POST

    maud, tomas = user(more, "maud", "author"), user(more, "tomas", "author")
    post = Post(author=maud)
    assert maud.has_perm("write_post")
    assert maud.has_perm("bastide_accounts.write_post")
    assert not maud.has_perm("admin_access")
    assert not maud.has_perm("write_post", post)
    with override_settings(BASTIDE={**own.BASTIDE, "policies": {"edit_post": EDIT_POST}}):
        assert maud.has_perm("edit_post", post)
        assert not tomas.has_perm("edit_post", post)
    assert "write_post" in maud.get_all_permissions()
    maud.is_active = False
    assert not maud.has_perm("write_post")


@pytest.mark.asvs("V8.2.1")
def test_a_user_has_their_own_rights_whoever_asks(more: Blog) -> None:
    boss = more.signed_in("boss1", "administrator")
    user(more, "maud", "reader")
    own, theirs = (boss.get(f"/rights-of?name={name}").get_json() for name in ("boss1", "maud"))
    assert "admin_access" in own
    assert "admin_access" not in theirs
    assert "read_post" in theirs


@pytest.mark.asvs("V7.4.2")
def test_a_disabled_user_is_nobody_s_to_load(more: Blog) -> None:

    from bastide.django.auth import BastideBackend

    maud = user(more, "maud")
    assert BastideBackend().get_user(maud.pk) == maud
    maud.is_active = False
    maud.save()
    assert BastideBackend().get_user(maud.pk) is None
    assert BastideBackend().get_user(maud.pk + 1) is None


@pytest.mark.asvs("V6.3.8")
def test_names_made_past_the_registration_are_unique_after_folding(more: Blog) -> None:
    from django.contrib.auth import get_user_model
    from django.db import IntegrityError, transaction

    users: Any = get_user_model().objects
    made = users.create_user("Maud", "maud@example.org", PASSWORD)
    assert more.browser().sign_in("mAUD").status_code == 303
    with pytest.raises(IntegrityError), transaction.atomic():
        users.create_user("maud", "other@example.org", PASSWORD)
    made.username = "magda"
    made.save()
    assert more.browser().sign_in("magda").status_code == 303
    assert more.browser().sign_in("maud").status_code == 403


def test_sessions_stand_by_themselves_in_a_shell(more: Blog) -> None:
    from bastide.django.sessions import SessionStore

    store = SessionStore()
    store["colour"] = "green"
    store.save()
    key = store.session_key
    assert key is not None
    assert more.rows(f"SELECT count(*) FROM bastide_session WHERE state LIKE '%{key}%'")[0][0] == 0
    again = SessionStore(key)
    assert again["colour"] == "green"
    assert again.exists(key)
    again.cycle_key()
    assert again.session_key != key
    assert again["colour"] == "green"
    assert not again.exists(key)
    again.flush()
    assert again.session_key is None
    SessionStore.clear_expired()
    assert more.rows("SELECT count(*) FROM bastide_session")[0][0] == 0


@pytest.mark.asvs("V7.4.3", "V6.2.3")
def test_a_password_set_past_the_account_pages_ends_the_sessions(more: Blog) -> None:
    browser, other = more.signed_in("maud"), more.signed_in("tomas")
    from django.contrib.auth import get_user_model

    maud = get_user_model().objects.get(username="maud")
    maud.first_name = "Maud"
    maud.save()
    assert browser.get("/account").status_code == 200
    browser.confirm("maud")
    program = Program(more, issue(browser, "edit_profile"))
    assert program.get("/profile").status_code == 200
    maud.set_password("another phrase altogether")
    maud.save()
    assert program.get("/profile").status_code == 401
    assert browser.get("/account").status_code == 303
    assert other.get("/account").status_code == 200
    assert more.kinds().count("account:password:changed") == 1
    assert more.browser().sign_in("maud", "another phrase altogether").status_code == 303


@pytest.mark.asvs("V7.4.3")
def test_a_password_changed_on_the_account_pages_is_not_taken_for_another_change(more: Blog) -> None:
    from django.contrib.auth import get_user_model

    browser, new = more.signed_in("maud"), "another phrase altogether"
    form = {"current_password": PASSWORD, "password": new, "password_again": new}
    assert browser.post("/account/password", form).status_code == 303
    maud = get_user_model().objects.get(username="maud")
    maud.first_name = "Maud"
    maud.save()
    assert browser.get("/account").status_code == 200
    assert more.kinds().count("account:password:changed") == 1


@pytest.mark.asvs("V7.4.3", "V11.4.2")
@pytest.mark.parametrize("way", ["check_password", "acheck_password"])
def test_a_hash_that_django_makes_anew_is_no_new_password(more: Blog, way: str) -> None:
    from asgiref.sync import async_to_sync
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password
    from django.test import override_settings

    from bastide.django.accounts.following import password_digest
    from bastide.django.accounts.models import Identity

    browser = more.signed_in("maud")
    users: Any = get_user_model()
    maud = users.objects.get(username="maud")
    hashers = ["support.cheap_hasher.CheapHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers):
        old = make_password(PASSWORD, hasher="pbkdf2_sha256")
    users.objects.filter(pk=maud.pk).update(password=old)
    Identity.objects.filter(pk=maud.pk).update(password_digest=password_digest(old))

    def check() -> bool:
        found = users.objects.get(pk=maud.pk)
        asked = getattr(found, way)
        with override_settings(PASSWORD_HASHERS=hashers):
            return bool((async_to_sync(asked) if way.startswith("a") else asked)(PASSWORD))

    assert check()
    assert users.objects.get(pk=maud.pk).password.startswith("argon2$")
    assert browser.get("/account").status_code == 200
    assert more.kinds().count("account:password:changed") == 0
    assert more.kinds().count("account:password:rehashed") == 1
    # What is no check is a new password, however it is written.
    maud.password = make_password("another phrase altogether")
    maud.save(update_fields=["password"])
    assert browser.get("/account").status_code == 303
    assert more.kinds().count("account:password:changed") == 1


@pytest.mark.asvs("V7.2.4", "V8.3.2")
def test_groups_changed_past_the_account_pages_change_the_id_and_are_told(more: Blog) -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    browser = more.signed_in("maud")
    maud = get_user_model().objects.get(username="maud")
    moderator = Group.objects.get(name="moderator")
    before = browser.cookie("__Host-session")
    maud.groups.add(moderator)
    assert browser.get("/moderation").status_code == 200
    assert browser.cookie("__Host-session") != before
    moderator.user_set.remove(maud)
    assert browser.get("/moderation").status_code == 403
    maud.groups.clear()
    assert more.kinds().count("account:role:granted") == 1
    assert more.kinds().count("account:role:revoked") == 2


@pytest.mark.asvs("V8.3.2")
def test_a_permission_held_in_two_ways_is_held_until_both_are_gone(more: Blog) -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    browser = more.signed_in("maud")
    maud, moderator = get_user_model().objects.get(username="maud"), Group.objects.get(name="moderator")
    maud.groups.add(moderator)
    maud.user_permissions.set(moderator.permissions.all())
    assert browser.get("/moderation").status_code == 200
    maud.groups.remove(moderator)
    assert browser.get("/moderation").status_code == 200
    maud.user_permissions.clear()
    assert browser.get("/moderation").status_code == 403
