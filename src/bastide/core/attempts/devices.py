"""The device cookie: proof that an owner signed in from this browser before.

It grants nothing by itself. It puts guesses from that browser into a lane of their own, so that
strangers who use up an account's budget cannot lock its owner out.
"""

import hmac
from dataclasses import dataclass
from typing import Final

from bastide.core.foundation import AccountId, Entropy, Secret, Signer, decode_token, encode_token

DEVICE_ID_SIZE_BYTES: Final = 16
TAG_SIZE_BYTES: Final = 16
MAX_ACCOUNTS: Final = 8
DEVICE_PURPOSE: Final = "device"


@dataclass(frozen=True, slots=True)
class _Parsed:
    device_id: bytes
    tags: tuple[bytes, ...]


class Devices:
    """Issues and matches device cookies: ``<device id>.<tag>[.<tag>…]``, one tag per account.

    A tag is HMAC-SHA256 over the device id and the account id, cut to 128 bits, so that the
    cookie tells nobody whose accounts it vouches for.

    Threat: an account locked on purpose by a stranger (V6.1.1, V6.3.1).
    """

    def __init__(self, *, signer: Signer, entropy: Entropy) -> None:
        self._signer = signer
        self._entropy = entropy

    def match_device(self, presented: str | None, account_id: AccountId) -> str | None:
        """Return the device's id if its cookie vouches for the account, else None."""
        parsed = _parse(presented)
        if parsed is None:
            return None
        message = _message(parsed.device_id, account_id)
        expected = [tag[:TAG_SIZE_BYTES] for tag in self._signer.tags(message)]
        if not any(hmac.compare_digest(one, tag) for one in expected for tag in parsed.tags):
            return None
        return encode_token(parsed.device_id)

    def issue_device(self, presented: str | None, account_id: AccountId) -> Secret:
        """Return the cookie that vouches for the account from now on.

        A browser that vouches for other people too (a shared computer) goes on doing so, for the
        eight accounts used last. Keeping an unproven device id is harmless: the id only counts
        together with a tag over it.
        """
        parsed = _parse(presented)
        device_id = parsed.device_id if parsed else self._entropy.token_bytes(DEVICE_ID_SIZE_BYTES)
        own = self._signer.tag(_message(device_id, account_id))[:TAG_SIZE_BYTES]
        others = [tag for tag in parsed.tags if tag != own] if parsed else []
        tags = [own, *others][:MAX_ACCOUNTS]
        return Secret(".".join(encode_token(part) for part in (device_id, *tags)))


def _message(device_id: bytes, account_id: AccountId) -> bytes:
    return device_id + str(account_id).encode()


def _parse(presented: str | None) -> _Parsed | None:
    parts = (presented or "").split(".")
    if not 1 < len(parts) <= 1 + MAX_ACCOUNTS:
        return None
    device_id = decode_token(parts[0], size_bytes=DEVICE_ID_SIZE_BYTES)
    tags = tuple(
        tag for part in parts[1:] if (tag := decode_token(part, size_bytes=TAG_SIZE_BYTES)) is not None
    )
    if device_id is None or len(tags) != len(parts) - 1:
        return None
    return _Parsed(device_id, tags)
