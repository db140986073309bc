"""Pages of the administration."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bastide import Account, AccountId, Event, Lock, Page, ViolationGroup
from blog_shared.access import ROLES
from blog_shared.present import Address, count, event_row, minute, pager
from blog_shared.views.admin import (
    DashboardPage,
    LockRow,
    MessageRow,
    MessagesPage,
    RoleRow,
    Stat,
    UserPage,
    UserRow,
    UsersPage,
    ViolationRow,
)
from blog_shared.views.frame import Link
from blog_shared.views.log import Chart, EventRow

ID_DIGITS = 10
SECTIONS = (
    ("Overview", "admin.dashboard"), ("Users", "admin.users"), ("Locks", "admin.locks"),
    ("Security log", "admin.log"), ("Browser reports", "admin.csp_reports"), ("Messages", "admin.messages"),
)  # fmt: skip


def sections(address: Address, current: str) -> tuple[Link, ...]:
    """Return the tabs; ``current`` is the name of the page at hand."""
    return tuple(Link(label=label, url=address(name), is_current=name == current) for label, name in SECTIONS)


def dashboard_page(
    address: Address,
    *,
    users: int,
    posts: int,
    pending: int,
    locks: int,
    unread: int,
    rows: tuple[EventRow, ...],
    chart: Chart,
) -> DashboardPage:
    stats = (
        Stat(label="Users", value=str(users), url=address("admin.users")),
        Stat(label="Posts", value=str(posts)),
        Stat(label="Comments waiting", value=str(pending), url=address("comments.moderation"),
             needs_attention=pending > 0),
        Stat(label="Locks", value=str(locks), url=address("admin.locks"), needs_attention=locks > 0),
        Stat(label="Messages", value=str(unread), url=address("admin.messages"), needs_attention=unread > 0),
    )  # fmt: skip
    return DashboardPage(stats=stats, rows=rows, chart=chart)


def users_page(
    address: Address,
    accounts: Sequence[Account],
    locks: Iterable[Lock],
    *,
    total: int,
    page: Page,
    term: str,
) -> UsersPage:
    locked = {lock.owner for lock in locks}
    rows = tuple(
        UserRow(
            username=account.username, email=account.email, url=address("admin.user", user_id=account.id),
            roles=tuple(sorted(account.roles)), is_disabled=not account.is_active,
            is_locked=str(account.id) in locked,
        )
        for account in accounts
    )  # fmt: skip
    kept = {"q": term} if term else {}
    return UsersPage(
        query=term, search_url=address("admin.users"), summary=count(total, "user", "users"), rows=rows,
        pager=pager(page, total, address, "admin.users", things="users", **kept),
    )  # fmt: skip


def user_page(
    address: Address,
    account: Account,
    locks: Iterable[Lock],
    *,
    sessions: int,
    tokens: int,
    viewer_id: AccountId | None,
) -> UserPage:
    user_id = account.id
    until = next((lock.until for lock in locks if lock.owner == str(user_id)), None)
    may_disable = account.is_active and user_id != viewer_id
    return UserPage(
        username=account.username,
        email=account.email,
        profile_url=address("people.author", username=account.username),
        is_disabled=not account.is_active,
        locked_until=None if until is None else minute(until),
        roles=tuple(
            RoleRow(name=name, permissions=", ".join(sorted(rights)), is_held=name in account.roles)
            for name, rights in ROLES.items()
        ),
        roles_url=address("admin.change_role", user_id=user_id),
        sessions=count(sessions, "session", "sessions"),
        end_sessions_url=address("admin.end_sessions", user_id=user_id) if sessions else "",
        tokens=count(tokens, "API token", "API tokens"),
        revoke_tokens_url=address("admin.revoke_tokens", user_id=user_id) if tokens else "",
        disable_url=address("admin.disable", user_id=user_id) if may_disable else "",
        enable_url="" if account.is_active else address("admin.enable", user_id=user_id),
        unlock_url="" if until is None else address("admin.unlock", user_id=user_id),
    )


def lock_rows(address: Address, locks: Iterable[Lock], names: Mapping[str, str]) -> tuple[LockRow, ...]:
    """Return the locks; ``names`` are those of the accounts among their owners, by id as text."""
    return tuple(
        LockRow(
            subject=names.get(lock.owner, lock.subject), lane=lock.kind, until=minute(lock.until),
            url=address("admin.user", user_id=lock.owner) if lock.owner in names else "",
            unlock_url=address("admin.unlock", user_id=lock.owner) if lock.owner in names else "",
        )
        for lock in locks
    )  # fmt: skip


def event_rows(events: Sequence[Event], names: dict[str, str]) -> tuple[EventRow, ...]:
    return tuple(event_row(event, names) for event in events)


def account_ids(texts: Iterable[str]) -> set[int]:
    """Return the account ids among texts that may be anything."""
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS}


def violation_rows(groups: Iterable[ViolationGroup]) -> tuple[ViolationRow, ...]:
    return tuple(
        ViolationRow(
            directive=group.violation.directive, blocked=group.violation.blocked,
            document=group.violation.document, count=group.count,
            first_seen=minute(group.first_seen), last_seen=minute(group.last_seen),
        )
        for group in groups
    )  # fmt: skip


def messages_page(address: Address, messages: Iterable[Any], *, total: int, page: Page) -> MessagesPage:
    return MessagesPage(
        summary=count(total, "message", "messages"),
        rows=tuple(_message_row(address, message) for message in messages),
        pager=pager(page, total, address, "admin.messages", things="messages"),
    )


def _message_row(address: Address, message: Any) -> MessageRow:
    handled_at: datetime | None = message.handled_at
    url = address("admin.handle_message", message_id=message.id) if handled_at is None else ""
    return MessageRow(
        name=message.name, email=message.email, phone=message.phone or "", subject=message.subject,
        body=message.body, at=minute(message.created_at), suspicion=message.suspicion, handled_url=url,
    )  # fmt: skip
