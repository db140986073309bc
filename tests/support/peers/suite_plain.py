"""Tests as pytest-django's and Django's own guides have them."""

from typing import Any

import pytest
from django.contrib import auth
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import AsyncClient, Client, TestCase

from bastide.django import create_roles

PASSWORD = "correct horse battery staple"


def make_user(name: str = "maud") -> Any:
    return get_user_model().objects.create_user(name, f"{name}@example.org", PASSWORD)


def test_a_stranger_s_page(client: Client, db: None) -> None:
    assert client.get("/").content == b"hello AnonymousUser"
    assert client.get("/mine").status_code == 303


@pytest.mark.django_db
@pytest.mark.parametrize("_", [1, 2])
def test_what_one_test_wrote_the_next_does_not_see(_: int, client: Client) -> None:
    assert get_user_model().objects.count() == 0
    client.force_login(make_user())
    assert client.get("/mine").content == b"maud: "
    # As Django's client does by default, without a form token.
    assert client.post("/mine", {"note": "kept"}).content == b"maud: kept"
    assert client.session["note"] == "kept"
    assert auth.get_user(client).get_username() == "maud"
    client.logout()
    assert client.get("/mine").status_code == 303
    assert not auth.get_user(client).is_authenticated


@pytest.mark.django_db
def test_client_login_takes_the_right_password(client: Client) -> None:
    make_user()
    assert not client.login(username="maud", password="wrong")
    assert client.login(username="maud", password=PASSWORD)
    assert client.get("/").content == b"hello maud"


def test_the_page_for_signing_in_takes_a_form(client: Client, db: None) -> None:
    make_user()
    form = {"name": "maud", "password": PASSWORD, "next": ""}
    assert client.post("/account/sign-in", form).status_code == 303
    assert client.get("/").content == b"hello maud"


def test_the_admin_lets_its_client_in(admin_client: Client, client: Client) -> None:
    assert admin_client.get("/admin/").status_code == 200
    assert admin_client.get("/readers").content == b"a note"
    assert client.get("/admin/").status_code == 303


def test_roles_count(client: Client, db: None) -> None:
    create_roles()
    maud = make_user()
    client.force_login(maud)
    assert client.get("/readers").status_code == 403
    maud.groups.add(Group.objects.get(name="reader"))
    assert client.get("/readers").content == b"a note"


def test_a_client_that_enforces_the_check_is_refused(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    assert client.post("/mine", {"note": "forged"}).status_code == 403


async def ask(client: AsyncClient) -> bytes:
    return bytes((await client.get("/")).content)


class Journey(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.maud = make_user()

    def test_force_login(self) -> None:
        self.client.force_login(self.maud)
        self.assertContains(self.client.get("/mine"), "maud")

    def test_login(self) -> None:
        assert self.client.login(username="maud", password=PASSWORD)
        self.assertContains(self.client.get("/"), "hello maud")

    async def test_the_asynchronous_client(self) -> None:
        await self.async_client.aforce_login(self.maud)
        assert await ask(self.async_client) == b"hello maud"


@pytest.mark.django_db(transaction=True, databases=["default", "bastide"])
def test_a_test_that_commits(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/mine").content == b"maud: "
