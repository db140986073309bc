"""Uploads: declared kinds only, checked inside, kept under random names, known by rows."""

from bastide.core.uploads.kinds import KINDS, SANDBOX, FileKind, is_inline, sniff
from bastide.core.uploads.names import clean_name, content_disposition
from bastide.core.uploads.ports import (
    Quota,
    Scanner,
    Upload,
    UploadMissing,
    UploadSettings,
    UploadState,
    UploadStorage,
    UploadStore,
)
from bastide.core.uploads.service import Uploads

__all__ = [
    "KINDS",
    "SANDBOX",
    "FileKind",
    "Quota",
    "Scanner",
    "Upload",
    "UploadMissing",
    "UploadSettings",
    "UploadState",
    "UploadStorage",
    "UploadStore",
    "Uploads",
    "clean_name",
    "content_disposition",
    "is_inline",
    "sniff",
]
