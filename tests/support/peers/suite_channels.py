"""Channels: who a socket belongs to."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.auth import AuthMiddlewareStack
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from bastide.django import bastide

PASSWORD = "correct horse battery staple"
COOKIE = "__Host-session"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def consumer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.send", "text": str(scope["user"])})


async def _ask(cookie: str) -> str:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"cookie", f"{COOKIE}={cookie}".encode())]
    await AuthMiddlewareStack(consumer)({"type": "websocket", "path": "/", "headers": headers}, None, send)
    return str(sent[0]["text"])


def user_at(cookie: str) -> str:
    return str(async_to_sync(_ask)(cookie))


@pytest.fixture
def maud(db: None) -> Any:
    return get_user_model().objects.create_user("maud", "maud@example.org", PASSWORD)


def enter(way: str, maud: Any) -> Client:
    # A browser names itself; who signs in past the page does not.
    client = Client(headers={"user-agent": FIREFOX} if way == "page" else {})
    if way == "page":
        client.post("/account/sign-in", {"name": "maud", "password": PASSWORD, "next": ""})
    elif way == "login":
        client.login(username="maud", password=PASSWORD)
    else:
        client.force_login(maud)
    return client


@pytest.mark.parametrize("way", ["page", "login", "force_login"])
def test_a_socket_sees_who_signed_in_and_nobody_afterwards(maud: Any, way: str) -> None:
    client = enter(way, maud)
    cookie = client.cookies[COOKIE].value
    assert user_at(cookie) == "maud"
    # Looking does not end it, and neither does a page beside it.
    assert client.get("/mine").status_code == 200
    assert user_at(cookie) == "maud"
    client.post("/account/sign-out")
    assert user_at(cookie) == "AnonymousUser"


@pytest.mark.parametrize("end", ["others", "disabled", "password", "deleted"])
def test_a_session_that_was_ended_elsewhere_opens_none(
    maud: Any, end: str, django_capture_on_commit_callbacks: Any
) -> None:
    cookie = enter("page", maud).cookies[COOKIE].value
    assert user_at(cookie) == "maud"
    with django_capture_on_commit_callbacks(execute=True):
        if end == "others":
            bastide().services.sessions.end_others(maud.pk, keep=None)
        elif end == "disabled":
            get_user_model().objects.filter(pk=maud.pk).update(is_active=False)
        elif end == "password":
            maud.set_password("another phrase altogether")
            maud.save()
        else:
            maud.delete()
    assert user_at(cookie) == "AnonymousUser"


def test_a_session_without_a_person_or_of_somebody_s_invention_is_nobody_s(client: Client, db: None) -> None:
    client.get("/basket")
    assert user_at(client.cookies[COOKIE].value) == "AnonymousUser"
    for invented in ("", "a" * 43, "x"):
        assert user_at(invented) == "AnonymousUser"


def test_a_socket_names_no_browser_and_is_no_changed_one(maud: Any) -> None:
    from django.conf import settings

    strict = {**settings.BASTIDE, "sessions": {"on_agent_change": "end"}}
    with override_settings(BASTIDE=strict):
        client = enter("page", maud)
        assert user_at(client.cookies[COOKIE].value) == "maud"
        assert client.get("/mine").status_code == 200
