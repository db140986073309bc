"""Administration: people, locks, the security log, browser reports, messages."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from bastide.core.access import Has
from bastide.core.accounts import Account
from bastide.core.errors import InvalidInput
from bastide.core.events import EventKind
from bastide.core.inputs import parse_fields
from bastide.core.queries import parse_page, parse_term
from bastide.flask import fresh_login_required, permission_required, policy_required, principal, record
from blog_shared.access import ROLES, Permission
from blog_flask.clock import now
from blog_flask.database import db
from blog_flask.models import Comment, ContactMessage, Post, User
from blog_flask.present import count, event_row, minute, pager
from blog_shared.views import (
    DashboardPage,
    EventRow,
    Link,
    LockRow,
    LogPage,
    MessageRow,
    MessagesPage,
    RoleRow,
    Stat,
    UserPage,
    UserRow,
    UsersPage,
    ViolationRow,
)

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
PAGE_SIZE = 25
MOST_LOCKS = 200
administrators = permission_required(Permission.ADMIN_ACCESS)


def services() -> Any:
    return current_app.extensions["bastide"].services


def sections() -> tuple[Link, ...]:
    """Return the tabs of the administration."""
    entries = (
        ("Overview", "admin.dashboard"), ("Users", "admin.users"), ("Locks", "admin.locks"),
        ("Security log", "admin.log"), ("Browser reports", "admin.csp_reports"),
        ("Messages", "admin.messages"),
    )  # fmt: skip
    return tuple(
        Link(label=label, url=url_for(endpoint), is_current=request.endpoint == endpoint)
        for label, endpoint in entries
    )


def show(template: str, **values: Any) -> str:
    return render_template(f"blog/admin/{template}.html", sections=sections(), **values)


def event_rows(kind: str, offset: int, limit: int) -> tuple[tuple[EventRow, ...], int]:
    events, total = services().stores.events.list_events(kind=kind, offset=offset, limit=limit)
    ids = {int(event.actor) for event in events if event.actor.isdigit()}
    found = db().execute(select(User.id, User.username).where(User.id.in_(ids)))
    names = {str(account_id): name for account_id, name in found}
    return tuple(event_row(event, names) for event in events), total


@blueprint.get("")
@administrators
def dashboard() -> ResponseReturnValue:
    def number(statement: Any) -> int:
        return int(db().scalar(statement) or 0)

    users = number(select(func.count()).select_from(User))
    pending = number(select(func.count()).select_from(Comment).where(Comment.state == "pending"))
    unread = number(
        select(func.count()).select_from(ContactMessage).where(ContactMessage.handled_at.is_(None))
    )
    locks = len(services().attempts.list_locks(limit=MOST_LOCKS))
    stats = (
        Stat(label="Users", value=str(users), url=url_for("admin.users")),
        Stat(label="Posts", value=str(number(select(func.count()).select_from(Post)))),
        Stat(label="Comments waiting", value=str(pending), url=url_for("comments.moderation"),
             needs_attention=pending > 0),
        Stat(label="Locks", value=str(locks), url=url_for("admin.locks"), needs_attention=locks > 0),
        Stat(label="Messages", value=str(unread), url=url_for("admin.messages"), needs_attention=unread > 0),
    )  # fmt: skip
    rows, _ = event_rows("", 0, 8)
    return show("dashboard", page=DashboardPage(stats=stats, rows=rows))


@blueprint.get("/users")
@administrators
def users() -> ResponseReturnValue:
    term = parse_term(request.args.get("q")) or ""
    page = parse_page(request.args.get("page"), size=PAGE_SIZE)
    found, total = services().stores.accounts.list_accounts(search=term, offset=page.offset, limit=page.size)
    locked = {lock.owner for lock in services().attempts.list_locks(limit=MOST_LOCKS)}
    rows = tuple(
        UserRow(
            username=account.username, email=account.email, url=url_for("admin.user", user_id=account.id),
            roles=tuple(sorted(account.roles)), is_disabled=not account.is_active,
            is_locked=str(account.id) in locked,
        )
        for account in found
    )  # fmt: skip
    view = UsersPage(
        query=term, search_url=url_for("admin.users"), summary=count(total, "user", "users"), rows=rows,
        pager=pager(
            page, total, lambda number: url_for("admin.users", q=term or None, page=number), things="users"
        ),
    )  # fmt: skip
    return show("users", page=view)


@blueprint.get("/users/<int:user_id>")
@administrators
def user(user_id: int) -> ResponseReturnValue:
    account = _account(user_id)
    lock = next(
        (row for row in services().attempts.list_locks(limit=MOST_LOCKS) if row.owner == str(user_id)), None
    )
    is_self = account.id == principal().account_id
    view = UserPage(
        username=account.username,
        email=account.email,
        profile_url=url_for("people.author", username=account.username),
        is_disabled=not account.is_active,
        locked_until=minute(lock.until) if lock else None,
        roles=tuple(
            RoleRow(name=name, permissions=", ".join(sorted(rights)), is_held=name in account.roles)
            for name, rights in ROLES.items()
        ),
        roles_url=url_for("admin.change_role", user_id=user_id),
        disable_url=url_for("admin.disable", user_id=user_id) if account.is_active and not is_self else "",
        enable_url="" if account.is_active else url_for("admin.enable", user_id=user_id),
        unlock_url=url_for("admin.unlock", user_id=user_id) if lock else "",
    )
    return show("user", page=view)


@blueprint.post("/users/<int:user_id>/roles")
@fresh_login_required
@administrators
def change_role(user_id: int) -> ResponseReturnValue:
    account = _account(user_id)
    fields = parse_fields(dict(request.form.lists()), declared=("role", "action"), ignored=("csrf_token",))
    role, action = fields["role"], fields["action"]
    if role not in ROLES:
        raise InvalidInput("role", "undeclared")
    accounts = services().stores.accounts
    target = f"account:{account.id}"
    if action == "grant":
        if accounts.grant_role(account.id, role):
            record(EventKind.ROLE_GRANTED, target=target, role=role)
    elif action == "revoke":
        _keep_one_administrator(account, role)
        if accounts.revoke_role(account.id, role):
            record(EventKind.ROLE_REVOKED, target=target, role=role)
    else:
        raise InvalidInput("action", "undeclared")
    return redirect(url_for("admin.user", user_id=user_id), 303)


@blueprint.post("/users/<int:user_id>/disable")
@fresh_login_required
@administrators
def disable(user_id: int) -> ResponseReturnValue:
    account = _account(user_id)
    _keep_one_administrator(account, "administrator")
    if services().stores.accounts.set_active(account.id, is_active=False):
        record(EventKind.ACCOUNT_DISABLED, target=f"account:{account.id}")
    return redirect(url_for("admin.user", user_id=user_id), 303)


@blueprint.post("/users/<int:user_id>/enable")
@fresh_login_required
@administrators
def enable(user_id: int) -> ResponseReturnValue:
    account = _account(user_id)
    if services().stores.accounts.set_active(account.id, is_active=True):
        record(EventKind.ACCOUNT_ENABLED, target=f"account:{account.id}")
    return redirect(url_for("admin.user", user_id=user_id), 303)


@blueprint.post("/users/<int:user_id>/unlock")
@administrators
def unlock(user_id: int) -> ResponseReturnValue:
    account = _account(user_id)
    if services().attempts.unlock_account(account.id):
        record(EventKind.UNLOCKED, target=f"account:{account.id}")
    return redirect(url_for("admin.user", user_id=user_id), 303)


@blueprint.get("/locks")
@administrators
def locks() -> ResponseReturnValue:
    found = services().attempts.list_locks(limit=MOST_LOCKS)
    ids = {int(lock.owner) for lock in found if lock.owner.isdigit()}
    names = {
        str(key): name for key, name in db().execute(select(User.id, User.username).where(User.id.in_(ids)))
    }
    rows = tuple(
        LockRow(
            subject=names.get(lock.owner, lock.subject), lane=lock.kind, until=minute(lock.until),
            url=url_for("admin.user", user_id=lock.owner) if lock.owner in names else "",
            unlock_url=url_for("admin.unlock", user_id=lock.owner) if lock.owner in names else "",
        )
        for lock in found
    )  # fmt: skip
    return show("locks", rows=rows)


@blueprint.get("/log")
@administrators
def log() -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    if kind and kind not in set(EventKind):
        raise InvalidInput("kind", "undeclared")
    page = parse_page(request.args.get("page"), size=PAGE_SIZE)
    rows, total = event_rows(kind, page.offset, page.size)
    kinds = (
        Link(label="all", url=url_for("admin.log"), is_current=not kind),
        *(
            Link(label=entry, url=url_for("admin.log", kind=entry), is_current=entry == kind)
            for entry in EventKind
        ),
    )
    view = LogPage(
        kinds=kinds, summary=count(total, "event", "events"), rows=rows,
        pager=pager(
            page, total, lambda number: url_for("admin.log", kind=kind or None, page=number), things="events"
        ),
    )  # fmt: skip
    return show("log", page=view)


@blueprint.get("/csp-reports")
@administrators
def csp_reports() -> ResponseReturnValue:
    rows = tuple(
        ViolationRow(
            directive=group.violation.directive, blocked=group.violation.blocked,
            document=group.violation.document, count=group.count,
            first_seen=minute(group.first_seen), last_seen=minute(group.last_seen),
        )
        for group in services().stores.violations.list_violations(limit=100)
    )  # fmt: skip
    return show("csp_reports", rows=rows)


@blueprint.get("/messages")
@administrators
def messages() -> ResponseReturnValue:
    page = parse_page(request.args.get("page"), size=PAGE_SIZE)
    total = db().scalar(select(func.count()).select_from(ContactMessage)) or 0
    statement = (
        select(ContactMessage)
        .order_by(ContactMessage.handled_at.is_not(None), ContactMessage.created_at, ContactMessage.id)
        .offset(page.offset)
        .limit(page.size)
    )
    rows = tuple(_message_row(message) for message in db().scalars(statement))
    view = MessagesPage(
        summary=count(total, "message", "messages"), rows=rows,
        pager=pager(page, total, lambda number: url_for("admin.messages", page=number), things="messages"),
    )  # fmt: skip
    return show("messages", page=view)


def _message_row(message: ContactMessage) -> MessageRow:
    is_open = message.handled_at is None
    return MessageRow(
        name=message.name, email=message.email, phone=message.phone or "", subject=message.subject,
        body=message.body, at=minute(message.created_at), suspicion=message.suspicion,
        handled_url=url_for("admin.handle_message", message_id=message.id) if is_open else "",
    )  # fmt: skip


@blueprint.post("/messages/<int:message_id>/handled")
@policy_required(Has(Permission.ADMIN_ACCESS), ContactMessage)
def handle_message(message: ContactMessage) -> ResponseReturnValue:
    message.handled_at = now()
    db().commit()
    return redirect(url_for("admin.messages"), 303)


def _account(user_id: int) -> Account:
    account: Account | None = services().stores.accounts.get_account(user_id)
    if account is None:
        raise NotFound
    return account


def _keep_one_administrator(account: Account, role: str) -> None:
    is_last = services().stores.accounts.count_role_holders("administrator") <= 1
    if role == "administrator" and "administrator" in account.roles and is_last:
        raise InvalidInput("role", "last_administrator")
