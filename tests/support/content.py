"""Files as the checks of their content judge them."""

from typing import Any

import pytest

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import FileKind
from bastide.core.uploads._images import encode_anew
from bastide.core.uploads._pdf import write_anew
from bastide.core.uploads._text import to_utf_8
from bastide.core.uploads.kinds import PDF

MAX_PIXELS, MAX_FRAMES, MAX_INFLATED, MAX_SECONDS = 1_000_000, 20, 1_000_000, 10


def anew(data: bytes, kind: FileKind = PDF) -> bytes:
    if kind is PDF:
        return write_anew(data, max_inflated_bytes=MAX_INFLATED, max_seconds=MAX_SECONDS)
    return encode_anew(data, kind, max_pixels=MAX_PIXELS, max_frames=MAX_FRAMES)


def check(data: bytes, kind: FileKind) -> None:
    if kind is PDF or kind.is_image:
        anew(data, kind)
    else:
        to_utf_8(data)


def code_of(data: bytes, kind: FileKind = PDF) -> str:
    return refusal_of(data, kind).code


def refusal_of(data: bytes, kind: FileKind) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        check(data, kind)
    assert caught.value.field == "file"
    return caught.value


def as_size(data: bytes, at: int, width: int, height: int, *, size: int = 4, order: Any = "big") -> bytes:
    sizes = width.to_bytes(size, order) + height.to_bytes(size, order)
    return data[:at] + sizes + data[at + len(sizes) :]
