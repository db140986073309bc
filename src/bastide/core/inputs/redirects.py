"""Where a ``next`` parameter may lead: back into the site, nowhere else."""

from typing import Final
from urllib.parse import unquote

MAX_TARGET_LENGTH: Final = 2_000


def safe_target(raw: str | None, *, default: str) -> str:
    r"""Return ``raw`` if it is a path within this site, else ``default``.

    A path begins with exactly one slash and holds no backslash, control character or white space,
    neither as sent nor after percent-decoding once (servers in front may do that).

    Args:
        raw: untrusted target.
        default: trusted path to land on otherwise.

    Threat: open redirects through ``//host``, ``/\host``, tabs that browsers drop, CR/LF (V3.7.2).
    """
    if not raw or len(raw) > MAX_TARGET_LENGTH:
        return default
    for text in (raw, unquote(raw)):
        if not text.startswith("/") or text.startswith("//") or "\\" in text:
            return default
        if any(char.isspace() or not char.isprintable() for char in text.partition("?")[0]):
            return default
    if any(ord(char) <= 0x20 or ord(char) == 0x7F for char in raw):  # noqa: PLR2004 -- space, C0 and DEL
        return default
    return raw
