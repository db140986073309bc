"""bcrypt: plain, Django's two, and passlib's bcrypt-sha256; needs the library of that name."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from bastide.core.foundation import ConfigurationError
from bastide.core.sign_in.passwords.readers.parts import (
    Limits,
    ReadHash,
    UnreadableHash,
    require_cost,
    require_form,
    take_apart,
)
from bastide.core.sign_in.ports import HashFault

_PLAIN: Final = (
    r"\$2[abxy]\$(?P<rounds>[0-9]{2})\$(?P<salt>[./A-Za-z0-9]{21}[.Oeu])(?P<digest>[./A-Za-z0-9]{31})"
)
_FORMS: Final = {
    "$2": re.compile(_PLAIN),
    "bcrypt$": re.compile(r"bcrypt\$" + _PLAIN),
    "bcrypt_sha256$": re.compile(r"bcrypt_sha256\$" + _PLAIN),
    "$bcrypt-sha256$": re.compile(
        r"\$bcrypt-sha256\$(?:v=(?P<version>2),t=2b,r=|2[ab],)(?P<rounds>[0-9]{1,2})"
        r"\$(?P<salt>[./A-Za-z0-9]{21}[.Oeu])\$(?P<digest>[./A-Za-z0-9]{31})"
    ),
}
_MIN_ROUNDS: Final = 4
_MAX_PASSWORD_BYTES: Final = 72


def require_bcrypt() -> Any:
    """Return the library.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return import_module("bcrypt")
    except ImportError:
        msg = "hashes of bcrypt are read with the library of that name: pip install 'bastide[bcrypt]'"
        raise ConfigurationError(msg) from None


def parse_bcrypt(stored: str, limits: Limits) -> ReadHash | None:
    """Return the hash taken apart, or None where it is no bcrypt.

    What PHP marked ``$2x$`` was made with a fault that other letters than ASCII's met: passwords without them
    open it, those with them do not.

    Raises:
        UnreadableHash: it is malformed (``$2$`` too), too costly, or the library is missing.
    """
    prefix = next((prefix for prefix in _FORMS if stored.startswith(prefix)), None)
    if prefix is None:
        return None
    part = take_apart(_FORMS[prefix], stored)
    rounds = int(part["rounds"])
    require_cost(ok=rounds <= limits.bcrypt_rounds)
    require_form(ok=rounds >= _MIN_ROUNDS)
    try:
        hashpw = require_bcrypt().hashpw
    except ConfigurationError:
        raise UnreadableHash(HashFault.LIBRARY_MISSING) from None
    setting = f"$2b${rounds:02}${part['salt']}".encode()
    prepare = _preparation(prefix, part["salt"].encode(), is_keyed=bool(part.get("version")))

    def make(password: bytes) -> bytes:
        digest: bytes = hashpw(prepare(password), setting)
        # bcrypt repeats its key with a NUL between: `abc` and `abc\0abc` would be one password.
        return b"" if b"\0" in password else digest.removeprefix(setting)

    return ReadHash(cost=f"bcrypt:{rounds}", make=make, expected=part["digest"].encode())


def _preparation(prefix: str, salt: bytes, *, is_keyed: bool) -> Callable[[bytes], bytes]:
    """Return what a password becomes before it is hashed."""
    if prefix == "bcrypt_sha256$":
        return lambda password: hashlib.sha256(password).hexdigest().encode()
    if prefix == "$bcrypt-sha256$" and not is_keyed:
        return lambda password: base64.b64encode(hashlib.sha256(password).digest())
    if prefix == "$bcrypt-sha256$":
        return lambda password: base64.b64encode(hmac.digest(salt, password, "sha256"))
    # What made these hashes used 72 bytes and no more; the library refuses longer ones since version 5.
    return lambda password: password[:_MAX_PASSWORD_BYTES]
