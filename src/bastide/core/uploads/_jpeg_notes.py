"""What a camera wrote beside its picture, cut out of JPEG bytes without decoding them."""

from typing import Final

_START: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
_SCAN: Final = 0xDA
_COMMENT: Final = 0xFE
# APP1 to APP15 (ITU T.81, B.2.4.6) but the one that tells how colours are coded.
_NOTES: Final = frozenset({*range(0xE1, 0xF0), _COMMENT} - {0xEE})


def without_notes(jpeg: bytes) -> bytes:
    """Return the picture without places, comments and profiles, and without what stands behind its end.

    Bytes that are no JPEG come back as they are.
    """
    if not jpeg.startswith(_START):
        return jpeg
    kept, position = [_START], len(_START)
    while jpeg[position : position + 1] == b"\xff" and position + 4 <= len(jpeg):
        marker = jpeg[position + 1]
        end = position + 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
        if marker == _SCAN:
            break
        if marker not in _NOTES:
            kept.append(jpeg[position:end])
        position = end
    picture, end_mark, _ = jpeg[position:].rpartition(_END)
    return b"".join((*kept, picture, end_mark)) if end_mark else jpeg
