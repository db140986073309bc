"""What a name says about the value that it stands for."""

import re
from itertools import pairwise
from typing import Final

PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
SECRET_ENDS: Final = (
    {"secret"}, {"password"}, {"passwd"}, {"pwd"}, {"passphrase"}, {"token"}, {"apikey"}, {"credential"},
    {"credentials"}, {"pepper"},
)  # fmt: skip
SECRET_PAIRS: Final = frozenset({
    ("secret", "key"), ("api", "key"), ("private", "key"), ("access", "key"), ("signing", "key"), ("auth",
    "key"),
    ("encryption", "key"), ("master", "key"), ("session", "key"), ("jwt", "key"), ("fernet", "key"),
    ("client", "secret"), ("password", "salt"), ("license", "key"), ("hmac", "key"),
})  # fmt: skip
CHANCE: Final = frozenset({
    "token", "tokens", "secret", "password", "passwd", "pwd", "passphrase", "otp", "pin", "nonce", "salt",
    "csrf",
    "apikey", "captcha", "invite", "invitation", "voucher", "verification", "passcode", "reset", "session",
    "confirmation", "activation", "credential", "code", "sid", "auth",
})  # fmt: skip
COMPARED: Final = frozenset({
    "secret", "signature", "hmac", "mac", "sig", "otp", "totp", "apikey", "token", "digest", "csrf",
    "passcode",
})  # fmt: skip


def parts(name: str) -> list[str]:
    """Return the words of a name, in lower case: ``resetToken2`` is reset, token, 2."""
    return [part.lower() for part in PARTS.findall(name)]


def names_a_secret(name: str) -> bool:
    """Tell whether what bears this name is secret."""
    words = [word for word in parts(name) if not word.isdigit()]
    return bool(words) and ({words[-1]} in SECRET_ENDS or tuple(words[-2:]) in SECRET_PAIRS)


def names_chance(name: str) -> bool:
    """Tell whether what bears this name must not be guessed."""
    words = parts(name)
    return not CHANCE.isdisjoint(words) or not SECRET_PAIRS.isdisjoint(pairwise(words))


def names_what_is_compared(name: str) -> bool:
    """Tell whether what bears this name must be compared in constant time."""
    words = parts(name)
    return bool(words) and (words[-1] in COMPARED or tuple(words[-2:]) in SECRET_PAIRS)


def names_a_password(name: str) -> bool:
    """Tell whether what bears this name is a password."""
    return not {"password", "passwd", "pwd", "passphrase", "pw", "passcode"}.isdisjoint(parts(name))
