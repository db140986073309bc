"""Hashes that Django makes anew as it checks a password: a new hash, and no new password."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser

_CHECKS: Final = "_bastide_checks"
_CHECK: Final = AbstractBaseUser.check_password
_ACHECK: Final = AbstractBaseUser.acheck_password


def install() -> None:
    """Have users know that their password is being checked; Django saves them from within."""
    # Nothing in what is saved tells: whoever writes a hash of their own making saves the same field.
    users: Any = AbstractBaseUser
    users.check_password, users.acheck_password = _check_password, _acheck_password


def is_checked(user: Any) -> bool:
    """Tell whether the user is saved by a check of the password they have."""
    return _CHECKS in vars(user)


@functools.wraps(_CHECK)
def _check_password(user: Any, raw_password: Any) -> Any:
    with _checking(user):
        return _CHECK(user, raw_password)


@functools.wraps(_ACHECK)
async def _acheck_password(user: Any, raw_password: Any) -> Any:
    with _checking(user):
        return await _ACHECK(user, raw_password)


@contextmanager
def _checking(user: Any) -> Iterator[None]:
    vars(user)[_CHECKS] = True
    try:
        yield
    finally:
        vars(user).pop(_CHECKS, None)
