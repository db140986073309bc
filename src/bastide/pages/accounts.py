"""The account pages: register, sign in and out, confirm, change the password, take browser reports.

Each page turns one outcome of the core into one result; an adapter routes requests here by
``account_routes`` and sends the result.
"""

from datetime import timedelta
from typing import Final, assert_never
from urllib.parse import urlencode

from bastide.core.access import PUBLIC, Audience, Rule
from bastide.core.attempts import Exhausted, Rate
from bastide.core.foundation import InvalidInput, TooManyRequests, network_of
from bastide.core.http import MAX_REPORT_SIZE_BYTES, parse_reports
from bastide.core.inputs import EMAIL, USERNAME, safe_target
from bastide.core.records import AccountExists, TicketSpent
from bastide.core.request import Settings
from bastide.core.security_log import EventKind, Outcome
from bastide.core.sign_in import FactorNeeded, LoggedIn, Refused, Ticket, TicketPurpose
from bastide.pages.activity import activity, latest
from bastide.pages.context import AccountView, Notice
from bastide.pages.devices import devices
from bastide.pages.email import change_email, confirm_email, email_sent
from bastide.pages.factors import SHOW, factors, second_factor, totp
from bastide.pages.inputs import FilledForm, PlainInput, RuleInput, SecretInput
from bastide.pages.messages import MESSAGES as T
from bastide.pages.passkey_forms import confirm_entry, sign_in_entry
from bastide.pages.passkeys import passkey_routes
from bastide.pages.recovery import reset, reset_complete, reset_sent
from bastide.pages.sentences import SENTENCES
from bastide.pages.tokens import revoke_token, tokens
from bastide.pages.visits import (
    CONFIRM,
    SIGN_IN,
    AccountRoute,
    Done,
    GoTo,
    Missing,
    Page,
    Result,
    RouteRow,
    Visit,
    account_at_hand,
    form_page,
    mail_link,
    new_password,
    refused_page,
    require_same_passwords,
)

REPORT_RATE: Final = Rate(name="csp", limit=60, period=timedelta(minutes=1))

_ADDRESS: Final = RuleInput(name="email", label=SENTENCES["email"], rule=EMAIL, help=SENTENCES["email_help"])
_NAME: Final = RuleInput(
    name="username", label=SENTENCES["username"], rule=USERNAME, help=SENTENCES["username_help"]
)
REGISTER: Final = (_ADDRESS,)
_CURRENT: Final = SecretInput(
    name="current_password", label=SENTENCES["current_password"], autocomplete="current-password"
)
KEEP_TOKENS: Final = PlainInput(
    name="keep_tokens", label=SENTENCES["keep_tokens"], help=SENTENCES["keep_tokens_help"],
    input_type="checkbox",
)  # fmt: skip


def sign_in(visit: Visit) -> Result:
    """Show the form, or check name and password."""
    form, exchange = FilledForm(SIGN_IN, visit.sent, {"next": visit.next}), visit.exchange
    if not form.is_valid:
        if (
            visit.sent is None
            and visit.next
            and exchange.active is not None
            and exchange.active.pending_account
        ):
            # Sent here from a page that needs what is half done; whoever starts over comes without one.
            return GoTo(url=_second_factor_url(visit, visit.next))
        entry = sign_in_entry(visit, visit.next)
        return form_page(visit, "sign_in", form, T.sign_in, passkey=entry)
    name, password = form.values["name"], form.values["password"]
    outcome = exchange.services.login.sign_in(name, password, exchange.client, previous=exchange.active)
    match outcome:
        case LoggedIn():
            exchange.sign_in(outcome)
            target = safe_target(form.values["next"], default=visit.url("home"))
            return GoTo(url=target, notice=Notice(level="success", text=T.signed_in))
        case FactorNeeded(session=session):
            exchange.adopt(session)
            return GoTo(url=_second_factor_url(visit, form.values["next"]))
        case Refused(retry_after=wait):
            view = form.view(action=visit.path, submit=T.sign_in, errors=(T.sign_in_refused,))
            return refused_page("sign_in", view, wait, passkey=sign_in_entry(visit, form.values["next"]))
        case _:  # pragma: no cover -- mypy proves that no outcome is missing
            assert_never(outcome)


def _second_factor_url(visit: Visit, asked_for: str) -> str:
    target = safe_target(asked_for, default="")
    return visit.url("second_factor") + (f"?{urlencode({'next': target})}" if target else "")


def sign_out(visit: Visit) -> Result:
    """End the session."""
    exchange = visit.exchange
    if exchange.active is not None:
        exchange.services.login.sign_out(exchange.active, exchange.client)
    exchange.sign_out()
    return GoTo(url=visit.url("home"))


