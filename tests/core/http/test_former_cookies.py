"""Cookies of an earlier sign-in: whose shape says that somebody was signed in, and nobody believes it."""

import zlib
from base64 import urlsafe_b64encode

import pytest

from bastide.core.http import FormerCookie, FormerKind
from bastide.core.http.former_cookies import MAX_UNPACKED_SIZE_BYTES


def signed(payload: bytes, *, packed: bool = False, mark: str = ".", dot: str | None = None) -> str:
    """Return what itsdangerous and django.core.signing make of it, under nobody's key."""
    data = zlib.compress(payload) if packed else payload
    text = urlsafe_b64encode(data).decode().rstrip("=")
    lead = ("." if packed else "") if dot is None else dot
    return f"{lead}{text}{mark}aTR2bA{mark}{'s' * 27}"


LOGGED_IN = b'{"_fresh":true,"_id":"f0","_user_id":"1"}'


@pytest.mark.parametrize(
    ("kind", "value", "is_sign_in"),
    [
        (FormerKind.FLASK, signed(LOGGED_IN), True),
        (FormerKind.FLASK, signed(LOGGED_IN, packed=True), True),
        (FormerKind.FLASK, signed(b'{"user_id":1}'), True),
        (FormerKind.FLASK, signed(b'{"_user_id":null}'), False),
        (FormerKind.FLASK, signed(b'{"csrf_token":"f0"}'), False),
        (FormerKind.FLASK, signed(b'{"text":"\\"_user_id\\":1"}'), False),
        (FormerKind.FLASK, signed(LOGGED_IN, dot="."), False),
        (FormerKind.FLASK, signed(LOGGED_IN).rpartition(".")[0], False),
        (FormerKind.FLASK, "a.aTR2bA." + "s" * 27, False),
        (FormerKind.FLASK, "", False),
        (FormerKind.FLASK, "x" * 43, False),
        (FormerKind.FLASK, "k3" * 16, False),
        (FormerKind.FLASK, "é" + signed(LOGGED_IN), False),
        (FormerKind.FLASK, signed(LOGGED_IN + b" " * 4000), False),
        (FormerKind.FLASK, signed(b" " * MAX_UNPACKED_SIZE_BYTES + LOGGED_IN, packed=True), False),
        (FormerKind.DJANGO, "k3" * 16, True),
        (FormerKind.DJANGO, "K3" * 16, False),
        (FormerKind.DJANGO, "k3" * 16 + "k", False),
        (FormerKind.DJANGO, signed(b'{"_auth_user_id":"1"}', mark=":", packed=True), True),
        (FormerKind.DJANGO, signed(b'{"basket":[1]}', mark=":"), False),
        (FormerKind.REMEMBERED, "1|" + "0a" * 64, True),
        (FormerKind.REMEMBERED, "1|" + "0a" * 63, False),
        (FormerKind.REMEMBERED, "|" + "0a" * 64, False),
        (FormerKind.REMEMBERED, "1" * 4000 + "|" + "0a" * 64, False),
    ],
)
def test_a_value_is_known_by_its_shape(kind: FormerKind, value: str, is_sign_in: bool) -> None:  # noqa: FBT001
    assert FormerCookie(kind=kind, name="session").is_sign_in(value) is is_sign_in
