"""Another address for an account: proven by a mailed link, told to the old one."""

from collections.abc import Callable
from typing import Final

from bastide.core.accounts.mailed_links import LinkKind, LinkLimits, MailedLinks, Offer
from bastide.core.attempts import Exhausted, Rate
from bastide.core.foundation import Client, Secret, Units
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account, AccountExists, AccountStore, TicketSpent, account_key
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sessions import Acting, ActiveSession, Sessions
from bastide.core.sign_in import Proofs, Ticket, TicketPurpose, Tickets

_LINK: Final = LinkKind(
    rate="email-change", purpose=TicketPurpose.EMAIL_CHANGE, asked=EventKind.EMAIL_CHANGE_REQUESTED,
    link=MailText.EMAIL_LINK, note=MailText.EMAIL_NOTE,
)  # fmt: skip


class EmailChange:
    """Changes an account's address (P5).

    Whoever asks has shown a factor lately. The answer is the same whether or not somebody else has the
    address: the difference travels by mail. Nothing changes before the link is opened by the same person.

    Threat: an account taken over through a swapped address, enumeration (V6.3.7, V6.3.8, V7.5.1).
    """

    def __init__(
        self,
        *,
        acting: Acting,
        accounts: AccountStore,
        links: MailedLinks,
        tickets: Tickets,
        sessions: Sessions,
        recorder: Recorder,
        notices: Notices,
        proofs: Proofs,
        units: Units,
        settings: LinkLimits,
    ) -> None:
        self._acting = acting
        self._accounts = accounts
        self._links = links
        self._tickets = tickets
        self._sessions = sessions
        self._recorder = recorder
        self._notices = notices
        self._proofs = proofs
        self._units = units
        self._settings = settings

    def request(
        self, account: Account, email: str, client: Client, *, link_to: Callable[[Secret], str]
    ) -> Exhausted | None:
        """Mail a link to the new address, or a note that it has an account already; answer both alike.

        Args:
            account: whose address is to change.
            email: the next address, valid.
            client: the caller.
            link_to: makes the absolute address of the page that redeems a token.

        Returns:
            ``Exhausted`` when the account has asked too often, else None.

        Raises:
            StoreUnavailable: the mail could not be kept; nothing is.
        """
        target = account_target(account.id)
        rate = Rate(name=_LINK.rate, limit=self._settings.address_limit, period=self._settings.period)
        exhausted = self._links.draw(rate, client, target, account_key(email))
        if exhausted is not None:
            return exhausted
        with self._units():
            is_free = self._accounts.find_account(account_key(email)) is None
            offer = Offer(
                to=email, is_granted=is_free, subject=target,
                facts={"email": email, "from": account_key(account.email)},
                names={"username": account.username},
            )  # fmt: skip
            self._links.mail(_LINK, email, offer, link_to=link_to)
            self._notices.send(MailText.EMAIL_CHANGE_ASKED, account, client)
            self._recorder.record(_LINK.asked, Outcome.NOTED, client, actor=account.id, target=target)
        return None

    def match_ticket(self, presented: str, account: Account, client: Client) -> Ticket | None:
        """Return the unspent ticket that ``presented`` opens for this account, or None. Burns nothing.

        Raises:
            TooManyRequests: the caller's network has guessed too often.
        """

        def find() -> Ticket | None:
            ticket = self._tickets.match_ticket(presented, purpose=TicketPurpose.EMAIL_CHANGE)
            if ticket is None or ticket.subject != account_target(account.id):
                return None
            return ticket if ticket.facts["from"] == account_key(account.email) else None

        return self._proofs.find_nameless(find, client) if self._tickets.is_plausible(presented) else None

    def complete(
        self, ticket: Ticket, session: ActiveSession, account: Account, client: Client
    ) -> ActiveSession:
        """Replace the address, end the other sessions and tell the old address.

        Args:
            ticket: evidence from ``match_ticket``.
            session: the account's; it goes on under a new id.
            account: whose address changes.
            client: the caller.

        Raises:
            AccessDenied: the session ended under way; nothing is changed.
            TicketSpent: somebody was faster, or has the address by now.
        """
        email = ticket.facts["email"]
        with self._acting(account.id, session):
            try:
                self._accounts.change_email(
                    account.id, ticket_digest=ticket.digest, email=email, email_key=account_key(email),
                    now=self._recorder.now(),
                )  # fmt: skip
            except AccountExists:
                raise TicketSpent from None
            self._sessions.end_others(account.id, keep=session.digest)
            rotated = self._sessions.renew(session, client, confirmed=False)
            self._notices.tell(EventKind.EMAIL_CHANGED, MailText.EMAIL_CHANGED, account, client, by=rotated)
            self._notices.send(MailText.EMAIL_CHANGED, account, client, to=email)
        return rotated
