"""Uploads: declared kinds only, checked inside, kept under random names, known by rows.

Pictures and documents are made anew, quotas hold however many come at once. What cannot be
scanned is held, not served.
"""

from bastide.core.uploads.kinds import KINDS, SANDBOX, FileKind, is_inline, sniff
from bastide.core.uploads.names import clean_name, content_disposition
from bastide.core.uploads.ports import (
    Quota,
    Scanner,
    Upload,
    UploadMissing,
    UploadState,
    UploadStorage,
    UploadStore,
)
from bastide.core.uploads.service import Uploads
from bastide.core.uploads.serving import RangeRefused, Served, serve
from bastide.core.uploads.settings import UploadSettings

__all__ = [
    "KINDS",
    "SANDBOX",
    "FileKind",
    "Quota",
    "RangeRefused",
    "Scanner",
    "Served",
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
    "serve",
    "sniff",
]
