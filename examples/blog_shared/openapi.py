"""The description of the JSON API (OpenAPI 3.1), made of the rules that the API keeps."""

from collections.abc import Mapping
from typing import Any

from bastide.core.inputs import JsonBody
from bastide.core.uploads import KINDS, UploadState
from blog_shared.access import Permission
from blog_shared.api import (
    COMMENT_DECISION,
    FORM,
    NEW_COMMENT,
    NEW_POST,
    POST_CHANGE,
    PROFILE_CHANGE,
    PROFILE_FIELDS,
    STATUSES,
)
from blog_shared.demo import SITE_NAME

PREFIX = "/api/v1"
_PROBLEMS = {
    400: "Something about the request is wrong; `errors` says what.",
    401: "No token, or one that opens nothing.",
    403: "The token lacks the scope, or its owner the right.",
    404: "There is no such thing, or you may not know of it.",
    405: "Not this method.",
    409: "It is not as the request takes it to be, or there is no room left.",
    413: "The body is too large.",
    415: "The body is not of a kind that is taken here.",
    416: "There is no such part.",
    429: "Too many requests.",
    503: "Out for a moment.",
}
_TEXT: dict[str, Any] = {"type": "string"}
_WHEN: dict[str, Any] = {"type": "string", "format": "date-time"}
_MAYBE_WHEN: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
_FILE_ID = "^[0-9a-f]{40}$"
_MEDIA_TYPES = tuple(dict.fromkeys(kind.media_type for kind in KINDS.values()))
_AUTHOR = {"username": _TEXT, "name": _TEXT}


def _object(properties: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object", "properties": dict(properties), "required": required,
        "additionalProperties": False,
    }  # fmt: skip


def _listing(of: str) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0}
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}
    return _object({"items": items, "total": number, "page": number, "pages": number})


SCHEMAS: dict[str, Any] = {
    "Post": _object(
        {
            "id": {"type": "integer"}, "title": _TEXT, "html": _TEXT,
            "status": {"type": "string", "enum": list(STATUSES)},
            "tags": {"type": "array", "items": _TEXT}, "views": {"type": "integer", "minimum": 0},
            "author": _object(_AUTHOR), "created_at": _WHEN, "updated_at": _MAYBE_WHEN,
            "published_at": _MAYBE_WHEN,
            "content": {**_TEXT, "description": "The Markdown source, for those who may edit the post."},
        },
        optional=("content",),
    ),
    "Comment": _object(
        {
            "id": {"type": "integer"}, "post_id": {"type": "integer"}, "html": _TEXT,
            "state": {"type": "string", "enum": ["pending", "approved", "rejected"]},
            "author": _object(_AUTHOR), "created_at": _WHEN,
        }
    ),
    "File": _object(
        {
            "id": {"type": "string", "pattern": _FILE_ID}, "name": _TEXT,
            "media_type": {"type": "string", "enum": list(_MEDIA_TYPES)},
            "size": {"type": "integer", "minimum": 0, "description": "Bytes, as kept."},
            "state": {
                "type": "string", "enum": [UploadState.READY.value, UploadState.HELD.value],
                "description": "`held` waits for the virus scanner; only who may edit the post sees it.",
            },
            "created_at": _WHEN,
        }
    ),
    "Profile": _object(
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
                "type": "array", "items": _object({"field": _TEXT, "code": _TEXT, "detail": _TEXT}),
            },
        },
        "required": ["title", "status"],
    },
}  # fmt: skip

_PAGE: dict[str, Any] = {
    "name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 10_000},
}  # fmt: skip
_LIST = [
    {"name": "q", "in": "query", "schema": {"type": "string", "minLength": 2, "maxLength": 100}},
    {"name": "tag", "in": "query", "schema": {"type": "string", "minLength": 2, "maxLength": 100}},
    {"name": "status", "in": "query", "schema": {"type": "string", "enum": list(STATUSES)}},
    {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["date", "title", "views"]}},
    {"name": "dir", "in": "query", "schema": {"type": "string", "enum": ["asc", "desc"]}},
    _PAGE,
]


def _answer(description: str, schema: str = "") -> dict[str, Any]:
    if not schema:
        return {"description": description}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _json(body: JsonBody) -> dict[str, Any]:
    return {"application/json": {"schema": body.schema()}}


_FILE_FORM = {
    FORM: {
        "schema": _object({"file": {"type": "string", "contentMediaType": "application/octet-stream"}}),
        "encoding": {"file": {"contentType": ", ".join(_MEDIA_TYPES)}},
    }
}
_CONTENT = {"description": "The bytes.", "content": {kind: {} for kind in _MEDIA_TYPES}}


