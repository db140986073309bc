"""What the JSON API shows, as JSON Schema (draft 2020-12)."""

from collections.abc import Mapping
from typing import Any

from bastide import KINDS, UploadState
from blog_shared.api import PROFILE_FIELDS, STATUSES

_TEXT: dict[str, Any] = {"type": "string"}
_WHEN: dict[str, Any] = {"type": "string", "format": "date-time"}
_MAYBE_WHEN: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
FILE_ID = "^[0-9a-f]{40}$"
MEDIA_TYPES = tuple(dict.fromkeys(kind.media_type for kind in KINDS.values()))
_AUTHOR = {"username": _TEXT, "name": _TEXT}


def object_of(properties: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object", "properties": dict(properties), "required": required,
        "additionalProperties": False,
    }  # fmt: skip


def _listing(of: str) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0}
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}
    return object_of({"items": items, "total": number, "page": number, "pages": number})


SCHEMAS: dict[str, Any] = {
    "Post": object_of(
        {
            "id": {"type": "integer"}, "title": _TEXT, "html": _TEXT,
            "status": {"type": "string", "enum": list(STATUSES)},
            "tags": {"type": "array", "items": _TEXT}, "views": {"type": "integer", "minimum": 0},
            "author": object_of(_AUTHOR), "created_at": _WHEN, "updated_at": _MAYBE_WHEN,
            "published_at": _MAYBE_WHEN,
            "content": {**_TEXT, "description": "The Markdown source, for those who may edit the post."},
            "hidden_images": {
                "type": "array", "items": _TEXT,
                "description": "Pictures that readers will not see, for those who may edit the post.",
            },
        },
        optional=("content", "hidden_images"),
    ),
    "Comment": object_of(
        {
            "id": {"type": "integer"}, "post_id": {"type": "integer"}, "html": _TEXT,
            "state": {"type": "string", "enum": ["pending", "approved", "rejected"]},
            "author": object_of(_AUTHOR), "created_at": _WHEN,
        }
    ),
    "File": object_of(
        {
            "id": {"type": "string", "pattern": FILE_ID}, "name": _TEXT,
            "media_type": {"type": "string", "enum": list(MEDIA_TYPES)},
            "size": {"type": "integer", "minimum": 0, "description": "Bytes, as kept."},
            "state": {
                "type": "string", "enum": [UploadState.READY.value, UploadState.HELD.value],
                "description": "`held` waits for the virus scanner; only who may edit the post sees it.",
            },
            "created_at": _WHEN,
        }
    ),
    "Profile": object_of(
        {"username": _TEXT, **{field.name: {"type": ["string", "null"]} for field in PROFILE_FIELDS}}
    ),
    "Posts": _listing("Post"),
    "Comments": _listing("Comment"),
    "Files": _listing("File"),
    "Problem": {
        "type": "object",
        "description": "RFC 9457.",
        "properties": {
            "type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT,
            "errors": {
                "type": "array", "items": object_of({"field": _TEXT, "code": _TEXT, "detail": _TEXT}),
            },
        },
        "required": ["title", "status"],
    },
}  # fmt: skip
