"""The description of the JSON API (OpenAPI 3.1), made of the rules that the API keeps."""

from collections.abc import Mapping
from typing import Any

from bastide import MAX_PAGE, MAX_TERM_LENGTH, MIN_TERM_LENGTH, JsonBody
from blog_shared.access import Permission
from blog_shared.api import (
    COMMENT_DECISION,
    FORM,
    NEW_COMMENT,
    NEW_POST,
    POST_CHANGE,
    PROFILE_CHANGE,
    STATUSES,
)
from blog_shared.demo import SITE_NAME
from blog_shared.openapi_schemas import FILE_ID, MEDIA_TYPES, SCHEMAS, object_of

PREFIX = "/api/v1"
_PROBLEMS = {
    400: "Something about the request is wrong; `errors` says what.",
    401: "No token, or one that opens nothing.",
    403: "The token lacks the scope, or its owner the right.",
    404: "There is no such thing, or you may not know of it.",
    405: "Not this method.",
    409: "It is not as the request takes it to be, or there is no room left.",
    412: "It is no longer what `If-Match` names.",
    413: "The body is too large.",
    415: "The body is not of a kind that is taken here.",
    416: "There is no such part.",
    429: "Too many requests.",
    503: "Out for a moment.",
}
_PAGE: dict[str, Any] = {
    "name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE},
}  # fmt: skip
_TERM = {"type": "string", "minLength": MIN_TERM_LENGTH, "maxLength": MAX_TERM_LENGTH}
_LIST = [
    {"name": "q", "in": "query", "schema": _TERM},
    {"name": "tag", "in": "query", "schema": _TERM},
    {"name": "status", "in": "query", "schema": {"type": "string", "enum": list(STATUSES)}},
    {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["date", "title", "views"]}},
    {"name": "dir", "in": "query", "schema": {"type": "string", "enum": ["asc", "desc"]}},
    _PAGE,
]


_IF_MATCH: dict[str, Any] = {
    "name": "If-Match", "in": "header", "schema": {"type": "string"},
    "description": "The `ETag` that you saw: the change is made to that, or not at all.",
}  # fmt: skip
_IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match", "in": "header", "schema": {"type": "string"},
    "description": "The `ETag` that you have: if it is still that, you are told 304.",
}  # fmt: skip
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "For `If-Match` and `If-None-Match`."}}


def _answer(description: str, schema: str = "") -> dict[str, Any]:
    if not schema:
        return {"description": description}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _tagged(description: str, schema: str) -> dict[str, Any]:
    return {**_answer(description, schema), "headers": _ETAG}


def _json(body: JsonBody) -> dict[str, Any]:
    return {"application/json": {"schema": body.schema()}}


_FILE_FORM = {
    FORM: {
        "schema": object_of({"file": {"type": "string", "contentMediaType": "application/octet-stream"}}),
        "encoding": {"file": {"contentType": ", ".join(MEDIA_TYPES)}},
    }
}
_CONTENT = {"description": "The bytes.", "content": {kind: {} for kind in MEDIA_TYPES}}


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


def _reading(
    name: str, summary: str, answer: dict[str, Any], *problems: int, scope: str | None = None
) -> Any:
    """Return the reading of one thing, which a program that has it already is not sent again."""
    answers = {200: answer, 304: _answer("You have it.")}
    return _operation(name, summary, answers, *problems, scope=scope, parameters=[_IF_NONE_MATCH])


def _changing(
    name: str, summary: str, answers: Mapping[int, dict[str, Any]], *problems: int, **options: Any
) -> dict[str, Any]:
    """Return a change of one thing, which can be bound to what the program saw."""
    return _operation(name, summary, answers, 412, *problems, parameters=[_IF_MATCH], **options)


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
    "schema": {"type": "string", "pattern": FILE_ID},
}
_WRITE, _PROFILE = Permission.WRITE_POST.value, Permission.EDIT_PROFILE.value
PATHS: dict[str, Any] = {
    "/posts": {
        "get": _operation(
            "listPosts", "Posts that you may see", {200: _answer("A page of them.", "Posts")},
            parameters=_LIST,
        ),
        "post": _operation(
            "writePost", "Write a draft", {201: _tagged("The draft.", "Post")}, scope=_WRITE,
            body=_json(NEW_POST),
        ),
    },
    "/posts/{post_id}": {
        "parameters": [_key("post_id")],
        "get": _reading("readPost", "One post", _tagged("The post.", "Post"), 404),
        "patch": _changing(
            "changePost", "Change a post, publish it or take it back",
            {200: _tagged("The post as it is now.", "Post")}, 404, 409, scope=_WRITE, body=_json(POST_CHANGE),
        ),
        "delete": _changing(
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
            "writeComment", "Comment on a published post", {201: _tagged("The comment.", "Comment")}, 404,
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
            {201: _tagged("What is kept.", "File")}, 404, 409, scope=_WRITE, body=_FILE_FORM,
        ),
    },
    "/posts/{post_id}/files/{name}": {
        "parameters": [_key("post_id"), _FILE_NAME],
        "get": _reading("readFile", "What is known of a file", _tagged("It.", "File"), 404),
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
            404, 412, 416,
        ),
    },
    "/comments/{comment_id}": {
        "parameters": [_key("comment_id")],
        "get": _reading("readComment", "One comment", _tagged("The comment.", "Comment"), 404),
        "patch": _changing(
            "decideComment", "Approve or reject a comment", {200: _tagged("The comment.", "Comment")},
            404, 409, scope=Permission.MODERATE_COMMENTS.value, body=_json(COMMENT_DECISION),
        ),
        "delete": _changing(
            "deleteComment", "Delete a comment: your own, or any with `moderate_comments`",
            {204: _answer("It is gone.")}, 404, scope=Permission.WRITE_COMMENT.value,
        ),
    },
    "/profile": {
        "get": _reading(
            "readProfile", "Your own profile", _tagged("The profile.", "Profile"), scope=_PROFILE
        ),
        "patch": _changing(
            "changeProfile", "Change your profile, which your readers see",
            {200: _tagged("The profile as it is now.", "Profile")}, 409, scope=_PROFILE,
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
