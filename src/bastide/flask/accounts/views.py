"""Register, sign in and out, confirm, change the password, take browser reports."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, assert_never

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bastide.core.access import PUBLIC, Audience, Rule
from bastide.core.accounts import AccountExists, TicketSpent
from bastide.core.attempts import Exhausted, Rate
from bastide.core.client import network_of
from bastide.core.csp import MAX_REPORT_SIZE_BYTES, parse_reports
from bastide.core.errors import InvalidInput
from bastide.core.events import EventKind, Outcome
from bastide.core.login import LoggedIn, Refused
from bastide.core.redirects import safe_target
from bastide.core.secret import Secret
from bastide.core.tickets import Ticket, TicketPurpose
from bastide.flask.accounts import forms
from bastide.flask.errors import NotFound, TooManyRequests, whole_seconds
from bastide.flask.forms import Form, form_view
from bastide.flask.guards import csrf_exempt, declare
from bastide.flask.state import current_state
from bastide.pages import MESSAGES as T
from bastide.pages import STATIC, AccountView, FormView

if TYPE_CHECKING:
    from bastide.flask.extension import Bastide

REPORT_RATE = Rate(name="csp", limit=60, period=timedelta(minutes=1))


def make_blueprint(bastide: "Bastide") -> Blueprint:
    """Return the blueprint ``accounts`` over the extension's services."""
    blueprint = Blueprint("accounts", __name__, static_folder=str(STATIC), static_url_path="/bastide/static")
    views = _AccountViews(bastide)
    for_machines = Rule(audience=Audience.EVERYBODY, is_api=True)
    suspect_too = Rule(audience=Audience.SUSPECT_TOO)
    both = ["GET", "POST"]
    add = blueprint.add_url_rule
    add("/account/sign-in", "sign_in", declare(partial(views.sign_in), PUBLIC), methods=both)
    add("/account/sign-out", "sign_out", declare(partial(views.sign_out), suspect_too), methods=["POST"])
    if bastide.services.settings.registration.is_open:
        add("/account/register", "register", declare(partial(views.register), PUBLIC), methods=both)
        add("/account/register/sent", "register_sent", declare(partial(views.register_sent), PUBLIC))
        add("/account/register/<token>", "register_complete",
            declare(partial(views.register_complete), PUBLIC), methods=both)  # fmt: skip
    add(
        "/account/invitation/<token>",
        "invitation",
        declare(partial(views.invitation), PUBLIC),
        methods=both,
    )
    add("/account/confirm", "confirm", declare(partial(views.confirm), suspect_too), methods=both)
    add("/account", "overview", declare(partial(views.overview), Rule()))
    add("/account/password", "password", declare(partial(views.password), Rule()), methods=both)
    path = bastide.services.settings.csp.report_path
    if path:
        add(
            path,
            "csp_reports",
            csrf_exempt(declare(partial(views.csp_reports), for_machines)),
            methods=["POST"],
        )
    return blueprint


