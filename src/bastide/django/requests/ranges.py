"""Ranges of a file, which Django answers none of itself."""

import re
from typing import Final

_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


class RangeRefused(ValueError):
    """No byte of the range exists: 416."""


def parse_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """Return first and one past last byte of a single range; None for the whole file.

    Several ranges, other units and malformed headers are ignored, as a server may.

    Args:
        header: ``Range`` as sent, untrusted.
        size_bytes: of the file.

    Raises:
        RangeRefused: no byte of it exists.

    Spec: RFC 9110, 14.1.2, 14.2.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, stop = max(0, size_bytes - int(match[2])), size_bytes
    else:
        start, stop = int(match[1]), min(size_bytes, int(match[2]) + 1 if match[2] else size_bytes)
        if match[2] and int(match[2]) < start:
            return None
    if start >= size_bytes:
        raise RangeRefused
    return start, stop
