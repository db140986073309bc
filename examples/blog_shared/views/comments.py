"""Comments: under a post, and in the queue."""

from dataclasses import dataclass

from markupsafe import Markup

from blog_shared.views.frame import Moment, Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentView:
    """A comment as this viewer sees it; ``delete_url`` is empty without the right."""

    anchor: str
    author: str
    author_url: str
    posted: Moment
    body: Markup
    is_pending: bool = False
    is_by_post_author: bool = False
    delete_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationRow:
    """A comment that waits for a decision."""

    author: str
    author_url: str
    posted: Moment
    body: Markup
    post_title: str
    post_url: str
    approve_url: str
    reject_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationPage:
    """The queue, oldest first."""

    summary: str
    rows: tuple[ModerationRow, ...] = ()
    pager: Pager
