"""Codes on paper for the day the authenticator is lost: random, shown once, stored as digests."""

import base64
from typing import Final

from bastide.core.foundation import AccountId, Entropy, digest

CODE_SIZE_BYTES: Final = 10
GROUP_LENGTH: Final = 4
_LOOK_ALIKE: Final = str.maketrans({"0": "o", "1": "l", "8": "b", "-": None, " ": None})


def new_backup_code(entropy: Entropy) -> str:
    """Return a code of 80 random bits in four groups of letters and digits (V6.5.4)."""
    text = base64.b32encode(entropy.token_bytes(CODE_SIZE_BYTES)).decode().lower()
    return "-".join(text[start : start + GROUP_LENGTH] for start in range(0, len(text), GROUP_LENGTH))


def draw_backup_codes(
    entropy: Entropy, account_id: AccountId, count: int
) -> tuple[tuple[str, ...], list[bytes]]:
    """Return a new set for the account: the codes, shown once, and their digests, which are kept."""
    codes = tuple(new_backup_code(entropy) for _ in range(count))
    return codes, [backup_code_digest(account_id, code) for code in codes]


def backup_code_digest(account_id: AccountId, typed: str) -> bytes:
    """Return the 32 bytes under which the account's code is stored.

    Case, spaces, hyphens and digits that look like letters do not matter. Eighty random bits need no
    slow hash (V11.4.2 speaks of passwords).
    """
    return digest(f"{account_id}:{typed.casefold().translate(_LOOK_ALIKE)}".encode())
