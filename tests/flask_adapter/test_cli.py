"""``flask bastide``: what each command changes, says and refuses."""

import re
from datetime import timedelta

import pytest
from click.testing import Result

from support.blog import Blog


@pytest.fixture
def framework() -> str:
    return "flask"


def run(blog: Blog, *arguments: str) -> Result:
    result: Result = blog.application.test_cli_runner().invoke(args=["bastide", *arguments])
    return result


def test_an_invitation_works_once_and_makes_an_administrator(blog: Blog) -> None:
    result = run(blog, "invite", "--base-url", "https://blog.example")
    assert result.exit_code == 0
    path = result.output.strip().removeprefix("https://blog.example")
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
    listed = run(blog, "users", "list")
    assert listed.exit_code == 0
    assert "maud@example.org" in listed.output
    assert run(blog, "users", "disable", "maud").exit_code == 0
    assert maud.get("/account").status_code == 303
    assert blog.browser().sign_in("maud").status_code == 403
    assert run(blog, "users", "enable", "maud").exit_code == 0
    assert blog.browser().sign_in("maud").status_code == 303
    assert blog.kinds().count("account:status:disabled") == blog.kinds().count("account:status:enabled") == 1


def test_a_lock_is_lifted(blog: Blog) -> None:
    blog.add_account("maud")
    for _ in range(5):
        blog.browser().sign_in("maud", "wrong password number one")
    assert blog.browser().sign_in("maud").status_code == 429
    assert run(blog, "users", "unlock", "maud").exit_code == 0
    assert blog.browser().sign_in("maud").status_code == 303
    assert "account:lock:lifted" in blog.kinds()


def test_roles_are_granted_and_revoked(blog: Blog) -> None:
    blog.add_account("maud")
    accounts = blog.services.stores.accounts
    for command, roles in (("grant", {"reader", "author"}), ("revoke", {"reader"})):
        assert run(blog, "users", command, "maud", "author").exit_code == 0
        account = accounts.find_account("maud")
        assert account is not None
        assert account.roles == roles
    assert "change_any_post" in run(blog, "roles").output
    refused = run(blog, "users", "grant", "maud", "emperor")
    assert refused.exit_code != 0


@pytest.mark.parametrize("command", ["disable", "enable", "unlock", "grant", "revoke"])
def test_nobody_of_that_name_is_an_error(blog: Blog, command: str) -> None:
    role = ("author",) if command in {"grant", "revoke"} else ()
    result = run(blog, "users", command, "nobody", *role)
    assert result.exit_code == 1
    assert "nobody is called 'nobody'" in result.output


def test_old_sessions_are_purged_and_routes_printed(blog: Blog) -> None:
    blog.signed_in("maud")
    assert run(blog, "purge").output == "0 sessions deleted\n"
    blog.clock.advance(timedelta(hours=13))
    assert run(blog, "purge").output == "1 sessions deleted\n"
    assert "stranger=deny" in run(blog, "routes").output
