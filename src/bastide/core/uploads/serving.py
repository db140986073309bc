"""What of a file is sent, and under which headers: the same on every framework."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from bastide.core.foundation import BastideError
from bastide.core.inputs import is_known, require_unchanged
from bastide.core.uploads.kinds import is_inline
from bastide.core.uploads.names import content_disposition
from bastide.core.uploads.ports import Upload

_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


class RangeRefused(BastideError):
    """No byte of the range exists: 416.

    Attributes:
        size_bytes: of the file.
    """

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"a range behind the {size_bytes} bytes that there are")
        self.size_bytes: int = size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An answer with a file, a part of it, or the news that it is still the same.

    Attributes:
        status: 200, 206 or 304.
        headers: all that tell of the file.
        part: which of its bytes are sent.
    """

    status: int
    headers: dict[str, str]
    part: slice


def serve(upload: Upload, size_bytes: int, header: Callable[[str], str | None]) -> Served:
    """Return what a reader gets who may see the file: no more than it asked for, and none of what it has.

    1. ``If-Match`` names this file, or nothing is sent.
    2. ``If-None-Match`` names it: the reader has it.
    3. ``Range`` is answered with that part, if it is of this file (``If-Range``); several ranges, other units
       and what cannot be read are answered with the whole.

    Args:
        upload: the row that ``find`` gave.
        size_bytes: how many bytes there are.
        header: gives a header of the request as sent, untrusted, or None.

    Raises:
        PreconditionFailed: the reader goes by another file.
        RangeRefused: no byte of the range exists.

    Spec: RFC 9110 (13.1, 13.2.2, 14.2, 15.4.5).
    """
    tag = f'"{upload.digest.hex()}"'
    require_unchanged(tag, if_match=header("If-Match"), if_none_match=None)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if is_known(tag, if_none_match=header("If-None-Match")):
        return Served(status=HTTPStatus.NOT_MODIFIED, headers=headers, part=slice(0, 0))
    is_of_this = header("If-Range") in {None, tag}
    found = _parse_range(header("Range"), size_bytes) if is_of_this else None
    start, stop = found or (0, size_bytes)
    headers |= {
        "Accept-Ranges": "bytes",
        "Content-Type": _with_charset(upload.media_type),
        "Content-Length": str(stop - start),
        "Content-Disposition": content_disposition(upload.display_name, inline=is_inline(upload.media_type)),
    }
    if found is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size_bytes}"
    status = HTTPStatus.OK if found is None else HTTPStatus.PARTIAL_CONTENT
    return Served(status=status, headers=headers, part=slice(start, stop))


def _with_charset(media_type: str) -> str:
    """Return the type as it is sent: text was found to be UTF-8 when it came, and readers guess otherwise."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _parse_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """Return first and one past last byte of a single range; None for the whole file (RFC 9110, 14.1.2)."""
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
        raise RangeRefused(size_bytes)
    return start, stop