class _AccountViews:
    """The views; each turns one outcome of the core into one answer."""

    def __init__(self, bastide: "Bastide") -> None:
        self._bastide = bastide

    def sign_in(self) -> ResponseReturnValue:
        """Show the form, or check name and password."""
        form = forms.SignInForm()
        if request.method != "POST":
            form.next.data = request.args.get("next", "")
            return self._sign_in_page(form, 200)
        if not form.validate():
            return self._sign_in_page(form, 400)
        state = current_state()
        outcome = self._bastide.services.login.sign_in(
            form.name.data, form.password.data, state.client, previous=state.active
        )
        match outcome:
            case LoggedIn():
                state.sign_in(outcome)
                flash(T.signed_in, "success")
                return redirect(safe_target(form.next.data, default=self._home()), 303)
            case Refused(retry_after=wait):
                page = self._sign_in_page(form, 403 if wait is None else 429, T.sign_in_refused)
                if wait is not None:
                    page.headers["Retry-After"] = str(whole_seconds(wait))
                return page
            case _:  # pragma: no cover -- mypy proves that no outcome is missing
                assert_never(outcome)

    def sign_out(self) -> ResponseReturnValue:
        """End the session."""
        state = current_state()
        if state.active is not None:
            self._bastide.services.login.sign_out(state.active, state.client)
        state.sign_out()
        return redirect(self._home(), 303)

    def register(self) -> ResponseReturnValue:
        """Show the form, or mail a link; the answer is the same for every address."""
        form = forms.RegisterForm()
        if request.method == "POST" and form.validate():
            exhausted = self._bastide.services.registration.request(
                form.email.data, current_state().client, link_to=self._link_to("accounts.register_complete")
            )
            if isinstance(exhausted, Exhausted):
                raise TooManyRequests(exhausted.retry_after)
            return redirect(url_for("accounts.register_sent"), 303)
        return self._form_page("register", form, T.register_submit)

    def register_sent(self) -> ResponseReturnValue:
        """Say where to look, whether or not anything was sent."""
        return render_template("bastide/register_sent.html")

    def register_complete(self, token: str) -> ResponseReturnValue:
        """Choose name and password behind a mailed link."""
        ticket = self._ticket(token, TicketPurpose.REGISTRATION)
        if ticket is None:
            flash(T.link_spent, "warning")
            return redirect(url_for("accounts.register"), 303)
        form = forms.CompleteForm()
        email = ticket.facts["email"]
        return self._redeem(ticket, form, email, "register_complete", T.register_complete_submit)

    def invitation(self, token: str) -> ResponseReturnValue:
        """Choose address, name and password behind an invitation."""
        ticket = self._ticket(token, TicketPurpose.INVITATION)
        if ticket is None:
            raise NotFound
        form = forms.InvitationForm()
        return self._redeem(ticket, form, form.email.data or "", "invitation", T.invitation_submit)

    def confirm(self) -> ResponseReturnValue:
        """Ask for the password once more and make the session fresh."""
        form = forms.ConfirmForm()
        state = current_state()
        if request.method != "POST":
            form.next.data = request.args.get("next", "")
        elif form.validate() and state.active is not None:
            outcome = self._bastide.services.login.confirm(state.active, form.password.data, state.client)
            if not isinstance(outcome, Refused):
                state.adopt(outcome.session)
                return redirect(safe_target(form.next.data, default=self._home()), 303)
            return self._form_page("confirm", form, T.confirm_submit, T.confirm_refused)
        return self._form_page("confirm", form, T.confirm_submit)

    def overview(self) -> ResponseReturnValue:
        """Show the account."""
        principal = current_state().principal
        accounts = self._bastide.services.stores.accounts
        account = None if principal.account_id is None else accounts.get_account(principal.account_id)
        if account is None:
            raise NotFound
        view = AccountView(username=account.username, email=account.email, roles=tuple(sorted(account.roles)))
        return render_template("bastide/account.html", account=view)

    def password(self) -> ResponseReturnValue:
        """Change the password; other sessions end."""
        form = forms.PasswordForm()
        state = current_state()
        if request.method == "POST" and form.validate() and state.active is not None:
            try:
                outcome = self._bastide.services.login.change_password(
                    state.active, form.current_password.data, form.password.data, state.client
                )
            except InvalidInput as error:
                form.refuse(error)
                return self._form_page("password", form, T.change_password_submit)
            if isinstance(outcome, Refused):
                is_wrong = outcome.retry_after is None
                sentence = T.current_password_wrong if is_wrong else T.confirm_refused
                return self._form_page("password", form, T.change_password_submit, sentence)
            state.adopt(outcome.session)
            flash(T.password_changed, "success")
            return redirect(url_for("accounts.overview"), 303)
        return self._form_page("password", form, T.change_password_submit)

    def csp_reports(self) -> ResponseReturnValue:
        """Take a browser's report: capped, rated, grouped."""
        services, client = self._bastide.services, current_state().client
        rate = services.attempts.draw_rate(REPORT_RATE, subject=network_of(client.address))
        if isinstance(rate, Exhausted):
            raise TooManyRequests(rate.retry_after)
        if (request.content_length or 0) > MAX_REPORT_SIZE_BYTES:
            raise InvalidInput("report", "too_long", max=MAX_REPORT_SIZE_BYTES)
        for violation in parse_reports(request.get_data(), request.content_type or ""):
            is_new = services.stores.violations.record_violation(
                violation, now=services.clock.now(), max_groups=services.settings.csp.max_groups
            )
            if is_new:
                services.recorder.record(
                    EventKind.CSP_VIOLATION, Outcome.NOTED, client,
                    target=violation.document, directive=violation.directive, blocked=violation.blocked,
                )  # fmt: skip
        return "", 204

    def _ticket(self, token: str, purpose: TicketPurpose) -> Ticket | None:
        return self._bastide.services.registration.match_ticket(token, purpose=purpose)

    def _redeem(self, ticket: Ticket, form: Any, email: str, page: str, submit: str) -> ResponseReturnValue:
        if request.method == "POST" and form.validate():
            try:
                self._bastide.services.registration.complete(
                    ticket, username=form.username.data, email=email, password=form.password.data,
                    client=current_state().client,
                )  # fmt: skip
            except InvalidInput as error:
                form.refuse(error)
            except AccountExists as error:
                form.refuse(InvalidInput(error.field, "taken"))
            except TicketSpent:
                raise NotFound from None
            else:
                flash(T.registered, "success")
                return redirect(url_for("accounts.sign_in"), 303)
        return self._form_page(page, form, submit)

    def _link_to(self, endpoint: str) -> Any:
        def link_to(token: Secret) -> str:
            return url_for(endpoint, token=token.reveal(), _external=True)

        return link_to

    def _sign_in_page(self, form: Form, status: int, *errors: str) -> Response:
        view = form_view(form, action=request.path, submit=T.sign_in, errors=errors)
        return _page("sign_in", view, status)

    def _form_page(self, name: str, form: Form, submit: str, *errors: str) -> Response:
        view = form_view(form, action=request.path, submit=submit, errors=errors)
        return _page(name, view, 400 if view.invalid else 200)

    def _home(self) -> str:
        return f"{request.script_root}/"


def _page(name: str, view: FormView, status: int) -> Response:
    return make_response(render_template(f"bastide/{name}.html", form=view), status)
