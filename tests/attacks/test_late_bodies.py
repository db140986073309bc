"""A thief sends everything but the body, waits until the owner has acted, and sends the rest."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest

from support.authenticator import SoftKey
from support.blog import PASSWORD, Blog, Browser, last_link
from support.factors import code_of, enrol

pytestmark = [pytest.mark.own_factors, pytest.mark.asvs("V7.4.3", "V8.3.2", "V15.4.2")]
NEW = "an even better battery staple"


class LateBody(BytesIO):
    """A body before which something else happens."""

    def __init__(self, body: bytes, before: Callable[[], object]) -> None:
        super().__init__(body)
        self._before: Callable[[], object] | None = before

    def read(self, size: int | None = -1, /) -> bytes:
        self._let_happen()
        return super().read(size)

    def readinto(self, buffer: Any, /) -> int:
        self._let_happen()
        return super().readinto(buffer)

    def _let_happen(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            before()


def send_late(thief: Browser, path: str, data: dict[str, str], before: Callable[[], object]) -> int:
    body = urlencode({thief.token_field: thief.token(), **data}).encode()
    answer = thief.open(
        "POST", path, input_stream=LateBody(body, before), content_type="application/x-www-form-urlencoded",
        headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", "Content-Length": str(len(body))},
    )  # fmt: skip
    return answer.status_code


def stolen(blog: Blog, owner: Browser) -> Browser:
    thief = blog.browser(address="198.51.100.66")
    thief.set_cookie("__Host-session", str(owner.cookie("__Host-session")))
    return thief


def change_password(owner: Browser) -> Callable[[], Any]:
    form = {"current_password": PASSWORD, "password": NEW, "password_again": NEW}

    def act() -> None:
        assert owner.post("/account/password", form).status_code == 303

    return act


def account_of(blog: Blog, name: str = "maud") -> Any:
    return blog.services.stores.accounts.find_account(name)


def test_no_passkey_is_added(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    thief = stolen(blog, owner)
    sent = SoftKey().create(thief.post("/account/passkeys/options").get_json())
    status = send_late(
        thief, "/account/passkeys", {"name": "Mine", "credential": sent}, change_password(owner)
    )
    assert status in {303, 403}
    assert blog.services.passkeys.list_own(account_of(blog).id) == []
    assert owner.get("/account").status_code == 200


@pytest.mark.profiles("factors.drift_steps")
def test_no_authenticator_is_turned_on(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    thief = stolen(blog, owner)
    thief.post("/account/factors", {"action": "begin"})
    pending = blog.services.second_factors.pending(account_of(blog))
    assert pending is not None
    code = code_of(pending.key, blog)
    assert send_late(thief, "/account/factors/totp", {"code": code}, change_password(owner)) in {303, 403}
    assert not blog.services.second_factors.is_on(account_of(blog).id)
    assert owner.get("/account").status_code == 200


def test_no_factor_is_removed_and_no_code_renewed(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    _, codes = enrol(blog, owner)
    for action in ("remove", "renew"):
        thief = stolen(blog, owner)
        before = blog.services.second_factors.count_backup_codes(account_of(blog).id)
        send_late(thief, "/account/factors", {"action": action}, partial(owner.post, "/account/sign-out"))
        assert blog.services.second_factors.is_on(account_of(blog).id)
        assert blog.services.second_factors.count_backup_codes(account_of(blog).id) == before
        owner = blog.browser()
        owner.sign_in("maud")
        owner.post("/account/second-factor", {"code": codes.pop(), "next": ""})


def test_no_address_is_changed(blog: Blog) -> None:
    owner = blog.signed_in("maud")
    thief = stolen(blog, owner)
    thief.post("/account/email", {"email": "thief@elsewhere.example"})
    link = last_link(blog)
    assert send_late(thief, link, {}, change_password(owner)) in {303, 403}
    assert account_of(blog).email == "maud@example.org"
    assert owner.get("/account").status_code == 200


def test_no_role_is_granted(blog: Blog) -> None:
    boss = blog.signed_in("boss", "administrator")
    enrol(blog, boss)
    blog.add_account("maud")
    thief, admin = stolen(blog, boss), account_of(blog, "boss")
    path = f"/admin/users/{account_of(blog).id}/roles"
    form = {"role": "administrator", "action": "grant"}
    accounts = blog.services.stores.accounts
    assert send_late(thief, path, form, lambda: accounts.revoke_role(admin.id, "administrator")) in {303, 403}
    assert account_of(blog).roles == {"reader"}


def test_no_post_is_written(blog: Blog) -> None:
    """An application's own view looks at the session once, which must be after the body."""
    owner = blog.signed_in("maud", "author", "reader")
    form = {"title": "By a thief", "content": "Ten letters and more.", "tags": ""}
    assert send_late(stolen(blog, owner), "/posts/new", form, change_password(owner)) == 401
    assert blog.rows("SELECT * FROM post") == []
    assert owner.post("/posts/new", form).status_code == 303
