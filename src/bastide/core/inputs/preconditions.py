"""Conditional requests: a program changes what it has seen, or nothing (RFC 9110, 13)."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from bastide.core.foundation import PreconditionFailed

ANY: Final = "*"
_TAG: Final = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_LIST: Final = re.compile(rf"[ \t]*{_TAG.pattern}(?:[ \t]*,[ \t]*{_TAG.pattern})*[ \t]*")
_DIGITS: Final = 32


def entity_tag(shown: Mapping[str, Any]) -> str:
    """Return the strong tag of what is shown as JSON: the same for the same members, in whatever order."""
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"'


def require_unchanged(tag: str, *, if_match: str | None, if_none_match: str | None) -> None:
    """Raise ``PreconditionFailed`` unless what is there is what the caller goes by.

    Call it where nobody can change the thing before the answer's own change is kept: under the lock of its
    row. A header that cannot be read matches nothing.

    Args:
        tag: of what is there now.
        if_match: the header as sent, untrusted, or None; only strong tags match.
        if_none_match: the same.

    Threat: a change that undoes another's, which its author never saw (V15.4.2).
    Spec: RFC 9110, 13.1.1 and 13.1.2.
    """
    is_other = if_match is not None and not _matches(if_match, tag, takes_weak=False)
    if is_other or (if_none_match is not None and _matches(if_none_match, tag, takes_weak=True)):
        raise PreconditionFailed


def is_known(tag: str, *, if_none_match: str | None) -> bool:
    """Tell whether the reader has what is there already and a 304 will do.

    Args:
        tag: of what is there now.
        if_none_match: the header as sent, untrusted, or None; weak tags match too.
    """
    return if_none_match is not None and _matches(if_none_match, tag, takes_weak=True)


def _matches(header: str, tag: str, *, takes_weak: bool) -> bool:
    if header.strip() == ANY:
        return True
    if _LIST.fullmatch(header) is None:
        return False
    return any(found == tag and (takes_weak or not weak) for weak, found in _TAG.findall(header))
