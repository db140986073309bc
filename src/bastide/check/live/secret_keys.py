"""Whether a key that signs can be guessed."""

import re
from typing import Final

SHORTEST: Final = 20
LEAST_UNLIKE: Final = 8
WORDS: Final = re.compile(r"(?i)[a-z]+([-_. ]+[a-z]+)+[!.?]*")
SAMPLE: Final = re.compile(
    r"(?i)(change|replace|your|insecure|secret|example|sample|default|dev|test|dummy|todo|please|super|very|random|"
    r"string|value|here|django|flask|password|passw|12345+|qwerty|abc|xyz|foo|bar|xxx+|key|hard|guess|this|is|not|"
    r"really|me|my|a|the|to|in|production|prod|safe|keep|it)"
)


def weakness(key: str | bytes) -> str:
    """Return why the key can be guessed, to go on after "the key"; empty where it cannot."""
    if isinstance(key, bytes):
        if len(key) >= SHORTEST - 4 and len(set(key)) >= LEAST_UNLIKE:
            return ""
        key = key.decode(errors="replace")
    if key.startswith("django-insecure-"):
        return "is the one that startproject wrote into the file"
    if len(key) < SHORTEST:
        return f"has {len(key)} letters"
    left = re.sub(r"[^A-Za-z0-9+/=]", "", SAMPLE.sub("", key))
    if len(left) < SHORTEST // 2 or WORDS.fullmatch(key):
        return "is a sample, or made of words"
    return "" if len(set(key)) >= LEAST_UNLIKE else f"has only {len(set(key))} different letters"
