"""The pages on which a forgotten password is replaced."""

from typing import Final

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import EMAIL
from bastide.core.records import TicketSpent
from bastide.pages.context import Notice
from bastide.pages.inputs import FilledForm, RuleInput
from bastide.pages.messages import MESSAGES as T
from bastide.pages.sentences import SENTENCES
from bastide.pages.visits import (
    GoTo,
    Page,
    Result,
    Visit,
    form_page,
    mail_link,
    new_password,
    require_same_passwords,
)

RESET: Final = (RuleInput(name="email", label=SENTENCES["email"], rule=EMAIL),)


def reset(visit: Visit) -> Result:
    """Show the form, or mail a link; the answer is the same for every address."""
    form = FilledForm(RESET, visit.sent)
    if not form.is_valid:
        return form_page(visit, "reset", form, T.reset_submit)
    recovery, client = visit.exchange.services.recovery, visit.exchange.client
    return mail_link(
        visit, to="reset_complete", sent="reset_sent",
        ask=lambda link_to: recovery.request(form.values["email"], client, link_to=link_to),
    )  # fmt: skip


def reset_sent(visit: Visit) -> Result:  # noqa: ARG001 -- every page's signature
    """Say where to look, whether or not an account has the address."""
    return Page(template="reset_sent", context={})


def reset_complete(visit: Visit, token: str) -> Result:
    """Choose a new password behind a mailed link; nobody is signed in by it."""
    exchange = visit.exchange
    recovery = exchange.services.recovery
    ticket = recovery.match_ticket(token, exchange.client)
    if ticket is None:
        return _spent(visit)
    lengths = exchange.services.settings.passwords.lengths()
    form = FilledForm(new_password(lengths), visit.sent)
    require_same_passwords(form)
    if form.is_valid:
        try:
            recovery.complete(ticket, form.values["password"], exchange.client)
        except InvalidInput as error:
            form.refuse(error)
        except TicketSpent:
            return _spent(visit)
        else:
            return GoTo(url=visit.url("sign_in"), notice=Notice(level="success", text=T.password_reset))
    return form_page(visit, "reset_complete", form, T.reset_complete_submit, username=ticket.subject)


def _spent(visit: Visit) -> Page:
    view = FilledForm(RESET, None).view(
        action=visit.url("reset"), submit=T.reset_submit, errors=(T.link_spent,)
    )
    return Page(template="reset", context={"form": view}, status=410)
