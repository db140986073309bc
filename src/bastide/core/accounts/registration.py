"""How accounts come to be: by a verified address, or by an invitation; never by default."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from bastide.core.attempts import Attempts, Exhausted, Rate
from bastide.core.foundation import AccountId, Client, ConfigurationError, Secret, Units, network_of
from bastide.core.mail import Letters, MailText, Message, Outbox
from bastide.core.records import AccountStore, NewAccount, account_key
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sign_in import Hasher, PasswordGate, Proofs, Ticket, TicketPurpose, Tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationSettings:
    """Who may register, and how often a link is mailed.

    Attributes:
        is_open: whether strangers may register at all.
        role: the role that a registered account starts with.
        site_name: named in the mails.
        network_limit: requests per network and period.
        address_limit: mails to one address per period.
        period: of both limits.
    """

    is_open: bool = True
    role: str = "reader"
    site_name: str = "this site"
    network_limit: int = 10
    address_limit: int = 3
    period: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        if min(self.network_limit, self.address_limit) < 1 or self.period <= timedelta():
            msg = "registration limits and their period must be positive"
            raise ConfigurationError(msg)

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
        attempts: Attempts,
        tickets: Tickets,
        hasher: Hasher,
        gate: PasswordGate,
        recorder: Recorder,
        letters: Letters,
        outbox: Outbox,
        proofs: Proofs,
        units: Units,
        settings: RegistrationSettings,
    ) -> None:
        self._accounts = accounts
        self._attempts = attempts
        self._tickets = tickets
        self._hasher = hasher
        self._gate = gate
        self._recorder = recorder
        self._letters = letters
        self._outbox = outbox
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
        settings = self.settings
        asked = Rate(name="registration", limit=settings.network_limit, period=settings.period)
        rate = self._attempts.draw_rate(asked, subject=network_of(client.address))
        if isinstance(rate, Exhausted):
            self._recorder.record(EventKind.RATE_REFUSED, Outcome.REFUSED, client, rate="registration")
            return rate
        key = account_key(email)
        per_address = self._attempts.draw_mail_rate(
            "registration-mail", limit=settings.address_limit, period=settings.period, to=key,
            address=client.address,
        )  # fmt: skip
        with self._units():
            if not isinstance(per_address, Exhausted):
                lifetime = self._tickets.lifetime_of(TicketPurpose.REGISTRATION)
                self._outbox.send(self._answer(email, key, link_to, lifetime), good_for=lifetime)
            self._recorder.record(EventKind.REGISTRATION_REQUESTED, Outcome.NOTED, client)
        return None

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

    def _answer(self, email: str, key: str, link_to: Callable[[Secret], str], lifetime: timedelta) -> Message:
        # Drawn in either case, so that both answers cost the same writes.
        token = self._tickets.issue_ticket(TicketPurpose.REGISTRATION, subject=key, facts={"email": email})
        link = self._letters.write(
            MailText.REGISTRATION_LINK, to=email, facts={"link": link_to(token), "lifetime": lifetime}
        )
        note = self._letters.write(MailText.REGISTRATION_NOTE, to=email, facts={})
        return link if self._accounts.find_account(key) is None else note
