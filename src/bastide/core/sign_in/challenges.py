"""What a passkey signs: 32 random bytes, good once, for one use, by one browser, for five minutes."""

from enum import StrEnum

from bastide.core.foundation import AccountId, Secret
from bastide.core.sign_in.ports import TicketPurpose
from bastide.core.sign_in.tickets import Tickets


class PasskeyUse(StrEnum):
    """What a passkey is asked for; an answer is good for nothing else."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    CONFIRM = "confirm"


class Challenges:
    """Issues challenges and spends them; only their digests are kept.

    Threat: an assertion sent twice, or caught in one place and presented in another (WebAuthn 13.4.3).
    """

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    def issue(self, use: PasskeyUse, *, browser: bytes, account_id: AccountId | None) -> Secret:
        """Return a challenge as base64url; an older one for the same use and browser stops working.

        Args:
            use: what the passkey is asked for.
            browser: digest of the session, or of the visitor's cookie where there is none.
            account_id: whose passkey must answer; None for anybody's.
        """
        facts = _facts(use, browser, account_id)
        subject = f"{use}:{facts['browser']}"
        return self._tickets.issue_ticket(TicketPurpose.PASSKEY, subject=subject, facts=facts)

    def spend(self, presented: str, use: PasskeyUse, *, browser: bytes, account_id: AccountId | None) -> bool:
        """Spend the challenge; tell whether it was issued for this use, browser and account.

        One that was issued for anything else is spent too.
        """
        ticket = self._tickets.burn_ticket(presented, purpose=TicketPurpose.PASSKEY)
        return ticket is not None and ticket.facts == _facts(use, browser, account_id)


def _facts(use: PasskeyUse, browser: bytes, account_id: AccountId | None) -> dict[str, str]:
    account = "" if account_id is None else str(account_id)
    return {"use": use.value, "browser": browser.hex(), "account": account}
