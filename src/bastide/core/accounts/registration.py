"""How accounts come to be: by a verified address, or by an invitation; never by default."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from bastide.core.accounts.mailed_links import LinkKind, LinkLimits, MailedLinks, Offer
from bastide.core.attempts import Exhausted
from bastide.core.foundation import AccountId, Client, ConfigurationError, Secret, Units
from bastide.core.mail import MailText
from bastide.core.records import Account, AccountStore, NewAccount, account_key
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sign_in import Hasher, PasswordGate, Proofs, Ticket, TicketPurpose, Tickets

_LINK: Final = LinkKind(
    rate="registration", purpose=TicketPurpose.REGISTRATION, asked=EventKind.REGISTRATION_REQUESTED,
    link=MailText.REGISTRATION_LINK, note=MailText.REGISTRATION_NOTE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationSettings(LinkLimits):
    """Who may register; how often a link is mailed, see ``LinkLimits``.

    Attributes:
        is_open: whether strangers may register at all.
        role: the role that a registered account starts with.
        site_name: named in the mails.
    """

    is_open: bool = True
    role: str = "reader"
    site_name: str = "this site"

    def require_role(self, declared: Collection[str]) -> None:
        """Raise unless the role that registered accounts start with is declared.

        Raises:
            ConfigurationError: it is not; every registration would fail at its last step.
        """
        if self.is_open and self.role not in declared:
            msg = (
                f"registration.role is {self.role!r}, which is not declared; declared are {sorted(declared)}."
                " Name one of them, or close the registration: {'registration': {'is_open': False}}"
            )
            raise ConfigurationError(msg)


class Registration:
    """Makes accounts.

    A stranger names an address and gets the same answer whether or not an account has it; what is
    different travels by mail. Name and password are chosen behind the mailed link, so that no row
    exists for an unproven address.

    Threat: account enumeration, squatting on addresses, mail bombing (V6.3.8, V6.3.2, V6.4.1).
    """

    def __init__(
        self,
        *,
        accounts: AccountStore,
        links: MailedLinks,
        tickets: Tickets,
        hasher: Hasher,
        gate: PasswordGate,
        recorder: Recorder,
        proofs: Proofs,
        units: Units,
        settings: RegistrationSettings,
    ) -> None:
        self._accounts = accounts
        self._links = links
        self._tickets = tickets
        self._hasher = hasher
        self._gate = gate
        self._recorder = recorder
        self._proofs = proofs
        self._units = units
        self.settings = settings

    def request(self, email: str, client: Client, *, link_to: Callable[[Secret], str]) -> Exhausted | None:
        """Mail a link, or a note that the address has an account already; answer both alike.

        Args:
            email: a valid address.
            client: the caller.
            link_to: makes the absolute address of the page that redeems a token.

        Returns:
            ``Exhausted`` when the caller's network has asked too often, else None.

        Raises:
            StoreUnavailable: the mail could not be kept; nothing is.
        """
        key = account_key(email)

        def offer(account: Account | None) -> Offer:
            return Offer(to=email, is_granted=account is None, subject=key, facts={"email": email})

        return self._links.answer(_LINK, email, client, limits=self.settings, link_to=link_to, offer=offer)

    def match_ticket(self, presented: str, client: Client, *, purpose: TicketPurpose) -> Ticket | None:
        """Return the unspent ticket that ``presented`` opens, or None. Burns nothing.

        Raises:
            TooManyRequests: the caller's network has guessed too often.
        """
        if not self._tickets.is_plausible(presented):
            return None
        return self._proofs.find_nameless(
            lambda: self._tickets.match_ticket(presented, purpose=purpose), client
        )

    def complete(
        self, ticket: Ticket, *, username: str, email: str, password: Secret, client: Client
    ) -> AccountId:
        """Make the account and burn the ticket, both or neither; nobody is signed in by it.

        Args:
            ticket: evidence from ``match_ticket``.
            username: a valid user name.
            email: a valid address; ignored where the ticket names one.
            password: as typed.
            client: the caller.

        Raises:
            InvalidInput: the password breaks the policy.
            AccountExists: the name or the address is taken.
            TicketSpent: somebody was faster.
        """
        email = ticket.facts.get("email", email)
        self._gate.check(password, context=(username, email), client=client)
        new = NewAccount(
            username=username,
            username_key=account_key(username),
            email=email,
            email_key=account_key(email),
            password_hash=self._hasher.hash(password),
            roles=frozenset({ticket.facts.get("role", self.settings.role)}),
        )
        with self._units():
            now = self._recorder.now()
            account_id = self._accounts.add_account(new, ticket_digest=ticket.digest, now=now)
            self._recorder.record(
                EventKind.ACCOUNT_CREATED, Outcome.SUCCESS, client,
                actor=account_id, target=account_target(account_id), role=",".join(new.roles),
            )  # fmt: skip
        return account_id

    def invite(self, *, role: str, email: str | None, client: Client, by: AccountId | None) -> Secret:
        """Return a one-time token that makes an account with ``role``; earlier ones stop working.

        Args:
            role: the role to start with.
            email: the invited address; None lets the invited person name one.
            client: the caller.
            by: the inviting account, or None for a shell command.
        """
        subject = account_key(email) if email else f"role:{role}"
        facts = {"role": role} | ({"email": email} if email else {})
        with self._units():
            token = self._tickets.issue_ticket(TicketPurpose.INVITATION, subject=subject, facts=facts)
            self._recorder.record(EventKind.INVITATION_ISSUED, Outcome.SUCCESS, client, actor=by, role=role)
        return token
