"""The page on which people see where they are signed in, and end what is not theirs."""

from typing import Final

from bastide.core.foundation import minute_text
from bastide.pages.context import DeviceView, Notice
from bastide.pages.inputs import FilledForm, PlainInput
from bastide.pages.messages import MESSAGES as T
from bastide.pages.visits import GoTo, Missing, Page, Result, Visit

OTHERS: Final = "others"
END: Final = (PlainInput(name="session", label=""),)


def devices(visit: Visit) -> Result:
    """List the sessions, or end one of the account's own, or all others (V7.4.3, V7.5.2)."""
    exchange = visit.exchange
    active, account_id = exchange.active, exchange.principal.account_id
    if active is None or account_id is None:
        return Missing()
    services = exchange.services
    form = FilledForm(END, visit.sent)
    if form.is_valid:
        asked = form.values["session"]
        handle = None if asked == OTHERS else asked
        if not services.login.end_elsewhere(active, exchange.client, handle=handle):
            return Missing()
        return GoTo(url=visit.url("devices"), notice=Notice(level="success", text=T.session_ended))
    rows = tuple(
        DeviceView(
            handle=entry.handle, browser=entry.agent_family, network=entry.network,
            first_seen=minute_text(entry.created_at), last_seen=minute_text(entry.last_seen_at),
            is_current=entry.digest == active.digest,
        )
        for entry in services.sessions.list_live(account_id)
    )  # fmt: skip
    return Page(template="devices", context={"devices": rows, "others": OTHERS})
