"""What an API token looks like: made once, and told from anything else without a store.

``bst_<id>_<secret><check>``: a prefix of its own, an id that may be shown, 256 random bits, and a CRC-32 of
everything before it. Scanners of source code find a leaked one with ``SCANNER_PATTERN`` and tell it from
a look-alike by the check; neither needs this site.
"""

import re
from typing import Final, NamedTuple
from zlib import crc32

from bastide.core.foundation import Entropy, Secret, digest

PREFIX: Final = "bst_"
SCANNER_PATTERN: Final = r"bst_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}"
ID_SIZE_BYTES: Final = 8
ID_LENGTH: Final = 11
SECRET_SIZE_BYTES: Final = 32
_SECRET_LENGTH: Final = 43
_CHECK_LENGTH: Final = 6
_ID_END: Final = len(PREFIX) + ID_LENGTH
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TOKEN: Final = re.compile(SCANNER_PATTERN)
_BEARER: Final = re.compile(r"bearer(?: +|$)", re.IGNORECASE)


class PresentedToken(NamedTuple):
    """A token that looks like one of ours; nobody looked it up yet.

    Attributes:
        id: the part that may be shown; what a store finds the token by.
        digest: SHA-256 of the whole text.
    """

    id: str
    digest: bytes


class NewTokenText(NamedTuple):
    """A token about to be handed to its owner.

    Attributes:
        text: to be shown once.
        id: see ``PresentedToken``.
        digest: all that is kept of ``text``; right for 256 random bits, wrong for a password.
    """

    text: Secret
    id: str
    digest: bytes


def issue_token_text(entropy: Entropy) -> NewTokenText:
    """Return a fresh token: 256 bits that nobody guesses, under an id of 64.

    Spec: V6.5.2, V11.5.1; RFC 6750, 5.2.
    """
    token_id = _base62(int.from_bytes(entropy.token_bytes(ID_SIZE_BYTES), "big"), ID_LENGTH)
    secret = _base62(int.from_bytes(entropy.token_bytes(SECRET_SIZE_BYTES), "big"), _SECRET_LENGTH)
    body = f"{PREFIX}{token_id}_{secret}"
    text = body + _check(body)
    return NewTokenText(Secret(text), token_id, digest(text.encode()))


def parse_token(presented: str) -> PresentedToken | None:
    """Return the token, or None for anything that this site never issued: a typo, too, is refused here.

    Args:
        presented: untrusted text of any length and any characters.
    """
    if _TOKEN.fullmatch(presented) is None:
        return None
    if _check(presented[:-_CHECK_LENGTH]) != presented[-_CHECK_LENGTH:]:
        return None
    return PresentedToken(presented[len(PREFIX) : _ID_END], digest(presented.encode()))


def find_token(text: str) -> str | None:
    """Return the first token in a text that is no place for one, such as a query string, or None."""
    if PREFIX not in text:
        return None
    return next((found for found in _TOKEN.findall(text) if parse_token(found) is not None), None)


def bearer_of(authorization: str) -> str | None:
    """Return what follows ``Bearer`` in an ``Authorization`` header, untrusted; None for another scheme.

    Spec: RFC 6750, 2.1; RFC 9110, 11.4 (the scheme in any case).
    """
    scheme = _BEARER.match(authorization)
    return None if scheme is None else authorization[scheme.end() :]


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, place = divmod(number, 62)
        digits.append(_DIGITS[place])
    return "".join(reversed(digits))


def _check(body: str) -> str:
    return _base62(crc32(body.encode()), _CHECK_LENGTH)
