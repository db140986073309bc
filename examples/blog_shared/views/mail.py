"""Mail that development caught instead of sending."""

from dataclasses import dataclass

from blog_shared.views.frame import Moment


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
