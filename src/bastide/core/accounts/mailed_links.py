"""Mailed links, and the one answer for everybody who asks for one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bastide.core.attempts import Attempts, Exhausted, Rate
from bastide.core.foundation import Client, ConfigurationError, Secret, Units, network_of
from bastide.core.mail import Fact, Letters, MailText, Outbox
from bastide.core.records import Account, AccountStore, account_key
from bastide.core.security_log import EventKind, Outcome, Recorder
from bastide.core.sign_in import TicketPurpose, Tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLimits:
    """How often a link is mailed.

    Attributes:
        network_limit: requests per network and period.
        address_limit: mails to one address per period.
        period: of both limits.
    """

    network_limit: int = 10
    address_limit: int = 3
    period: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        if min(self.network_limit, self.address_limit) < 1 or self.period <= timedelta():
            msg = "the limits of mailed links and their period must be positive"
            raise ConfigurationError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkKind:
    """One kind of mailed link.

    Attributes:
        rate: what its rates are called.
        purpose: of its tickets.
        asked: the event of asking for one.
        link: the text that holds it.
        note: the text for whoever gets none.
    """

    rate: str
    purpose: TicketPurpose
    asked: EventKind
    link: MailText
    note: MailText


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is made for one who asks, whether or not it is handed out.

    Attributes:
        to: where the link goes.
        is_granted: it goes there; else the address that was named gets the note.
        subject: of the ticket.
        facts: what the ticket carries.
        names: what the text of the link names besides the link and its lifetime.
        target: whose account it is about, for the log.
    """

    to: str
    is_granted: bool
    subject: str
    facts: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    target: str = ""


class MailedLinks:
    """Mails a link, or a note to whom a link would not help; who asks cannot tell which.

    Ticket, link and note are made in either case, so that both cost the same reads and writes.

    Threat: enumeration by answer or by time, mail bombing (V6.3.8).
    """

    def __init__(
        self,
        *,
        accounts: AccountStore,
        attempts: Attempts,
        tickets: Tickets,
        letters: Letters,
        outbox: Outbox,
        recorder: Recorder,
        units: Units,
    ) -> None:
        self._accounts = accounts
        self._attempts = attempts
        self._tickets = tickets
        self._letters = letters
        self._outbox = outbox
        self._recorder = recorder
        self._units = units

    def answer(
        self,
        kind: LinkKind,
        email: str,
        client: Client,
        *,
        limits: LinkLimits,
        link_to: Callable[[Secret], str],
        offer: Callable[[Account | None], Offer],
    ) -> Exhausted | None:
        """Mail a stranger the link or the note; answer both alike.

        Args:
            kind: what is asked for.
            email: a valid address.
            client: the caller.
            limits: how often.
            link_to: makes the absolute address of the page that redeems a token.
            offer: makes what is offered to whoever has the address; nobody may.

        Returns:
            ``Exhausted`` when the caller's network has asked too often, else None.

        Raises:
            StoreUnavailable: the mail could not be kept; nothing is.
        """
        rate = Rate(name=kind.rate, limit=limits.network_limit, period=limits.period)
        exhausted = self.draw(rate, client, network_of(client.address))
        if exhausted is not None:
            return exhausted
        key = account_key(email)
        offered = offer(self._accounts.find_account(key))
        per_address = self._attempts.draw_mail_rate(
            f"{kind.rate}-mail", limit=limits.address_limit, period=limits.period, to=key,
            address=client.address,
        )  # fmt: skip
        with self._units():
            if not isinstance(per_address, Exhausted):
                self.mail(kind, email, offered, link_to=link_to)
            self._recorder.record(kind.asked, Outcome.NOTED, client, target=offered.target)
        return None

    def draw(self, rate: Rate, client: Client, *subjects: str) -> Exhausted | None:
        """Draw one from each subject's share, or record the first that is used up and return it."""
        for subject in subjects:
            drawn = self._attempts.draw_rate(rate, subject=subject)
            if isinstance(drawn, Exhausted):
                self._recorder.record(EventKind.RATE_REFUSED, Outcome.REFUSED, client, rate=rate.name)
                return drawn
        return None

    def mail(self, kind: LinkKind, email: str, offer: Offer, *, link_to: Callable[[Secret], str]) -> None:
        """Make ticket, link and note, and send one of both; part of the caller's unit.

        Args:
            kind: what is asked for.
            email: the address that was named, valid.
            offer: what is made, and for whom.
            link_to: see ``answer``.

        Raises:
            StoreUnavailable: the mail could not be kept; the unit fails with it.
        """
        token = self._tickets.issue_ticket(kind.purpose, subject=offer.subject, facts=offer.facts)
        lifetime = self._tickets.lifetime_of(kind.purpose)
        named: dict[str, Fact] = {**offer.names, "link": link_to(token), "lifetime": lifetime}
        link = self._letters.write(kind.link, to=offer.to, facts=named)
        note = self._letters.write(kind.note, to=email, facts={})
        self._outbox.send(link if offer.is_granted else note, good_for=lifetime)
