"""Browsers as people name them."""

from functools import lru_cache
from typing import Final

_FAMILIES: Final = (
    # Order matters: each of these sends the tokens of those below it.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_PLATFORMS: Final = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "CrOS", "Linux")


@lru_cache(maxsize=256)
def agent_family(user_agent: str) -> str:
    """Return browser and platform without versions (``Firefox on Linux``), for comparison.

    Versions are left out, so that an update changes nothing; the header itself is never stored.
    """
    browser = next((name for token, name in _FAMILIES if token in user_agent), "Other")
    platform = next((name for name in _PLATFORMS if name in user_agent), "other")
    return f"{browser} on {platform}"
