"""What pages show of passkeys: the button to use one, and the list of one's own."""

from bastide.core.foundation import AccountId, minute_text
from bastide.core.sign_in import passkey_handle
from bastide.pages.context import PasskeyEntry, PasskeyView
from bastide.pages.messages import MESSAGES as T
from bastide.pages.visits import Visit


def sign_in_entry(visit: Visit, target: str) -> PasskeyEntry | None:
    """Return the button of the sign-in page; None where passkeys are not offered."""
    return _entry(visit, "passkey_sign_in", target) if visit.exchange.services.passkeys.is_offered else None


def second_factor_entry(visit: Visit, target: str) -> PasskeyEntry | None:
    """Return the button for a session that waits; None where its account has no passkey."""
    active = visit.exchange.active
    return _own_entry(visit, None if active is None else active.pending_account, "second_factor", target)


def confirm_entry(visit: Visit, target: str) -> PasskeyEntry | None:
    """Return the button of the confirm page; None where the account has no passkey."""
    return _own_entry(visit, visit.exchange.principal.account_id, "confirm", target)


def own_passkeys(visit: Visit, account_id: AccountId) -> tuple[PasskeyView, ...]:
    """Return the account's passkeys as its owner sees them."""
    return tuple(
        PasskeyView(
            handle=passkey_handle(passkey),
            name=passkey.name,
            created=minute_text(passkey.created_at),
            last_used="" if passkey.last_used_at is None else minute_text(passkey.last_used_at),
            is_backed_up=passkey.is_backed_up,
        )
        for passkey in visit.exchange.services.passkeys.list_own(account_id)
    )


def _own_entry(visit: Visit, account_id: AccountId | None, use: str, target: str) -> PasskeyEntry | None:
    has_one = account_id is not None and visit.exchange.services.passkeys.list_own(account_id)
    return _entry(visit, f"passkey_{use}", target) if has_one else None


def _entry(visit: Visit, page: str, target: str) -> PasskeyEntry:
    label = T.passkey_sign_in if page == "passkey_sign_in" else T.passkey_use
    return PasskeyEntry(
        action=visit.url(page), options=visit.url(f"{page}_options"), next=target, label=label
    )
