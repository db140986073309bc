import pytest
from django.contrib.auth import get_user_model
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from goods.models import Item

PASSWORD = "quiet harbour lantern 7"


@pytest.fixture
def maud(db):
    return get_user_model().objects.create_user("maud@example.org", PASSWORD)


def test_strangers_are_sent_to_sign_in(client, db):
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_a_person_is_greeted(client, maud):
    client.force_login(maud)
    assert client.get("/").content == b"maud@example.org keeps 0 items"


def test_signing_in_and_out_with_allauth(client, maud):
    entered = client.post("/accounts/login/", {"login": "maud@example.org", "password": PASSWORD})
    assert entered.headers["Location"] == "/"
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_a_wrong_password(client, maud):
    page = client.post("/accounts/login/", {"login": "maud@example.org", "password": "wrong"})
    assert b"not correct" in page.content


def test_signing_up_with_allauth(client, db):
    form = {"email": "ines@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", form).headers["Location"] == "/"
    assert client.get("/").content == b"ines@example.org keeps 0 items"


def test_the_api_with_a_session(client, maud):
    client.force_login(maud)
    assert client.post("/api/items/", {"name": "rope", "amount": 3}).status_code == 201
    assert client.get("/api/items/").json() == [{"id": 1, "name": "rope", "amount": 3}]


def test_the_api_with_a_token(maud):
    client = APIClient()
    asked = {"username": "maud@example.org", "password": PASSWORD}
    token = client.post("/api-token/", asked).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.post("/api/items/", {"name": "rope"}).status_code == 201
    assert [each["name"] for each in client.get("/api/items/").json()] == ["rope"]
    assert APIClient().get("/api/items/").status_code in {401, 403}


def test_the_api_with_forced_authentication(maud):
    client = APIClient()
    client.force_authenticate(maud)
    assert client.post("/api/items/", {"name": "rope"}).status_code == 201


def test_items_of_others(client, maud):
    tomas = get_user_model().objects.create_user("tomas@example.org", PASSWORD)
    item = Item.objects.create(owner=tomas, name="lamp")
    client.force_login(maud)
    assert client.get(f"/api/items/{item.pk}/").status_code == 404


def test_signing_in_at_the_browsable_api(client, maud):
    form = {"username": "maud@example.org", "password": PASSWORD, "next": "/api/items/"}
    assert client.post("/api-auth/login/", form).headers["Location"] == "/api/items/"
    page = client.get("/api/items/", headers={"accept": "text/html"})
    assert b"maud@example.org" in page.content


def test_signing_in_with_dj_rest_auth(client, maud):
    asked = {"email": "maud@example.org", "password": PASSWORD}
    answer = client.post("/rest-auth/login/", asked)
    assert answer.json() == {"key": Token.objects.get(user=maud).key}
    assert client.get("/rest-auth/user/").json()["email"] == "maud@example.org"


def test_the_admin(admin_client):
    assert admin_client.get("/admin/").status_code == 200