def register(visit: Visit) -> Result:
    """Show the form, or mail a link; the answer is the same for every address."""
    form = FilledForm(REGISTER, visit.sent)
    if not form.is_valid:
        return form_page(visit, "register", form, T.register_submit)
    registration, client = visit.exchange.services.registration, visit.exchange.client
    return mail_link(
        visit, to="register_complete", sent="register_sent",
        ask=lambda link_to: registration.request(form.values["email"], client, link_to=link_to),
    )  # fmt: skip


def register_sent(visit: Visit) -> Result:  # noqa: ARG001 -- every page's signature
    """Say where to look, whether or not anything was sent."""
    return Page(template="register_sent", context={})


def register_complete(visit: Visit, token: str) -> Result:
    """Choose name and password behind a mailed link."""
    ticket = _match_ticket(visit, token, TicketPurpose.REGISTRATION)
    if ticket is None:
        # No redirect with a message: that would give every caller of a dead link a session of its own.
        view = FilledForm(REGISTER, None).view(
            action=visit.url("register"), submit=T.register_submit, errors=(T.link_spent,)
        )
        return Page(template="register", context={"form": view}, status=410)
    form = FilledForm((_NAME, *_first_password(visit)), visit.sent)
    return _redeem(visit, ticket, form, "register_complete", T.register_complete_submit)


def invitation(visit: Visit, token: str) -> Result:
    """Choose address, name and password behind an invitation."""
    ticket = _match_ticket(visit, token, TicketPurpose.INVITATION)
    if ticket is None:
        return Missing()
    form = FilledForm((_ADDRESS, _NAME, *_first_password(visit)), visit.sent)
    return _redeem(visit, ticket, form, "invitation", T.invitation_submit)


def confirm(visit: Visit) -> Result:
    """Ask for the password once more, or for the second factor where one is on; make the session fresh."""
    exchange = visit.exchange
    services, account_id = exchange.services, exchange.principal.account_id
    has_factor = account_id is not None and services.second_factors.is_on(account_id)
    form = FilledForm(SHOW if has_factor else CONFIRM, visit.sent, {"next": visit.next})
    entry = confirm_entry(visit, form.values.get("next", visit.next))
    if not form.is_valid or exchange.active is None:
        return form_page(visit, "confirm", form, T.confirm_submit, passkey=entry)
    if has_factor:
        code = form.values["code"].reveal()
        outcome = services.second_factors.confirm_session(exchange.active, code, exchange.client)
    else:
        outcome = services.login.confirm(exchange.active, form.values["password"], exchange.client)
    if isinstance(outcome, Refused):
        return form_page(visit, "confirm", form, T.confirm_submit, T.confirm_refused, passkey=entry)
    exchange.adopt(outcome.session)
    return GoTo(url=safe_target(form.values["next"], default=visit.url("home")))


def overview(visit: Visit) -> Result:
    """Show the account."""
    found = account_at_hand(visit)
    if found is None:
        return Missing()
    _, account = found
    view = AccountView(username=account.username, email=account.email, roles=tuple(sorted(account.roles)))
    return Page(template="account", context={"account": view, "activity": latest(visit, account.id)})


def find_password_page(visit: Visit) -> Result:
    """Lead password managers to the page of the password.

    Spec: W3C, A Well-Known URL for Changing Passwords.
    """
    return GoTo(url=visit.url("password"))


def change_password(visit: Visit) -> Result:
    """Change the password; other sessions end, and API tokens unless they are to be kept."""
    found = account_at_hand(visit)
    if found is None:
        return Missing()
    (session, account), exchange = found, visit.exchange
    login = exchange.services.login
    asked = (KEEP_TOKENS,) if exchange.services.settings.api_tokens.is_offered else ()
    form = FilledForm((_CURRENT, *new_password(login.password_lengths(account)), *asked), visit.sent)
    require_same_passwords(form)
    if not form.is_valid:
        return form_page(visit, "password", form, T.change_password_submit)
    current, new = form.values["current_password"], form.values["password"]
    keep_tokens = bool(form.values.get(KEEP_TOKENS.name))
    try:
        outcome = login.change_password(session, current, new, exchange.client, keep_tokens=keep_tokens)
    except InvalidInput as error:
        form.refuse(error)
        return form_page(visit, "password", form, T.change_password_submit)
    if isinstance(outcome, Refused):
        sentence = T.current_password_wrong if outcome.retry_after is None else T.confirm_refused
        return form_page(visit, "password", form, T.change_password_submit, sentence)
    exchange.adopt(outcome.session)
    return GoTo(url=visit.url("account"), notice=Notice(level="success", text=T.password_changed))


