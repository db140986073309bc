"""Words and figures for the pages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from bastide import ARTICLE, COMMENT, Event, HtmlPolicy, Page, SafeHtml, needs_cleaning, show_markdown
from blog_shared.events import VOCABULARY
from blog_shared.views.frame import Link, Moment, Pager
from blog_shared.views.log import EventRow

WORDS_PER_MINUTE = 220
EXCERPT_LENGTH = 220
PAGE_WINDOW = 2
KILOBYTE = 1_000
# What the frame of every page links to: name in `BlogUrls`, name of the page.
PAGES = {
    "home": "posts.index", "sign_in": "accounts.sign_in", "sign_out": "accounts.sign_out",
    "register": "accounts.register", "account": "accounts.account", "confirm": "accounts.confirm",
    "password": "accounts.password", "devices": "accounts.devices", "reset": "accounts.reset",
    "factors": "accounts.factors", "my_posts": "posts.mine", "new_post": "posts.new",
    "profile": "people.profile", "contact": "contact.write", "feed": "posts.feed",
    "moderation": "comments.moderation", "admin": "admin.dashboard", "admin_users": "admin.users",
    "admin_locks": "admin.locks", "admin_log": "admin.log", "admin_csp": "admin.csp_reports",
    "admin_messages": "admin.messages", "activity": "accounts.activity", "email": "accounts.email",
    "tokens": "accounts.tokens",
}  # fmt: skip


# Makes the address of a page: ``address("posts.show", post_id=1)``; what the path lacks is the query.
Address: TypeAlias = Callable[..., str]


def moment(at: datetime) -> Moment:
    return Moment(machine=at.isoformat(timespec="seconds"), human=f"{at.day} {at:%B %Y}")


def minute(at: datetime) -> Moment:
    return Moment(machine=at.isoformat(timespec="seconds"), human=f"{at:%Y-%m-%d %H:%M:%S} UTC")


def count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def size_text(size_bytes: int) -> str:
    if size_bytes < KILOBYTE:
        return f"{size_bytes} bytes"
    kilobytes = size_bytes / KILOBYTE
    return f"{kilobytes:.0f} kB" if kilobytes < KILOBYTE else f"{kilobytes / KILOBYTE:.1f} MB"


def display_name(user: Any) -> str:
    profile = getattr(user, "profile", None)
    return (profile.full_name if profile is not None else None) or str(user.username)


def reading_time(post: Any) -> str:
    return f"{max(1, round(len(post.content.split()) / WORDS_PER_MINUTE))} min"


def clean_body(post: Any) -> SafeHtml:
    """Return a post's stored clean form, or clean its source again where the policy has changed since."""
    return _clean(post, post.content, ARTICLE)


def clean_comment(comment: Any) -> SafeHtml:
    """Return the same of a comment."""
    return _clean(comment, comment.body, COMMENT)


def _clean(stored: Any, source: str, policy: HtmlPolicy) -> SafeHtml:
    if needs_cleaning(stored.body_policy, policy):
        return show_markdown(source, policy)
    return SafeHtml(stored.body_html)


def hidden_images_text(addresses: Sequence[str]) -> str:
    """Return what an author is told of pictures that the pages' policy keeps readers from seeing."""
    hosts = ", ".join(sorted({urlsplit(address).hostname or address for address in addresses}))
    return (
        f"Readers will not see {count(len(addresses), 'picture', 'pictures')} in this text: the blog shows "
        f"its own files only, and nothing from {hosts}. Upload them under Files."
    )


def as_shown(term: str) -> str:
    """Return the words as clean HTML holds them."""
    return escape(term, quote=False)


def excerpt(post: Any) -> str:
    text = " ".join(clean_body(post).striptags().split())
    if len(text) <= EXCERPT_LENGTH:
        return text
    return text[:EXCERPT_LENGTH].rpartition(" ")[0] + "…"


def pager(page: Page, total: int, address: Address, name: str, /, *, things: str, **kept: Any) -> Pager:
    """Return the way through a long list; ``kept`` is the query that every page of it carries."""
    last = max(1, -(-total // page.size))
    if last == 1:
        return Pager(summary=f"{total:,} {things}")

    def link(number: int) -> str:
        return address(name, **kept, page=number)

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
        is_declared=event.kind in VOCABULARY.kinds,
        outcome=event.outcome,
        at=minute(event.at),
        actor=names.get(event.actor, event.actor),
        target=event.target,
        address=event.address,
        route=event.route,
        request_id=event.request_id,
        detail=" ".join(f"{key}={value}" for key, value in detail.items()),
    )
