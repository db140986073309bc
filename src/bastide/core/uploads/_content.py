"""What is inside a file, by its kind."""

from bastide.core.foundation import InvalidInput
from bastide.core.uploads._images import encode_anew
from bastide.core.uploads._pdf import write_anew
from bastide.core.uploads._text import to_utf_8
from bastide.core.uploads.kinds import FIELD, PDF, FileKind, sniff
from bastide.core.uploads.settings import UploadSettings


def make_harmless(data: bytes, kind: FileKind, settings: UploadSettings) -> bytes:
    """Return what is to be kept of a file that is of its kind: text as UTF-8; images and documents made anew.

    Raises:
        InvalidInput: which rule is broken.

    Spec: V5.2.2.
    """
    if kind.magic and sniff(data) is not kind:
        found = sniff(data)
        seen = "application/octet-stream" if found is None else found.media_type
        raise InvalidInput(FIELD, "file_content", expected=kind.media_type, seen=seen)
    if kind.is_image:
        return encode_anew(data, kind, max_pixels=settings.max_pixels, max_frames=settings.max_frames)
    if kind is PDF:
        return write_anew(
            data, max_inflated_bytes=settings.max_inflated_bytes, max_seconds=settings.max_seconds
        )
    return to_utf_8(data)
