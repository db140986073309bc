"""Administration: people, locks, the security log, browser reports, messages."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from bastide import (
    Account,
    EventFilter,
    Has,
    InvalidInput,
    Lock,
    Services,
    parse_fields,
    parse_page,
    parse_query,
    parse_term,
)
from bastide.flask import (
    current_exchange,
    fresh_login_required,
    installed_in,
    permission_required,
    policy_required,
    principal,
)
from blog_flask.clock import now
from blog_flask.database import db
from blog_flask.models import Comment, ContactMessage, Post, User
from blog_shared.access import KEPT_ROLES, ROLES, Permission
from blog_shared.lists import PEOPLE, page_of
from blog_shared.pages import admin as pages
from blog_shared.pages.log import chart, log_page, parse_log
from blog_shared.views.log import EventRow

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
PAGE_SIZE = 25
MOST_LOCKS = 200
administrators = permission_required(Permission.ADMIN_ACCESS)


def services() -> Services:
    return installed_in(current_app).services


def show(template: str, **values: Any) -> str:
    tabs = pages.sections(url_for, request.endpoint or "")
    return render_template(f"blog/admin/{template}.html", sections=tabs, **values)


def names_of(texts: Iterable[str]) -> dict[str, str]:
    """Return the user names of the account ids among the texts."""
    ids = pages.account_ids(texts)
    found = db().execute(select(User.id, User.username).where(User.id.in_(ids)))
    return {str(account_id): name for account_id, name in found}


def event_rows(wanted: EventFilter, offset: int, limit: int) -> tuple[tuple[EventRow, ...], int]:
    events, total = services().stores.events.list_events(wanted, offset=offset, limit=limit)
    return pages.event_rows(events, names_of(event.actor for event in events)), total


@blueprint.get("")
@administrators
def dashboard() -> ResponseReturnValue:
    def number(statement: Any) -> int:
        return int(db().scalar(statement) or 0)

    unread = select(func.count()).select_from(ContactMessage).where(ContactMessage.handled_at.is_(None))
    rows, _ = event_rows(EventFilter(), 0, 8)
    view = pages.dashboard_page(
        url_for,
        users=number(select(func.count()).select_from(User)),
        posts=number(select(func.count()).select_from(Post)),
        pending=number(select(func.count()).select_from(Comment).where(Comment.state == "pending")),
        locks=len(locks_now()),
        unread=number(unread),
        rows=rows,
        chart=chart(services().stores.events, now().date(), is_small=True),
    )
    return show("dashboard", page=view)


def locks_now() -> Sequence[Lock]:
    found: Sequence[Lock] = services().attempts.list_locks(limit=MOST_LOCKS)
    return found


def locks_of(accounts: Sequence[Account]) -> Sequence[Lock]:
    owners = [account.id for account in accounts]
    found: Sequence[Lock] = services().attempts.list_locks(limit=MOST_LOCKS, owners=owners) if owners else ()
    return found


@blueprint.get("/users")
@administrators
def users() -> ResponseReturnValue:
    asked = parse_query(dict(request.args.lists()), declared=PEOPLE)
    term = parse_term(asked.get("q")) or ""
    page = parse_page(asked.get("page"), size=PAGE_SIZE)
    found, total = services().stores.accounts.list_accounts(search=term, offset=page.offset, limit=page.size)
    view = pages.users_page(url_for, found, locks_of(found), total=total, page=page, term=term)
    return show("users", page=view)


@blueprint.get("/users/<int:user_id>")
@administrators
def user(user_id: int) -> ResponseReturnValue:
    account = _account(user_id)
    view = pages.user_page(
        url_for, account, locks_of([account]),
        sessions=len(services().sessions.list_live(account.id)),
        tokens=len(services().api_tokens.list_own(account.id)), viewer_id=principal().account_id,
    )  # fmt: skip
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
    exchange, administration = current_exchange(), services().administration
    if action == "grant":
        administration.grant_role(account, role, exchange.client, by=exchange.active)
    elif action == "revoke":
        administration.revoke_role(
            account, role, exchange.client, by=exchange.active, keep_holders=KEPT_ROLES
        )
    else:
        raise InvalidInput("action", "undeclared")
    return redirect(url_for("admin.user", user_id=user_id), 303)


@blueprint.post("/users/<int:user_id>/disable")
@fresh_login_required
@administrators
def disable(user_id: int) -> ResponseReturnValue:
    return _act(user_id, services().administration.disable, keep_holders=KEPT_ROLES)


@blueprint.post("/users/<int:user_id>/enable")
@fresh_login_required
@administrators
def enable(user_id: int) -> ResponseReturnValue:
    return _act(user_id, services().administration.enable)


@blueprint.post("/users/<int:user_id>/end-sessions")
@fresh_login_required
@administrators
def end_sessions(user_id: int) -> ResponseReturnValue:
    return _act(user_id, services().administration.end_sessions)


@blueprint.post("/users/<int:user_id>/revoke-tokens")
@fresh_login_required
@administrators
def revoke_tokens(user_id: int) -> ResponseReturnValue:
    return _act(user_id, services().administration.revoke_tokens)


@blueprint.post("/users/<int:user_id>/unlock")
@fresh_login_required
@administrators
def unlock(user_id: int) -> ResponseReturnValue:
    return _act(user_id, services().administration.unlock)


def _act(user_id: int, act: Callable[..., bool], **options: Any) -> ResponseReturnValue:
    exchange = current_exchange()
    act(_account(user_id), exchange.client, by=exchange.active, **options)
    return redirect(url_for("admin.user", user_id=user_id), 303)


@blueprint.get("/locks")
@administrators
def locks() -> ResponseReturnValue:
    found = locks_now()
    return show("locks", rows=pages.lock_rows(url_for, found, names_of(lock.owner for lock in found)))


@blueprint.get("/log")
@administrators
def log() -> ResponseReturnValue:
    stores = services().stores
    query = parse_log(dict(request.args.lists()), find_account=stores.accounts.find_account)
    rows, total = (
        ((), 0) if query.wanted is None else event_rows(query.wanted, query.page.offset, query.page.size)
    )
    drawn = chart(stores.events, now().date(), first=query.first, last=query.last)
    return show("log", page=log_page(url_for, query, rows, total, drawn))


@blueprint.get("/csp-reports")
@administrators
def csp_reports() -> ResponseReturnValue:
    groups = services().stores.violations.list_violations(limit=100)
    return show("csp_reports", rows=pages.violation_rows(groups))


@blueprint.get("/messages")
@administrators
def messages() -> ResponseReturnValue:
    page = page_of(dict(request.args.lists()), size=PAGE_SIZE)
    total = db().scalar(select(func.count()).select_from(ContactMessage)) or 0
    statement = (
        select(ContactMessage)
        .order_by(ContactMessage.handled_at.is_not(None), ContactMessage.created_at, ContactMessage.id)
        .offset(page.offset)
        .limit(page.size)
    )
    view = pages.messages_page(url_for, db().scalars(statement), total=total, page=page)
    return show("messages", page=view)


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