def csp_reports(visit: Visit) -> Result:
    """Take a browser's report: capped, rated, grouped."""
    exchange = visit.exchange
    services, client = exchange.services, exchange.client
    rate = services.attempts.draw_rate(REPORT_RATE, subject=network_of(client.address))
    if isinstance(rate, Exhausted):
        raise TooManyRequests(rate.retry_after)
    for violation in parse_reports(visit.body(MAX_REPORT_SIZE_BYTES), visit.content_type):
        is_new = services.stores.violations.record_violation(
            violation, now=services.clock.now(), max_groups=services.settings.csp.max_groups
        )
        if is_new:
            services.recorder.record(
                EventKind.CSP_VIOLATION, Outcome.NOTED, client,
                target=violation.document, directive=violation.directive, blocked=violation.blocked,
            )  # fmt: skip
    return Done()


def account_routes(settings: Settings) -> tuple[AccountRoute, ...]:
    """Return the pages that these settings open."""
    both, get, post = ("GET", "POST"), ("GET",), ("POST",)
    signed_in, suspect_too = Rule(), Rule(audience=Audience.SUSPECT_TOO)
    rows: list[RouteRow] = [
        ("sign_in", "account/sign-in", both, PUBLIC, sign_in),
        ("sign_out", "account/sign-out", post, suspect_too, sign_out),
        ("invitation", "account/invitation/<token>", both, PUBLIC, invitation),
        ("confirm", "account/confirm", both, suspect_too, confirm),
        ("account", "account", get, signed_in, overview),
        ("activity", "account/activity", get, signed_in, activity),
        ("password", "account/password", both, signed_in, change_password),
        ("find_password_page", ".well-known/change-password", get, PUBLIC, find_password_page),
        ("email", "account/email", both, Rule(needs_fresh=True), change_email),
        ("email_sent", "account/email/sent", get, signed_in, email_sent),
        ("email_confirm", "account/email/<token>", both, Rule(needs_fresh=True), confirm_email),
        ("second_factor", "account/second-factor", both, PUBLIC, second_factor),
        ("factors", "account/factors", both, Rule(needs_fresh=True), factors),
        ("totp", "account/factors/totp", both, Rule(needs_fresh=True), totp),
        ("devices", "account/devices", both, Rule(needs_fresh=True), devices),
        ("reset", "account/reset", both, PUBLIC, reset),
        ("reset_sent", "account/reset/sent", get, PUBLIC, reset_sent),
        ("reset_complete", "account/reset/<token>", both, PUBLIC, reset_complete),
    ]
    if settings.registration.is_open:
        rows += [
            ("register", "account/register", both, PUBLIC, register),
            ("register_sent", "account/register/sent", get, PUBLIC, register_sent),
            ("register_complete", "account/register/<token>", both, PUBLIC, register_complete),
        ]
    rows += passkey_routes() if settings.passkeys.is_offered else []
    if settings.api_tokens.is_offered:
        rows += [
            ("tokens", "account/tokens", both, Rule(needs_fresh=True), tokens),
            ("token_revoke", "account/tokens/revoke", post, Rule(needs_fresh=True), revoke_token),
        ]
    routes = [
        AccountRoute(name=name, path=path, methods=methods, rule=rule, view=view)
        for name, path, methods, rule, view in rows
    ]
    if settings.csp.report_path:
        routes.append(report_route(settings))
    return tuple(routes)


def report_route(settings: Settings) -> AccountRoute:
    """Return the endpoint that takes browsers' reports; it needs none of the other pages."""
    return AccountRoute(
        name="csp_reports", path=settings.csp.report_path.removeprefix("/"), methods=("POST",),
        rule=Rule(audience=Audience.EVERYBODY, is_api=True), view=csp_reports, is_csrf_exempt=True,
    )  # fmt: skip


def _first_password(visit: Visit) -> tuple[SecretInput, SecretInput]:
    return new_password(visit.exchange.services.settings.passwords.lengths())


def _match_ticket(visit: Visit, token: str, purpose: TicketPurpose) -> Ticket | None:
    exchange = visit.exchange
    return exchange.services.registration.match_ticket(token, exchange.client, purpose=purpose)


def _redeem(visit: Visit, ticket: Ticket, form: FilledForm, page: str, submit: str) -> Result:
    require_same_passwords(form)
    if form.is_valid:
        exchange, values = visit.exchange, form.values
        try:
            exchange.services.registration.complete(
                ticket, username=values["username"], email=values.get("email", ""),
                password=values["password"], client=exchange.client,
            )  # fmt: skip
        except InvalidInput as error:
            form.refuse(error)
        except AccountExists as error:
            form.refuse(InvalidInput(error.field, "taken"))
        except TicketSpent:
            return Missing()
        else:
            return GoTo(url=visit.url("sign_in"), notice=Notice(level="success", text=T.registered))
    return form_page(visit, page, form, submit)