def _operation(
    name: str,
    summary: str,
    answers: Mapping[int, dict[str, Any]],
    *problems: int,
    scope: str | None = None,
    body: dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return one operation; ``scope`` None is open to strangers too."""
    expected = {
        400,
        405,
        429,
        503,
        *problems,
        *((413, 415) if body else ()),
        *((401, 403) if scope else (401,)),
    }
    found: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "security": [{"token": [scope]}] if scope else [{}, {"token": []}],
        "responses": {
            **{str(status): answer for status, answer in answers.items()},
            **{str(status): _problem(status) for status in sorted(expected)},
        },
    }
    if body is not None:
        found["requestBody"] = {"required": True, "content": body}
    if parameters:
        found["parameters"] = parameters
    return found


def _problem(status: int) -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": _PROBLEMS[status], "content": {"application/problem+json": schema}}


def _key(name: str) -> dict[str, Any]:
    return {
        "name": name, "in": "path", "required": True,
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    }  # fmt: skip


_FILE_NAME = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": _FILE_ID},
}
_WRITE, _PROFILE = Permission.WRITE_POST.value, Permission.EDIT_PROFILE.value
PATHS: dict[str, Any] = {
    "/posts": {
        "get": _operation(
            "listPosts", "Posts that you may see", {200: _answer("A page of them.", "Posts")},
            parameters=_LIST,
        ),
        "post": _operation(
            "writePost", "Write a draft", {201: _answer("The draft.", "Post")}, scope=_WRITE,
            body=_json(NEW_POST),
        ),
    },
    "/posts/{post_id}": {
        "parameters": [_key("post_id")],
        "get": _operation("readPost", "One post", {200: _answer("The post.", "Post")}, 404),
        "patch": _operation(
            "changePost", "Change a post, publish it or take it back",
            {200: _answer("The post as it is now.", "Post")}, 404, 409, scope=_WRITE, body=_json(POST_CHANGE),
        ),
        "delete": _operation(
            "deletePost", "Delete a post", {204: _answer("It is gone.")}, 404,
            scope=Permission.DELETE_POST.value,
        ),
    },
    "/posts/{post_id}/comments": {
        "parameters": [_key("post_id")],
        "get": _operation(
            "listComments", "Comments that you may see", {200: _answer("A page of them.", "Comments")}, 404,
            parameters=[_PAGE],
        ),
        "post": _operation(
            "writeComment", "Comment on a published post", {201: _answer("The comment.", "Comment")}, 404,
            scope=Permission.WRITE_COMMENT.value, body=_json(NEW_COMMENT),
        ),
    },
    "/posts/{post_id}/files": {
        "parameters": [_key("post_id")],
        "get": _operation(
            "listFiles", "Files of a post", {200: _answer("A page of them.", "Files")}, 404,
            parameters=[_PAGE],
        ),
        "post": _operation(
            "addFile", "Add a file to a post: text, PDF or a picture, which is made anew",
            {201: _answer("What is kept.", "File")}, 404, 409, scope=_WRITE, body=_FILE_FORM,
        ),
    },
    "/posts/{post_id}/files/{name}": {
        "parameters": [_key("post_id"), _FILE_NAME],
        "get": _operation("readFile", "What is known of a file", {200: _answer("It.", "File")}, 404),
        "delete": _operation("deleteFile", "Delete a file", {204: _answer("It is gone.")}, 404, scope=_WRITE),
    },
    "/posts/{post_id}/files/{name}/content": {
        "parameters": [_key("post_id"), _FILE_NAME],
        "get": _operation(
            "readContent", "The bytes of a file, whole or in part",
            {
                200: _CONTENT, 206: {**_CONTENT, "description": "A part of them."},
                304: _answer("You have them."),
            },
            404, 416,
        ),
    },
    "/comments/{comment_id}": {
        "parameters": [_key("comment_id")],
        "patch": _operation(
            "decideComment", "Approve or reject a comment", {200: _answer("The comment.", "Comment")},
            404, 409, scope=Permission.MODERATE_COMMENTS.value, body=_json(COMMENT_DECISION),
        ),
        "delete": _operation(
            "deleteComment", "Delete a comment: your own, or any with `moderate_comments`",
            {204: _answer("It is gone.")}, 404, scope=Permission.WRITE_COMMENT.value,
        ),
    },
    "/profile": {
        "get": _operation(
            "readProfile", "Your own profile", {200: _answer("The profile.", "Profile")}, scope=_PROFILE
        ),
        "patch": _operation(
            "changeProfile", "Change your profile, which your readers see",
            {200: _answer("The profile as it is now.", "Profile")}, scope=_PROFILE,
            body=_json(PROFILE_CHANGE),
        ),
    },
}  # fmt: skip

DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": SITE_NAME, "version": "1",
        "description": "Send a token as `Authorization: Bearer bst_…`; make one on your account's page. "
        "What nobody else sees, such as your drafts, is there for tokens with the scope `read_post`.",
    },
    "servers": [{"url": PREFIX}],
    "paths": PATHS,
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
}  # fmt: skip
