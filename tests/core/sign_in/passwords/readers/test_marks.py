"""A kind of hash is named by what everybody knows of it, and a secret by nothing."""

from bastide.core.sign_in.passwords.readers import mark_of
from support.old_hashes import OLD_HASHES
from support.rows import rows


@rows(
    "stored, mark",
    [
        ("$1$salt$x", "$1$"), ("{SSHA512}x", "{SSHA512}"), ("{SSHA}x", "{SSHA}"), ("$pbkdf2-sha256$1$x$y", "$pbkdf2"),
        ("md5$x$y", "md5$"), ("hunter$2", ""), ("$ecret", ""), ("{secret}", ""), ("", ""), ("d41d8cd98f00b204", ""),
    ],
)  # fmt: skip
def test_only_what_is_well_known_is_said(stored: str, mark: str) -> None:
    assert mark_of(stored) == mark


@rows("stored", OLD_HASHES.values())
def test_what_is_read_has_a_name(stored: str) -> None:
    assert mark_of(stored)
