"""What every page may read: addresses, times, links and where a list is cut."""

from dataclasses import dataclass
from typing import Literal

from bastide import PageUrls, Viewer


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
class BlogViewer(Viewer):
    """Who looks at the page, and which doors it shows them; showing a door opens none.

    Attributes:
        profile_url: the viewer's public page, or empty.
        can_write: show the links for authors.
        can_moderate: show the link to the moderation queue.
        can_administer: show the link to the administration.
    """

    profile_url: str = ""
    can_write: bool = False
    can_moderate: bool = False
    can_administer: bool = False


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
