"""``flask bastide …`` and ``manage.py bastide_…``: what each command changes, says and refuses."""

import re
from datetime import timedelta

import pytest

from support.blog import Blog


def test_an_invitation_works_once_and_makes_an_administrator(blog: Blog) -> None:
    status, output = blog.run("invite", "--base-url", "https://blog.example")
    assert status == 0
    path = output.strip().removeprefix("https://blog.example")
    assert re.fullmatch(r"/account/invitation/[\w-]{43}", path)
    form = {
        "email": "ada@example.org", "username": "ada", "password": "a long and quiet phrase",
        "password_again": "a long and quiet phrase",
    }  # fmt: skip
    assert blog.browser().post(path, form).status_code == 303
    assert blog.browser().get(path).status_code == 404
    ada = blog.services.stores.accounts.find_account("ada")
    assert ada is not None
    assert ada.roles == {"administrator"}


def test_accounts_are_listed_disabled_and_enabled(blog: Blog) -> None:
    maud = blog.signed_in("maud")
    status, output = blog.run("users", "list")
    assert status == 0
    assert "maud@example.org" in output
    assert blog.run("users", "disable", "maud")[0] == 0
    assert maud.get("/account").status_code == 303
    assert blog.browser().sign_in("maud").status_code == 403
    assert blog.run("users", "enable", "maud")[0] == 0
    assert blog.browser().sign_in("maud").status_code == 303
    assert blog.kinds().count("account:status:disabled") == blog.kinds().count("account:status:enabled") == 1


def test_a_lock_is_lifted(blog: Blog) -> None:
    blog.add_account("maud")
    for _ in range(5):
        blog.browser().sign_in("maud", "wrong password number one")
    assert blog.browser().sign_in("maud").status_code == 429
    assert blog.run("users", "unlock", "maud")[0] == 0
    assert blog.browser().sign_in("maud").status_code == 303
    assert "account:lock:lifted" in blog.kinds()


def test_roles_are_granted_and_revoked(blog: Blog) -> None:
    blog.add_account("maud")
    accounts = blog.services.stores.accounts
    for command, roles in (("grant", {"reader", "author"}), ("revoke", {"reader"})):
        assert blog.run("users", command, "maud", "author")[0] == 0
        account = accounts.find_account("maud")
        assert account is not None
        assert account.roles == roles
    assert "change_any_post" in blog.run("roles")[1]
    assert blog.run("users", "grant", "maud", "emperor")[0] != 0


@pytest.mark.parametrize("command", ["disable", "enable", "unlock", "grant", "revoke"])
def test_nobody_of_that_name_is_an_error(blog: Blog, command: str) -> None:
    role = ("author",) if command in {"grant", "revoke"} else ()
    status, output = blog.run("users", command, "nobody", *role)
    assert status == 1
    assert "nobody is called 'nobody'" in output


def test_old_sessions_are_purged_and_routes_printed(blog: Blog) -> None:
    blog.signed_in("maud").post("/account/passkeys/options")
    assert blog.run("purge")[1] == "0 sessions and 0 tickets deleted\n"
    blog.clock.advance(timedelta(hours=13))
    assert blog.run("purge")[1] == "1 sessions and 1 tickets deleted\n"
    assert "stranger=deny" in blog.run("routes")[1]
