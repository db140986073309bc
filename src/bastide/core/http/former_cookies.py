"""Cookies that told who is signed in before Bastide did: known by their shape, and never believed.

Taking such a session over would be a sign-in that nobody made: no factor was shown, and no list of devices
has it. So it ends, and whoever had it is told.
"""

import re
import zlib
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# A browser keeps no more; and no value makes a reader unpack more than this.
MAX_VALUE_SIZE_BYTES: Final = 4096
MAX_UNPACKED_SIZE_BYTES: Final = 65_536
# Payload, time and signature, as itsdangerous (Flask) and django.core.signing put them together.
_SIGNED: Final = re.compile(r"(\.?)([\w-]+)([.:])[\w-]{4,8}\3[\w-]{20,90}", re.ASCII)
_ACCOUNT: Final = re.compile(rb'"(?:_user_id|user_id|_auth_user_id)":(?!null)')
_DJANGO_KEY: Final = re.compile(r"[a-z0-9]{32}")
_REMEMBERED: Final = re.compile(r"[^|]+\|[0-9a-f]{128}")


class FormerKind(StrEnum):
    """What a cookie's value looks like.

    Attributes:
        FLASK: a signed session; Flask-Login's and Flask-Security's, or `session["user_id"]`.
        DJANGO: the key of a session on the server, or a signed session.
        REMEMBERED: Flask-Login's long-lived cookie.
    """

    FLASK = "flask"
    DJANGO = "django"
    REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerCookie:
    """A cookie of an application's own sign-in.

    Attributes:
        kind: what its values look like.
        name: what it is called.
        path: below which it was sent.
        domain: of which hosts; empty for the one that it came from.
    """

    kind: FormerKind
    name: str
    path: str = "/"
    domain: str = ""

    def is_sign_in(self, value: str) -> bool:
        """Tell whether somebody was signed in with such a value, which is not checked and opens nothing.

        Threat: strangers with a basket are told that they were signed out; values that unpack to gigabytes.
        """
        if len(value) > MAX_VALUE_SIZE_BYTES:
            return False
        match self.kind:
            case FormerKind.REMEMBERED:
                return _REMEMBERED.fullmatch(value) is not None
            case FormerKind.DJANGO if _DJANGO_KEY.fullmatch(value):
                return True
            case _:
                return _names_account(value)


def _names_account(value: str) -> bool:
    parts = _SIGNED.fullmatch(value)
    if parts is None:
        return False
    payload = parts[2]
    try:
        data = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        if parts[1]:
            data = zlib.decompressobj().decompress(data, MAX_UNPACKED_SIZE_BYTES)
    except (ValueError, zlib.error):
        return False
    return _ACCOUNT.search(data) is not None
