"""From rows to what the templates read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import url_for

from bastide.core.events import Event
from bastide.core.queries import Page
from bastide.core.safe_html import SafeHtml
from bastide.flask import principal
from blog_shared.access import DELETE_COMMENT
from blog_flask.models import Comment, Post, User
from blog_shared.views import CommentView, EventRow, Link, Moment, Pager, PostCard, TagLink

WORDS_PER_MINUTE = 220
EXCERPT_LENGTH = 220
PAGE_WINDOW = 2


def moment(at: datetime) -> Moment:
    return Moment(machine=at.isoformat(timespec="seconds"), human=f"{at.day} {at:%B %Y}")


def minute(at: datetime) -> Moment:
    return Moment(machine=at.isoformat(timespec="seconds"), human=f"{at:%Y-%m-%d %H:%M:%S} UTC")


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def display_name(user: User) -> str:
    profile = user.profile
    return (profile.full_name if profile is not None else None) or user.username


def author_url(user: User) -> str:
    return url_for("people.author", username=user.username)


def reading_time(post: Post) -> str:
    return f"{max(1, round(len(post.content.split()) / WORDS_PER_MINUTE))} min"


def excerpt(post: Post) -> str:
    text = " ".join(SafeHtml(post.body_html).striptags().split())
    if len(text) <= EXCERPT_LENGTH:
        return text
    return text[:EXCERPT_LENGTH].rpartition(" ")[0] + "…"


def tag_links(post: Post) -> tuple[TagLink, ...]:
    return tuple(TagLink(name=tag.name, url=url_for("posts.index", tag=tag.name)) for tag in post.tags)


def card(post: Post, comments: int, *, is_lead: bool = False) -> PostCard:
    return PostCard(
        title=post.title,
        url=url_for("posts.show", post_id=post.id),
        author=display_name(post.author),
        author_url=author_url(post.author),
        published=moment(post.published_at or post.created_at),
        excerpt=excerpt(post),
        reading_time=reading_time(post),
        comments=count(comments, "comment", "comments") if comments else "",
        tags=tag_links(post),
        is_draft=post.status == "draft",
        is_lead=is_lead,
    )


def comment_view(comment: Comment) -> CommentView:
    may_delete = DELETE_COMMENT.allows(principal(), comment)
    return CommentView(
        anchor=f"comment-{comment.id}",
        author=display_name(comment.author),
        author_url=author_url(comment.author),
        posted=moment(comment.created_at),
        body=SafeHtml(comment.body_html),
        is_pending=comment.state == "pending",
        is_by_post_author=comment.author_id == comment.post.author_id,
        delete_url=url_for("comments.delete", comment_id=comment.id) if may_delete else "",
    )


def pager(page: Page, total: int, link: Callable[[int], str], *, things: str) -> Pager:
    last = max(1, -(-total // page.size))
    if last == 1:
        return Pager(summary=f"{total:,} {things}")
    numbers = sorted(
        {1, last, *range(max(1, page.number - PAGE_WINDOW), min(last, page.number + PAGE_WINDOW) + 1)}
    )
    return Pager(
        summary=f"Page {page.number} of {last}",
        previous_url=link(page.number - 1) if page.number > 1 else "",
        next_url=link(page.number + 1) if page.number < last else "",
        pages=tuple(
            Link(label=str(number), url=link(number), is_current=number == page.number) for number in numbers
        ),
    )


def event_row(event: Event, names: dict[str, str]) -> EventRow:
    """Return one event; ids of accounts are shown with the name where it is known."""
    detail: dict[str, Any] = dict(event.detail)
    return EventRow(
        kind=event.kind,
        outcome=event.outcome,
        at=minute(event.at),
        actor=names.get(event.actor, event.actor),
        target=event.target,
        address=event.address,
        route=event.route,
        request_id=event.request_id,
        detail=" ".join(f"{key}={value}" for key, value in detail.items()),
    )
