"""Which files are taken, and what each must look like from outside and inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bastide.core.foundation import InvalidInput
from bastide.core.uploads.names import extension_of

FIELD: Final = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """One kind of file.

    Attributes:
        media_type: what it is served as.
        magic: every way in which its bytes begin; empty for text, which has no mark.
        brand: what stands at the ninth byte besides, where beginnings are shared with other kinds.
        is_image: it is decoded and encoded anew, so that it may be shown inline.
        aliases: what else senders call it.
    """

    media_type: str
    magic: tuple[bytes, ...] = ()
    brand: bytes = b""
    is_image: bool = False
    aliases: tuple[str, ...] = ()


TEXT: Final = FileKind(media_type="text/plain")
CSV: Final = FileKind(
    media_type="text/csv", aliases=("application/csv", "application/vnd.ms-excel", "text/plain")
)
PDF: Final = FileKind(media_type="application/pdf", magic=(b"%PDF-",), aliases=("application/x-pdf",))
PNG: Final = FileKind(
    media_type="image/png", magic=(b"\x89PNG\r\n\x1a\n",), is_image=True, aliases=("image/x-png",)
)
JPEG: Final = FileKind(
    media_type="image/jpeg", magic=(b"\xff\xd8\xff",), is_image=True, aliases=("image/jpg", "image/pjpeg")
)
GIF: Final = FileKind(media_type="image/gif", magic=(b"GIF87a", b"GIF89a"), is_image=True)
WEBP: Final = FileKind(media_type="image/webp", magic=(b"RIFF",), brand=b"WEBP", is_image=True)

# The pair table: what a name may end in, and what its sender and its bytes must then say.
KINDS: Final = {
    "txt": TEXT, "csv": CSV, "pdf": PDF, "png": PNG, "jpg": JPEG, "jpeg": JPEG, "gif": GIF, "webp": WEBP,
}  # fmt: skip
BY_MEDIA_TYPE: Final = {kind.media_type: kind for kind in KINDS.values()}
# What programs send that do not know a file's type: its name and its content decide.
_UNTYPED: Final = "application/octet-stream"
_MARK_LENGTH: Final = 3
_BRAND_AT: Final = 8
_BY_MARK: Final = {mark[:_MARK_LENGTH]: kind for kind in KINDS.values() for mark in kind.magic}


# What a served file may do, whatever a browser takes it for.
SANDBOX: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            "default-src",
            "script-src",
            "style-src",
            "img-src",
            "font-src",
            "connect-src",
            "manifest-src",
            "form-action",
        ),
        ("'none'",),
    ),
    "sandbox": (),
}


def is_inline(media_type: str) -> bool:
    """Tell whether a stored file may be shown in the page: only what was made anew is."""
    kind = BY_MEDIA_TYPE.get(media_type)
    return kind is not None and kind.is_image


def sniff(head: bytes) -> FileKind | None:
    """Return the kind whose mark the bytes begin with; None for text and for everything undeclared.

    Args:
        head: the beginning of the file, 12 bytes or more of it.
    """
    kind = _BY_MARK.get(head[:_MARK_LENGTH])
    if kind is None or not head.startswith(kind.magic):
        return None
    return kind if not kind.brand or head.startswith(kind.brand, _BRAND_AT) else None


def parse_kind(name: str, declared_type: str, allowed: frozenset[str]) -> FileKind:
    """Return the kind that the name's extension and the declared type agree on, before a byte is read.

    Args:
        name: a clean display name.
        declared_type: the part's ``Content-Type`` as sent, untrusted; parameters do not count.
        allowed: extensions that the application takes.

    Raises:
        InvalidInput: ``file_extension`` or ``file_type``.

    Spec: V5.2.2.
    """
    extension = extension_of(name)
    if extension not in allowed:
        raise InvalidInput(FIELD, "file_extension", allowed=", ".join(sorted(allowed)))
    kind = KINDS[extension]
    declared = declared_type.partition(";")[0].strip().lower()
    if declared not in {kind.media_type, *kind.aliases, _UNTYPED}:
        raise InvalidInput(FIELD, "file_type", expected=kind.media_type)
    return kind
