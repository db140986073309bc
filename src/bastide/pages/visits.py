"""A request for one of the ready pages, and what may come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol, TypeAlias

from bastide.core.access import Rule
from bastide.core.attempts import Exhausted
from bastide.core.foundation import InvalidInput, Secret, TooManyRequests
from bastide.core.records import Account
from bastide.core.request import Exchange
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import PasswordLengths
from bastide.pages.context import Notice
from bastide.pages.forms import FormView
from bastide.pages.inputs import FilledForm, PlainInput, SecretInput, hidden
from bastide.pages.messages import MESSAGES as T
from bastide.pages.sentences import SENTENCES

PASSWORD: Final = SecretInput(name="password", label=SENTENCES["password"], autocomplete="current-password")
SIGN_IN: Final = (
    PlainInput(name="name", label=SENTENCES["name_or_email"], autocomplete="username"), PASSWORD,
    hidden("next"),
)  # fmt: skip
CONFIRM: Final = (PASSWORD, hidden("next"))


class Visit(Protocol):
    """A request for one of these pages, as the adapter hands it over."""

    @property
    def exchange(self) -> Exchange:
        """The request's exchange."""

    @property
    def path(self) -> str:
        """The path asked for, which its form posts back to."""

    @property
    def next(self) -> str:
        """The ``next`` parameter of the address, untrusted; empty when there is none."""

    @property
    def query(self) -> Mapping[str, Sequence[str]]:
        """The parameters of the address with all their values, untrusted."""

    @property
    def sent(self) -> Mapping[str, Sequence[str]] | None:
        """The form's fields with all their values; None unless it is a POST."""

    @property
    def content_type(self) -> str:
        """Type of the body, as sent."""

    def body(self, max_size_bytes: int) -> bytes:
        """Return the body, or raise ``InvalidInput`` where it is larger."""

    def url(self, page: str, **arguments: str) -> str:
        """Return the address of a page by the name of its route; ``home`` is the site's front page."""

    def absolute_url(self, page: str, **arguments: str) -> str:
        """Return the same with scheme and host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page to be rendered.

    Attributes:
        template: name below ``bastide/``, without ending.
        context: what the template reads besides the common context.
        status: HTTP status.
        retry_after: for the header, or None.
    """

    template: str
    context: Mapping[str, Any]
    status: int = 200
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoTo:
    """A redirect (303), with a message for the next page."""

    url: str
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What a script of the page asked for, as JSON."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing to show (204)."""


@dataclass(frozen=True, slots=True)
class Missing:
    """No such page (404)."""


Result: TypeAlias = Page | GoTo | Data | Done | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRoute:
    """One of the pages.

    Attributes:
        name: as ``Visit.url`` and the frameworks' reversing call it.
        path: pattern from the site's root; ``<token>`` is one segment.
        methods: those it answers.
        rule: what it demands.
        view: makes the result.
        is_csrf_exempt: it takes reports from machines that carry no cookie.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    rule: Rule
    view: Callable[..., Result]
    is_csrf_exempt: bool = False


def account_at_hand(visit: Visit) -> tuple[ActiveSession, Account] | None:
    """Return the session and the account of who is signed in, or None."""
    exchange = visit.exchange
    active, account_id = exchange.active, exchange.principal.account_id
    account = None if account_id is None else exchange.services.stores.accounts.get_account(account_id)
    return None if active is None or account is None else (active, account)


# Name, path, methods, rule and view of a page.
RouteRow: TypeAlias = tuple[str, str, tuple[str, ...], Rule, Callable[..., Result]]


def new_password(lengths: PasswordLengths) -> tuple[SecretInput, SecretInput]:
    """Return the inputs of a new password that has to be so long."""
    return (
        SecretInput(
            name="password", label=T.new_password, autocomplete="new-password",
            help=T.password_text(lengths), min_length=lengths.mixed,
        ),
        SecretInput(name="password_again", label=T.password_again, autocomplete="new-password"),
    )  # fmt: skip


def require_same_passwords(form: FilledForm) -> None:
    """Refuse the form where the new password was not typed alike twice."""
    if form.is_valid and form.values["password"] != form.values["password_again"]:
        form.refuse(InvalidInput("password_again", "different"))


def form_page(
    visit: Visit,
    template: str,
    form: FilledForm,
    submit: str,
    *errors: str,
    username: str = "",
    **context: Any,
) -> Page:
    """Return the page of a form that is fresh, or that something is wrong with.

    Args:
        visit: the request.
        template: see ``Page``.
        form: as it was filled in.
        submit: label of its button.
        errors: sentences about it as a whole.
        username: whose password it may ask for; that of whoever is signed in where none is given.
        context: what else the template reads.
    """
    username = username or visit.exchange.principal.name
    view = form.view(action=visit.path, submit=submit, errors=errors, username=username)
    status = 400 if view.invalid else 200
    return Page(template=template, context={"form": view, **context}, status=status)


def mail_link(
    visit: Visit, *, to: str, sent: str, ask: Callable[[Callable[[Secret], str]], Exhausted | None]
) -> GoTo:
    """Have a link mailed and go on to the page that says where to look, whatever became of it.

    Args:
        visit: the request.
        to: the page that the link opens.
        sent: the page to go on to.
        ask: asks the control for the link, given what makes the address of a token.

    Raises:
        TooManyRequests: the caller's network has asked too often.
    """
    exhausted = ask(lambda token: visit.absolute_url(to, token=token.reveal()))
    if isinstance(exhausted, Exhausted):
        raise TooManyRequests(exhausted.retry_after)
    return GoTo(url=visit.url(sent))


def refused_page(template: str, view: FormView, wait: timedelta | None, **context: Any) -> Page:
    """Return the page of a form whose secret opened nothing.

    Args:
        template: see ``Page``.
        view: of the form, with the sentence that says so.
        wait: how long the budget stays used up, or None where nobody may know or it is not.
        context: what else the template reads.
    """
    status = 403 if wait is None else 429
    return Page(template=template, context={"form": view, **context}, status=status, retry_after=wait)
