"""What the blog's templates read: plain values with everything worked out beforehand.

Every address is relative to the site and made by the application. Text is escaped by the templates;
a body of type `Markup`, or any other string with ``__html__``, is put in as it is.

``page`` is the model named here, and pages with a form read ``form`` (`bastide.pages.FormView`)
beside it. The administration's pages also read ``sections``, a tuple of `Link`.

======================== =================================== ====
template (blog/...)      page                                form
======================== =================================== ====
index.html               `IndexPage`
post.html                `PostPage`                          or None
post_form.html           `PostFormPage`                      yes
my_posts.html            `MyPostsPage`
author.html              `AuthorPage`
profile_form.html                                            yes
contact.html                                                 yes
contact_sent.html
away.html                `AwayPage`
moderation.html          `ModerationPage`
admin/dashboard.html     `DashboardPage`
admin/users.html         `UsersPage`
admin/user.html          `UserPage`
admin/locks.html         ``rows``: tuple of `LockRow`
admin/log.html           `LogPage`
admin/csp_reports.html   ``rows``: tuple of `ViolationRow`
admin/messages.html      `MessagesPage`
dev_mail.html            ``rows``: tuple of `MailRow`
dev_message.html         `MailPage`
======================== =================================== ====
"""

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from bastide.pages import PageUrls


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogUrls(PageUrls):
    """Every address that the frame of the blog links to; an empty one hides its link."""

    my_posts: str = ""
    new_post: str = ""
    profile: str = ""
    contact: str = ""
    feed: str = ""
    moderation: str = ""
    admin: str = ""
    admin_users: str = ""
    admin_locks: str = ""
    admin_log: str = ""
    admin_csp: str = ""
    admin_messages: str = ""
    dev_mail: str = ""
    blog_css: str = ""
    icon: str = ""
    script: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time: ``machine`` as RFC 3339, ``human`` as people say it."""

    machine: str
    human: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in a list where one may be the current one."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLink:
    """A tag; its link lifts the filter when it is the current one."""

    name: str
    url: str
    count: int = 0
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SortLink:
    """A way to sort; the current one's link turns the direction round."""

    label: str
    url: str
    is_current: bool = False
    direction: Literal["ascending", "descending"] = "descending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where a long list is cut; not shown when there is one page."""

    summary: str
    previous_url: str = ""
    next_url: str = ""
    pages: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A parameter that a search form carries along."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCard:
    """A post in a list. ``is_lead`` makes it the large one on top."""

    title: str
    url: str
    author: str
    author_url: str
    published: Moment
    excerpt: str
    reading_time: str
    comments: str = ""
    tags: tuple[TagLink, ...] = ()
    is_draft: bool = False
    is_lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """The front page, a search or a tag.

    Attributes:
        summary: what is listed, such as ``3 posts about bread``; empty on the plain front page.
        clear_url: lifts the search and the tag.
        carried: parameters that the search form keeps.
    """

    query: str = ""
    tag: str = ""
    summary: str = ""
    clear_url: str = ""
    carried: tuple[Hidden, ...] = ()
    tags: tuple[TagLink, ...] = ()
    sorts: tuple[SortLink, ...] = ()
    posts: tuple[PostCard, ...] = ()
    pager: Pager


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
class PostPage:
    """One post; an action's address is empty without the right to it.

    Attributes:
        views: such as ``128 views``.
        comment_count: such as ``3 comments``.
        updated: None when the post was not changed after publication.
        views_url: takes the POST that counts a view; empty when this view does not count.
        token_url: gives the CSRF token for it.
    """

    title: str
    author: str
    author_url: str
    author_bio: str = ""
    published: Moment
    updated: Moment | None = None
    reading_time: str
    views: str
    tags: tuple[TagLink, ...] = ()
    body: Markup
    is_draft: bool = False
    comment_count: str
    comments: tuple[CommentView, ...] = ()
    edit_url: str = ""
    publish_url: str = ""
    unpublish_url: str = ""
    delete_url: str = ""
    views_url: str = ""
    token_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFormPage:
    """Writing or changing a post; ``delete_url`` is empty for a new one."""

    heading: str
    back_url: str
    delete_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPost:
    """One of the viewer's posts; exactly one of the last two addresses is set."""

    title: str
    url: str
    is_draft: bool
    changed: Moment
    views: str
    comments: str
    edit_url: str
    delete_url: str
    publish_url: str = ""
    unpublish_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPostsPage:
    """The viewer's posts, drafts first."""

    summary: str
    posts: tuple[MyPost, ...] = ()
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorPage:
    """A person and what they published.

    Attributes:
        website: the host as text, or empty.
        website_url: the site's own page that names the host before one leaves.
        edit_url: set for the person's own page.
    """

    name: str
    username: str
    bio: str = ""
    website: str = ""
    website_url: str = ""
    since: str
    post_count: str
    edit_url: str = ""
    posts: tuple[PostCard, ...] = ()
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayPage:
    """The last page before another site; ``address`` was checked to be http or https."""

    host: str
    address: str
    back_url: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One figure with what it counts; ``url`` may be empty."""

    label: str
    value: str
    url: str = ""
    needs_attention: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One row of the security log. ``detail`` is one line of ``key=value``."""

    kind: str
    outcome: str
    at: Moment
    actor: str = ""
    target: str = ""
    address: str = ""
    route: str = ""
    request_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """A day in the table beside a chart, with a number per column."""

    day: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing, and the same as a table."""

    title: str
    drawing: Markup
    columns: tuple[str, ...]
    rows: tuple[ChartRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPage:
    """How the site does, at a glance."""

    stats: tuple[Stat, ...]
    rows: tuple[EventRow, ...] = ()
    chart: Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """An account in the list."""

    username: str
    email: str
    url: str
    roles: tuple[str, ...] = ()
    is_disabled: bool = False
    is_locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersPage:
    """Accounts by name."""

    query: str = ""
    search_url: str
    summary: str
    rows: tuple[UserRow, ...] = ()
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """A role that the account holds or could hold; ``permissions`` is one line."""

    name: str
    permissions: str
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """One account; an action's address is empty where it makes no sense."""

    username: str
    email: str
    profile_url: str
    is_disabled: bool = False
    locked_until: Moment | None = None
    roles: tuple[RoleRow, ...]
    roles_url: str
    sessions: str = ""
    end_sessions_url: str = ""
    disable_url: str = ""
    enable_url: str = ""
    unlock_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRow:
    """A spent budget. ``unlock_url`` and ``url`` are empty for a lock that is not an account's."""

    subject: str
    lane: str
    until: Moment
    url: str = ""
    unlock_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the values that a filter takes."""

    value: str
    label: str
    is_selected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionGroup:
    """Values under one heading."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogForm:
    """What the log may be filtered by, with what it is filtered by.

    Attributes:
        url: takes the form, and without parameters lifts the filter.
        first: first day (``2026-03-01``); may be empty.
        last: last day; may be empty.
        is_filled: there is something to lift.
    """

    url: str
    kinds: tuple[OptionGroup, ...]
    outcomes: tuple[Option, ...]
    user: str = ""
    address: str = ""
    first: str = ""
    last: str = ""
    is_filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """The security log, newest first."""

    form: LogForm
    chart: Chart
    summary: str
    rows: tuple[EventRow, ...] = ()
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationRow:
    """A group of like reports from browsers."""

    directive: str
    blocked: str
    document: str
    count: int
    first_seen: Moment
    last_seen: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """What somebody wrote through the contact form; ``handled_url`` is empty when it is dealt with."""

    name: str
    email: str
    phone: str = ""
    subject: str
    body: str
    at: Moment
    suspicion: str = ""
    handled_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesPage:
    """The contact form's box, what waits first."""

    summary: str
    rows: tuple[MessageRow, ...] = ()
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """A mail that development caught instead of sending."""

    subject: str
    to: str
    at: Moment
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage:
    """One such mail, as text, and the site's own addresses in it."""

    subject: str
    to: str
    sender: str
    at: Moment
    body: str
    links: tuple[str, ...] = ()
    back_url: str
