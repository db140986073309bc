"""A new password by mail, for whoever forgot the old one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bastide.core.accounts.mailed_links import LinkKind, LinkLimits, MailedLinks, Offer
from bastide.core.attempts import Attempts, Exhausted
from bastide.core.foundation import Client, Secret, Units, digest
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account, AccountStore, FactorStore, TicketSpent, account_key
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sign_in import Hasher, PasswordGate, Proofs, Ticket, TicketPurpose, Tickets

_MARK: Final = "mark"
_LINK: Final = LinkKind(
    rate="reset", purpose=TicketPurpose.PASSWORD_RESET, asked=EventKind.RESET_REQUESTED,
    link=MailText.RESET_LINK, note=MailText.RESET_NOTE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverySettings(LinkLimits):
    """How often a link to a new password or address is mailed; see ``LinkLimits``."""


class Recovery:
    """Resets passwords (P6).

    A stranger names an address and gets the same answer, at the same price, whether or not an account
    has it. The mailed link works once and not for long, dies with the password it replaces, signs nobody
    in and leaves second factors alone.

    Threat: enumeration, mail bombing, a stolen link that outlives its use (V6.3.8, V6.4.3, V6.6.2).
    """

    def __init__(
        self,
        *,
        accounts: AccountStore,
        factors: FactorStore,
        attempts: Attempts,
        links: MailedLinks,
        tickets: Tickets,
        hasher: Hasher,
        gate: PasswordGate,
        recorder: Recorder,
        notices: Notices,
        proofs: Proofs,
        units: Units,
        settings: RecoverySettings,
    ) -> None:
        self._accounts = accounts
        self._factors = factors
        self._attempts = attempts
        self._links = links
        self._tickets = tickets
        self._hasher = hasher
        self._gate = gate
        self._recorder = recorder
        self._notices = notices
        self._proofs = proofs
        self._units = units
        self._settings = settings

    def request(self, email: str, client: Client, *, link_to: Callable[[Secret], str]) -> Exhausted | None:
        """Mail a link, or a note that no account has the address; answer both alike.

        Args:
            email: a valid address.
            client: the caller.
            link_to: makes the absolute address of the page that redeems a token.

        Returns:
            ``Exhausted`` when the caller's network has asked too often, else None.

        Raises:
            StoreUnavailable: the mail could not be kept; nothing is.
        """

        def offer(account: Account | None) -> Offer:
            # Without an account the ticket opens nothing.
            subject, facts = _facts_of(account or _nobody(account_key(email), email))
            return Offer(
                # To the address that is stored: folded alike is not the same mailbox.
                to=email if account is None else account.email or email,
                is_granted=account is not None and account.is_active and account.email != "",
                subject=subject, facts=facts,
                target="" if account is None else account_target(account.id),
            )  # fmt: skip

        return self._links.answer(_LINK, email, client, limits=self._settings, link_to=link_to, offer=offer)

    def match_ticket(self, presented: str, client: Client) -> Ticket | None:
        """Return the unspent ticket that ``presented`` opens, or None. Burns nothing.

        Raises:
            TooManyRequests: the caller's network has guessed too often.
        """

        def find() -> Ticket | None:
            ticket = self._tickets.match_ticket(presented, purpose=TicketPurpose.PASSWORD_RESET)
            return None if ticket is None or self._account_of(ticket) is None else ticket

        return self._proofs.find_nameless(find, client) if self._tickets.is_plausible(presented) else None

    def complete(self, ticket: Ticket, password: Secret, client: Client) -> None:
        """Set the password, end every session, open the account's locks; nobody is signed in by it.

        Raises:
            InvalidInput: the password breaks the policy; the link stays good.
            TicketSpent: the link was used, is too old, or the password changed meanwhile.
        """
        account = self._account_of(ticket)
        if account is None:
            raise TicketSpent
        self._gate.check(password, context=(account.username, account.email), client=client)
        new_hash, target = self._hasher.hash(password), account_target(account.id)
        with self._units():
            now = self._accounts.lock_account(account.id)
            if now is None or _facts_of(now)[1] != ticket.facts:
                raise TicketSpent
            self._accounts.reset_password(
                account.id, ticket_digest=ticket.digest, old_hash=account.password_hash,
                new_hash=new_hash, now=self._recorder.now(),
            )  # fmt: skip
            self._notices.tell(EventKind.PASSWORD_RESET, MailText.PASSWORD_RESET, account, client, by=None)
        # A mailbox must not buy new guesses at the second factor.
        if not self._factors.has_factor(account.id) and self._attempts.unlock_account(account.id):
            self._recorder.record(EventKind.UNLOCKED, Outcome.SUCCESS, client, target=target, by="reset")

    def _account_of(self, ticket: Ticket) -> Account | None:
        account = self._accounts.find_account(ticket.subject)
        if account is None or not account.is_active or _facts_of(account)[1] != ticket.facts:
            return None
        return account


def _nobody(key: str, email: str) -> Account:
    """Return what stands in for the account that nobody has."""
    return Account(id=0, username=key, email=email, password_hash=None, is_active=False, roles=frozenset())


def _facts_of(account: Account) -> tuple[str, dict[str, str]]:
    """Return subject and facts of an account's ticket: bound to the hash and the address of this moment."""
    mark = digest(f"{account.password_hash or ''}\n{account_key(account.email)}".encode()).hex()
    return account_key(account.username), {_MARK: mark}
