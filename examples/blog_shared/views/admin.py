"""The administration: the site at a glance, accounts, locks, reports and messages."""

from dataclasses import dataclass

from blog_shared.views.frame import Moment, Pager
from blog_shared.views.log import Chart, EventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """One figure with what it counts; ``url`` may be empty."""

    label: str
    value: str
    url: str = ""
    needs_attention: bool = False


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
    tokens: str = ""
    revoke_tokens_url: str = ""
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
