"""The JSON API: what goes in and out, the same on both frameworks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from bastide import (
    PHONE,
    SAFE_METHODS,
    WEBSITE,
    AccessDenied,
    InvalidInput,
    JsonBody,
    JsonChoice,
    JsonTags,
    JsonText,
    MediaTypeRefused,
    Page,
    Principal,
    Upload,
    UploadState,
    entity_tag,
    is_known,
    parse_fields,
    parse_page,
    parse_term,
    require_unchanged,
)
from blog_shared.access import EDIT_POST, POST_WRITES
from blog_shared.present import clean_body, clean_comment, display_name
from blog_shared.rules import BIO, COMMENT_BODY, FULL_NAME, POST_CONTENT, POST_TITLE, TAGS

PAGE_SIZE = 20
STATUSES = ("draft", "published")
FORM = "multipart/form-data"
QUERY = ("q", "tag", "status", "sort", "dir", "page")

POST_FIELDS = (JsonText(POST_TITLE), JsonText(POST_CONTENT), JsonTags(TAGS))
NEW_POST = JsonBody(fields=POST_FIELDS)
POST_CHANGE = JsonBody(fields=(*POST_FIELDS, JsonChoice("status", STATUSES)), is_partial=True)
NEW_COMMENT = JsonBody(fields=(JsonText(COMMENT_BODY),))
COMMENT_DECISION = JsonBody(fields=(JsonChoice("state", ("approved", "rejected")),))
PROFILE_FIELDS = (JsonText(FULL_NAME), JsonText(PHONE), JsonText(BIO), JsonText(WEBSITE))
PROFILE_CHANGE = JsonBody(fields=PROFILE_FIELDS, is_partial=True)


class Headers(Protocol):
    """A request's headers, of either framework."""

    def get(self, name: str, /) -> str | None:
        """Return one as sent, or None."""


class PostQuery:
    """The declared parameters of the list of posts; any other is refused.

    Raises:
        InvalidInput: an undeclared or repeated parameter, or a value that is none of its.
    """

    def __init__(self, presented: Mapping[str, Sequence[str]]) -> None:
        asked = parse_fields(presented, declared=QUERY, place="query")
        self.term = parse_term(asked["q"])
        self.tag = parse_term(asked["tag"])
        status = JsonChoice("status", ("", *STATUSES)).parse(asked["status"])
        self.status = status or "published"
        self.sort = asked["sort"] or None
        self.direction = asked["dir"] or None
        self.page = parse_page(asked["page"] or None, size=PAGE_SIZE)


def parse_page_only(presented: Mapping[str, Sequence[str]]) -> Page:
    """Return the page of a list that knows no other parameter."""
    return parse_page(
        parse_fields(presented, declared=("page",), place="query")["page"] or None, size=PAGE_SIZE
    )


def listing(items: Iterable[Mapping[str, Any]], *, total: int, page: Page) -> dict[str, Any]:
    return {
        "items": list(items), "total": total, "page": page.number,
        "pages": max(1, -(-total // page.size)),
    }  # fmt: skip


def tag_of(shown: Mapping[str, Any]) -> str:
    """Return the entity tag of what is shown.

    The count of views stays out: every reader moves it and nobody edits it, so that a post that is read
    could hardly be changed under it.
    """
    return entity_tag({name: value for name, value in shown.items() if name != "views"})


def require_match(headers: Headers, now: Mapping[str, Any]) -> None:
    """Raise ``PreconditionFailed`` where the caller goes by something else than what is there now."""
    require_unchanged(
        tag_of(now), if_match=headers.get("If-Match"), if_none_match=headers.get("If-None-Match")
    )


def has_it(method: str | None, headers: Headers, tag: str) -> bool:
    """Tell whether a reader has what is shown already, and a 304 will do."""
    return method in SAFE_METHODS and is_known(tag, if_none_match=headers.get("If-None-Match"))


def post_json(
    post: Any, viewer: Principal, *, hidden_images: Callable[[str], Sequence[str]]
) -> dict[str, Any]:
    """Return a post; its source goes to those who may edit it, since it may say what the page does not.

    They are told, too, of pictures that readers will not see.
    """
    html = str(clean_body(post))
    shown = {
        "id": post.id, "title": post.title, "html": html, "status": post.status,
        "tags": list(post.tag_names), "views": post.views, "author": _author_json(post.author),
        "created_at": _time(post.created_at), "updated_at": _time(post.updated_at),
        "published_at": _time(post.published_at),
    }  # fmt: skip
    if EDIT_POST.allows(viewer, post):
        shown |= {"content": post.content, "hidden_images": list(hidden_images(html))}
    return shown


def apply_change(post: Any, values: dict[str, Any], caller: Principal, *, now: datetime) -> dict[str, Any]:
    """Write what the caller may write of what was sent; return what the post is filled with anew.

    Raises:
        AccessDenied: a field is not theirs to write; nothing is changed.
    """
    tags = values.pop("tags", post.tag_names)
    if values.get("status") == "published":
        values["published_at"] = post.published_at or now
    decision = POST_WRITES.apply(caller, post, values)
    if not decision:
        raise AccessDenied(decision, target=f"post:{post.id}")
    post.updated_at = now
    return {"title": post.title, "content": post.content, "tags": tags}


def comment_json(comment: Any) -> dict[str, Any]:
    return {
        "id": comment.id, "post_id": comment.post_id, "html": str(clean_comment(comment)),
        "state": comment.state, "author": _author_json(comment.author),
        "created_at": _time(comment.created_at),
    }  # fmt: skip


def require_form(media_type: str | None, fields: Mapping[str, Any]) -> None:
    """Raise unless the body is a form that can hold a file, with no field besides.

    Raises:
        MediaTypeRefused: it is something else.
        InvalidInput: it has fields that are no files.
    """
    if media_type != FORM:
        raise MediaTypeRefused(FORM)
    if fields:
        raise InvalidInput("body", "unknown_field")


def shown_files(uploads: Iterable[Upload], post: Any, viewer: Principal) -> list[Upload]:
    """Return those that the viewer may know of; what waits for the scanner is its authors' alone."""
    may_edit = EDIT_POST.allows(viewer, post)
    return [upload for upload in uploads if may_edit or upload.state is UploadState.READY]


def file_listing(uploads: Sequence[Upload], page: Page) -> dict[str, Any]:
    shown = uploads[page.offset : page.offset + page.size]
    return listing(map(file_json, shown), total=len(uploads), page=page)


def file_json(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.name, "name": upload.display_name, "media_type": upload.media_type,
        "size": upload.size_bytes, "state": upload.state.value, "created_at": _time(upload.created_at),
    }  # fmt: skip


def profile_json(username: str, profile: Any) -> dict[str, Any]:
    """Return one's own profile; None where there is none yet."""
    fields = {field.name: getattr(profile, field.name, None) for field in PROFILE_FIELDS}
    return {"username": username, **fields}


def _author_json(user: Any) -> dict[str, str]:
    return {"username": user.username, "name": display_name(user)}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
