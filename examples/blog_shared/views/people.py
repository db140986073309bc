"""People, and the way to their own sites."""

from dataclasses import dataclass

from blog_shared.views.frame import Pager
from blog_shared.views.posts import PostCard


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
class SsnPage:
    """One's own social security number.

    Attributes:
        shown: its last four digits, or all of it; empty for none.
        is_whole: it is all of it.
    """

    shown: str = ""
    is_whole: bool = False
    url: str
    reveal_url: str
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayPage:
    """The last page before another site; ``address`` was checked to be http or https."""

    host: str
    address: str
    back_url: str
