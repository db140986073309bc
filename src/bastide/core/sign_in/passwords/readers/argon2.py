"""Argon2id, Argon2i and Argon2d of any parameters: argon2-cffi's and passlib's strings, and Django's."""

import re
from functools import partial
from typing import Final

from argon2.low_level import Type, hash_secret_raw

from bastide.core.sign_in.passwords.readers.parts import (
    MIN_DIGEST_BYTES,
    Limits,
    ReadHash,
    from_base64,
    require_cost,
    require_form,
    take_apart,
)

_TYPES: Final = {"id": Type.ID, "i": Type.I, "d": Type.D}
_FORM: Final = re.compile(
    r"(?:argon2)?\$argon2(?P<type>id|i|d)(?:\$v=(?P<version>16|19))?"
    r"\$m=(?P<memory>[0-9]{1,10}),t=(?P<time>[0-9]{1,10}),p=(?P<lanes>[0-9]{1,10})"
    r"\$(?P<salt>[^$]+)\$(?P<digest>[^$]+)"
)
# Strings of before version 1.3 name none.
_OLDEST_VERSION: Final = 16
_MIN_SALT_BYTES: Final = 8
_KIB_PER_LANE: Final = 8


def parse_argon2(stored: str, limits: Limits) -> ReadHash | None:
    """Return the hash taken apart, or None where it is no Argon2.

    Raises:
        UnreadableHash: it is malformed, or too costly.

    Spec: RFC 9106 3.1.
    """
    if not stored.startswith(("$argon2", "argon2$")):
        return None
    part = take_apart(_FORM, stored)
    memory, time, lanes = int(part["memory"]), int(part["time"]), int(part["lanes"])
    limits.require_memory(memory, passes=time)
    require_cost(ok=lanes <= limits.lanes)
    salt, expected = from_base64(part["salt"]), from_base64(part["digest"])
    require_form(ok=time >= 1 and lanes >= 1 and memory >= _KIB_PER_LANE * lanes)
    require_form(ok=len(salt) >= _MIN_SALT_BYTES and len(expected) >= MIN_DIGEST_BYTES)
    return ReadHash(
        cost=f"argon2{part['type']}:{memory},{time},{lanes}",
        make=partial(
            hash_secret_raw, salt=salt, time_cost=time, memory_cost=memory, parallelism=lanes,
            hash_len=len(expected), type=_TYPES[part["type"]],
            version=int(part["version"] or _OLDEST_VERSION),
        ),
        expected=expected,
    )  # fmt: skip
