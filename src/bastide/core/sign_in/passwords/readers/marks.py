"""What a stored hash is, for people: by its well-known beginning, and never by anything of its own."""

from typing import Final

# What is none of these may be a password in plain, of which nothing is said.
_MARKS: Final = (
    "$argon2", "argon2$", "$2a$", "$2b$", "$2y$", "$2x$", "$2$", "bcrypt$", "bcrypt_sha256$",
    "$bcrypt-sha256$", "$pbkdf2", "pbkdf2:", "pbkdf2_", "scrypt:", "scrypt$", "$scrypt$", "$5$", "$6$", "$1$",
    "$apr1$", "$y$", "$gy$", "$7$", "$P$", "$H$", "$S$", "$md5", "$sha1$", "md5$", "sha1$", "sha256$",
    "sha512$", "crypt$", "plain$", "{SSHA}", "{SSHA256}", "{SSHA512}", "{SHA}", "{SHA256}", "{SHA512}",
    "{SMD5}", "{MD5}", "{CRYPT}", "{PBKDF2", "bastide$",
)  # fmt: skip


def mark_of(stored: str) -> str:
    """Return how hashes of its kind begin, or nothing for one of no known kind."""
    return max((mark for mark in _MARKS if stored.startswith(mark)), key=len, default="")
