"""Administration: people, locks, the security log, browser reports, messages."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from bastide import (
    Account,
    ActiveSession,
    Client,
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
from bastide.django import PermissionRequiredMixin, bastide, exchange_of, policy_required, principal
from blog_django.clock import now
from blog_django.links import address
from blog_django.models import Comment, ContactMessage, Post, User
from blog_django.views.base import go_to
from blog_shared.access import KEPT_ROLES, ROLES, Permission
from blog_shared.lists import PEOPLE, page_of
from blog_shared.pages import admin as pages
from blog_shared.pages.log import chart, log_page, parse_log
from blog_shared.views.log import EventRow

PAGE_SIZE = 25
MOST_LOCKS = 200


def services() -> Services:
    return bastide().services


def locks_now() -> Sequence[Lock]:
    return services().attempts.list_locks(limit=MOST_LOCKS)


def locks_of(accounts: Sequence[Account]) -> Sequence[Lock]:
    owners = [account.id for account in accounts]
    return services().attempts.list_locks(limit=MOST_LOCKS, owners=owners) if owners else ()


def names_of(texts: Iterable[str]) -> dict[str, str]:
    """Return the user names of the account ids among the texts."""
    found = User.objects.filter(pk__in=pages.account_ids(texts)).values_list("pk", "username")
    return {str(account_id): name for account_id, name in found}


def event_rows(wanted: EventFilter, offset: int, limit: int) -> tuple[tuple[EventRow, ...], int]:
    events, total = services().stores.events.list_events(wanted, offset=offset, limit=limit)
    return pages.event_rows(events, names_of(event.actor for event in events)), total


class AdminPage(PermissionRequiredMixin, View):
    permission = Permission.ADMIN_ACCESS
    template: str

    def show(self, **values: Any) -> HttpResponse:
        match = self.request.resolver_match
        current = match.view_name.replace(":", ".") if match else ""
        context = {"sections": pages.sections(address, current), **values}
        return render(self.request, f"blog/admin/{self.template}.html", context)


class Dashboard(AdminPage):
    template = "dashboard"

    def get(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        rows, _ = event_rows(EventFilter(), 0, 8)
        view = pages.dashboard_page(
            address,
            users=User.objects.count(),
            posts=Post.objects.count(),
            pending=Comment.objects.filter(state="pending").count(),
            locks=len(locks_now()),
            unread=ContactMessage.objects.filter(handled_at=None).count(),
            rows=rows,
            chart=chart(services().stores.events, now().date(), is_small=True),
        )
        return self.show(page=view)


class Users(AdminPage):
    template = "users"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = parse_query(dict(request.GET.lists()), declared=PEOPLE)
        term = parse_term(asked.get("q")) or ""
        page = parse_page(asked.get("page"), size=PAGE_SIZE)
        accounts = services().stores.accounts
        found, total = accounts.list_accounts(search=term, offset=page.offset, limit=page.size)
        return self.show(
            page=pages.users_page(address, found, locks_of(found), total=total, page=page, term=term)
        )


class OneUser(AdminPage):
    template = "user"

    def get(self, request: HttpRequest, user_id: int) -> HttpResponse:
        account, viewer_id = _account(user_id), principal(request).account_id
        view = pages.user_page(
            address, account, locks_of([account]), sessions=len(services().sessions.list_live(account.id)),
            tokens=len(services().api_tokens.list_own(account.id)), viewer_id=viewer_id,
        )  # fmt: skip
        return self.show(page=view)


class UserAction(PermissionRequiredMixin, View):
    """Changes one account and goes back to its page."""

    permission = Permission.ADMIN_ACCESS
    needs_fresh = True

    def post(self, request: HttpRequest, user_id: int) -> HttpResponse:
        exchange = exchange_of(request)
        self.change(_account(user_id), exchange.client, exchange.active)
        return go_to(address("admin.user", user_id=user_id))

    def change(self, account: Account, client: Client, by: ActiveSession | None) -> None:
        raise NotImplementedError


class ChangeRole(UserAction):
    def change(self, account: Account, client: Client, by: ActiveSession | None) -> None:
        sent = dict(self.request.POST.lists())
        fields = parse_fields(sent, declared=("role", "action"), ignored=("csrfmiddlewaretoken",))
        role, action = fields["role"], fields["action"]
        if role not in ROLES:
            raise InvalidInput("role", "undeclared")
        administration = services().administration
        if action == "grant":
            administration.grant_role(account, role, client, by=by)
        elif action == "revoke":
            administration.revoke_role(account, role, client, by=by, keep_holders=KEPT_ROLES)
        else:
            raise InvalidInput("action", "undeclared")


class Disable(UserAction):
    def change(self, account: Account, client: Client, by: ActiveSession | None) -> None:
        services().administration.disable(account, client, by=by, keep_holders=KEPT_ROLES)


class Enable(UserAction):
    def change(self, account: Account, client: Client, by: ActiveSession | None) -> None:
        services().administration.enable(account, client, by=by)


class EndSessions(UserAction):
    def change(self, account: Account, client: Client, by: ActiveSession | None) -> None:
        services().administration.end_sessions(account, client, by=by)


class RevokeTokens(UserAction):
    def change(self, account: Account, client: Client, by: ActiveSession | None) -> None:
        services().administration.revoke_tokens(account, client, by=by)


class Unlock(UserAction):
    def change(self, account: Account, client: Client, by: ActiveSession | None) -> None:
        services().administration.unlock(account, client, by=by)


class Locks(AdminPage):
    template = "locks"

    def get(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        found = locks_now()
        return self.show(rows=pages.lock_rows(address, found, names_of(lock.owner for lock in found)))


class Log(AdminPage):
    template = "log"

    def get(self, request: HttpRequest) -> HttpResponse:
        stores = services().stores
        query = parse_log(dict(request.GET.lists()), find_account=stores.accounts.find_account)
        rows, total = (
            ((), 0) if query.wanted is None else event_rows(query.wanted, query.page.offset, query.page.size)
        )
        drawn = chart(stores.events, now().date(), first=query.first, last=query.last)
        return self.show(page=log_page(address, query, rows, total, drawn))


class CspReports(AdminPage):
    template = "csp_reports"

    def get(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        return self.show(rows=pages.violation_rows(services().stores.violations.list_violations(limit=100)))


class Messages(AdminPage):
    template = "messages"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = page_of(dict(request.GET.lists()), size=PAGE_SIZE)
        waiting_first = Case(When(handled_at=None, then=0), default=1)
        kept = ContactMessage.objects.order_by(waiting_first, "created_at", "id")
        shown = kept[page.offset : page.offset + page.size]
        return self.show(page=pages.messages_page(address, shown, total=kept.count(), page=page))


@policy_required(Has(Permission.ADMIN_ACCESS), ContactMessage)
def handle_message(request: HttpRequest, message: ContactMessage) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    message.handled_at = now()
    message.save()
    return go_to(address("admin.messages"))


def _account(user_id: int) -> Account:
    account = services().stores.accounts.get_account(user_id)
    if account is None:
        raise Http404
    return account
