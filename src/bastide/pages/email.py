"""The pages on which an account gets another address."""

from typing import Final

from bastide.core.inputs import EMAIL
from bastide.core.records import TicketSpent
from bastide.pages.context import Notice
from bastide.pages.inputs import FilledForm, RuleInput
from bastide.pages.messages import MESSAGES as T
from bastide.pages.sentences import SENTENCES
from bastide.pages.visits import GoTo, Missing, Page, Result, Visit, account_at_hand, form_page, mail_link

CHANGE: Final = (
    RuleInput(name="email", label=SENTENCES["new_email"], rule=EMAIL, help=SENTENCES["email_help"]),
)


def change_email(visit: Visit) -> Result:
    """Show the form, or mail a link to the new address; the answer is the same for every address."""
    found = account_at_hand(visit)
    if found is None:
        return Missing()
    _, account = found
    form = FilledForm(CHANGE, visit.sent)
    if not form.is_valid:
        return form_page(visit, "email", form, T.change_email_submit)
    change, client = visit.exchange.services.email_change, visit.exchange.client
    return mail_link(
        visit, to="email_confirm", sent="email_sent",
        ask=lambda link_to: change.request(account, form.values["email"], client, link_to=link_to),
    )  # fmt: skip


def email_sent(visit: Visit) -> Result:  # noqa: ARG001 -- every page's signature
    """Say where to look, whether or not the address is free."""
    return Page(template="email_sent", context={})


def confirm_email(visit: Visit, token: str) -> Result:
    """Use the address behind a mailed link: by the account that asked for it, and by no GET."""
    found = account_at_hand(visit)
    change = visit.exchange.services.email_change
    ticket = None if found is None else change.match_ticket(token, found[1], visit.exchange.client)
    if found is None or ticket is None:
        return Missing()
    session, account = found
    form = FilledForm((), visit.sent)
    if not form.is_valid:
        page = form_page(visit, "email_confirm", form, T.confirm_email_submit)
        context = {**page.context, "email": ticket.facts["email"]}
        return Page(template="email_confirm", context=context, status=page.status)
    try:
        rotated = change.complete(ticket, session, account, visit.exchange.client)
    except TicketSpent:
        return Missing()
    visit.exchange.adopt(rotated)
    return GoTo(url=visit.url("account"), notice=Notice(level="success", text=T.email_changed))
