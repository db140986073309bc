"""Django REST framework: whose session, whose token, and who may write without a form token."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.test import AsyncClient, Client
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

PASSWORD = "correct horse battery staple"
WRITES = ["/drf/notes", "/drf/by-token", "/drf/careless", "/own-notes", "/note-set", "/drf/anybody"]
CHECKED = ["/drf/notes", "/own-notes"]


@pytest.fixture
def maud(db: None) -> Any:
    return get_user_model().objects.create_user("maud", "maud@example.org", PASSWORD)


@pytest.fixture
def browser(maud: Any) -> Client:
    """Signed in, and checked as a browser is."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(maud)
    return client


def token_of(client: Client, address: str = "/form") -> str:
    """Return the token of a form on some page of the site."""
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(address).content.decode())[0]


@pytest.mark.parametrize("address", WRITES)
def test_a_session_writes_with_its_token_and_not_without(browser: Client, address: str) -> None:
    def write(**headers: str) -> Any:
        return browser.post(address, {"text": "mine"}, content_type="application/json", headers=headers)

    assert write().status_code == 403
    assert write(**{"x-csrftoken": "a" * 64}).status_code == 403
    token = token_of(browser)
    assert write(**{"x-csrftoken": token, "origin": "https://evil.example"}).status_code == 403
    assert write(**{"x-csrftoken": token, "sec-fetch-site": "cross-site"}).status_code == 403
    answer = write(**{"x-csrftoken": token})
    assert (answer.status_code, answer.json()) == (201, {"by": "maud", "text": "mine"})
    form = {"text": "form", "csrfmiddlewaretoken": token}
    assert browser.post(address, form).json()["text"] == "form"
    assert browser.post(address, {"text": "form"}).status_code == 403


def test_a_token_in_a_cookie_of_the_sender_s_choice_is_worth_nothing(browser: Client) -> None:
    for secret in ("a" * 32, "b" * 64):
        browser.cookies["csrftoken"] = secret
        for address in WRITES:
            answer = browser.post(address, {"text": "x"}, headers={"x-csrftoken": secret})
            assert answer.status_code == 403, address


@pytest.mark.parametrize("method", ["put", "delete"])
def test_every_unsafe_method_is_checked(browser: Client, method: str) -> None:
    send: Callable[..., Any] = getattr(browser, method)
    token = token_of(browser)
    for address in CHECKED:
        assert send(address, "{}", content_type="application/json").status_code == 403
        allowed = send(address, "{}", content_type="application/json", headers={"x-csrftoken": token})
        assert allowed.status_code == 201


def test_a_token_of_theirs_speaks_for_its_owner(maud: Any, browser: Client) -> None:
    header = {"authorization": f"Token {Token.objects.create(user=maud).key}"}
    program = Client(enforce_csrf_checks=True)
    answer = program.post("/drf/by-token", {"text": "x"}, headers=header)
    assert (answer.status_code, answer.json()["by"]) == (201, "maud")
    assert program.post("/drf/by-token", {"text": "x"}).status_code == 401
    wrong = {"authorization": "Token 0000"}
    assert program.post("/drf/by-token", {"text": "x"}, headers=wrong).status_code == 401
    # A session beside it is not what writes.
    assert browser.post("/drf/by-token", {"text": "x"}, headers=header).status_code == 201
    assert browser.post("/drf/by-token", {"text": "x"}, headers=wrong).status_code == 401
    for address in ("/drf/careless", "/drf/notes"):
        assert browser.post(address, {"text": "x"}, headers=wrong).status_code in {401, 403}
    allowed = browser.post("/drf/notes", {"text": "x"}, headers={**header, "x-csrftoken": token_of(browser)})
    assert allowed.status_code == 201


@pytest.mark.parametrize("scheme", ["Basic eDp5", "Digest x", "Token 0000", "x"])
def test_no_header_lets_a_session_past_the_rule_without_its_token(browser: Client, scheme: str) -> None:
    def write(**headers: str) -> int:
        return browser.post("/ruled-only", {}, headers={"authorization": scheme, **headers}).status_code

    assert write() in {303, 401, 403}
    assert write(origin="https://evil.example") in {303, 401, 403}
    if not scheme.startswith("Basic"):
        assert write(**{"x-csrftoken": token_of(browser)}) == 201


def test_strangers_are_nobody(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/drf/anybody", {"text": "x"}).json()["by"] == "AnonymousUser"
    for address in ("/drf/notes", "/drf/careless"):
        assert client.post(address, {"text": "x"}).status_code == 403
    assert client.post("/own-notes", {"text": "x"}).status_code in {303, 401}


def test_their_test_client_goes_on(maud: Any) -> None:
    client = APIClient()
    client.force_authenticate(maud)
    assert client.post("/drf/notes", {"text": "x"}, format="json").json()["by"] == "maud"
    client.force_authenticate(None)
    assert client.post("/drf/notes", {"text": "x"}).status_code == 403
    for enter in (lambda: client.force_login(maud), lambda: client.login(username="maud", password=PASSWORD)):
        enter()
        assert client.post("/drf/notes", {"text": "x"}).json()["by"] == "maud"
        assert client.post("/own-notes", {"text": "x"}).json()["by"] == "maud"
        client.logout()
        assert client.post("/drf/notes", {"text": "x"}).status_code == 403


def test_the_asynchronous_side_checks_alike(maud: Any) -> None:
    client = AsyncClient(enforce_csrf_checks=True)
    async_to_sync(client.aforce_login)(maud)
    for address in WRITES:
        assert async_to_sync(client.post)(address, {"text": "x"}).status_code == 403


def test_the_browsable_api_is_shown_and_its_form_is_taken(browser: Client) -> None:
    page = browser.get("/drf/notes", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "script-src 'none'" in page.headers["Content-Security-Policy"]
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[0]
    answer = browser.post("/drf/notes", {"text": "typed", "csrfmiddlewaretoken": token})
    assert answer.json()["text"] == "typed"
    # What its scripts send with PUT and DELETE.
    (scripted,) = re.findall(r'"csrfToken": "([^"]+)"', page.content.decode())
    assert browser.delete("/drf/notes", headers={"x-csrftoken": scripted}).status_code == 201
    assert "csrftoken" not in browser.cookies
    with_scripts = browser.get("/drf/scripted", headers={"accept": "text/html"})
    assert "script-src 'self'" in with_scripts.headers["Content-Security-Policy"]
    inline = re.findall(r"<script(?![^>]* src=)[^>]*>", with_scripts.content.decode())
    assert all('type="application/json"' in script for script in inline)


@pytest.mark.parametrize("name", ["", "maud"])
def test_a_form_under_a_decorator_of_django_s_is_taken(maud: Any, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    if name:
        client.force_login(maud)
    for address in ("/protected", "/ensured", "/form"):
        answer = client.get(address)
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.content.decode())
        assert client.post(address, {"csrfmiddlewaretoken": token}).content == b"taken"
        assert client.post(address).status_code == 403
    # What a script reads of the cookie that the decorator sets for it.
    script = {"x-csrftoken": client.get("/ensured").cookies["csrftoken"].value}
    assert client.post("/form", headers=script).content == b"taken"


def test_django_s_own_cookie_is_no_secret_of_a_stranger_either(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/protected-inside", headers={"x-csrftoken": token_of(client)}).content == b"taken"
    planted = Client(enforce_csrf_checks=True)
    planted.cookies["csrftoken"] = "a" * 32
    assert planted.post("/protected-inside", headers={"x-csrftoken": "a" * 32}).status_code == 403
