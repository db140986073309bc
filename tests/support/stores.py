"""What the tests of every store share."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bastide.core.attempts import Lane, LaneKind
from bastide.core.mail import QueuedMail
from bastide.core.records import NewAccount, NewSession, StoredPasskey
from bastide.core.request import Stores
from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.stores.sql import AccountMixin
from bastide.testing.clock import START

THREADS = 16
T = TypeVar("T")
LATER = START + timedelta(minutes=15)


class IntegerBase(DeclarativeBase):
    pass


class User(AccountMixin, IntegerBase):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)


class UuidBase(DeclarativeBase):
    pass


class UuidUser(AccountMixin, UuidBase):
    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


def new_account(name: str = "maud", *roles: str) -> NewAccount:
    return NewAccount(
        username=name, username_key=name, email=f"{name}@example.org", email_key=f"{name}@example.org",
        password_hash="hash", roles=frozenset(roles or ("reader",)),
    )  # fmt: skip


def lane(subject: str = "1", limit: int = 5, kind: LaneKind = LaneKind.ACCOUNT, owner: str = "1") -> Lane:
    return Lane(kind=kind, subject=subject, owner=owner, limit=limit, period=timedelta(minutes=15))


def session(digest: bytes, account: Any = None) -> NewSession:
    return NewSession(
        digest=digest, account_id=account, state="{}", confirmed_at=START, agent_family="x", network="n"
    )


def ticket(digest: bytes = b"t" * 32, subject: str = "a") -> Ticket:
    return Ticket(
        digest=digest,
        purpose=TicketPurpose.INVITATION,
        subject=subject,
        facts={"role": "reader"},
        expires_at=LATER,
    )


def enrolled(stores: Stores, *, step: int = 7, codes: tuple[bytes, ...] = (b"c" * 32,)) -> Any:
    """Return an account with a confirmed authenticator and these backup codes."""
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
    assert stores.factors.put_totp(account, b"sealed", step=3)
    assert stores.factors.confirm_totp(account, sealed=b"sealed", step=step, codes=codes, keep=b"")
    return account


def email_ticket(stores: Stores, number: int = 0) -> bytes:
    digest = number.to_bytes(32, "big")
    stores.tickets.put_ticket(
        Ticket(digest=digest, purpose=TicketPurpose.EMAIL_CHANGE, subject=f"account:{number}", facts={}, expires_at=LATER)
    )  # fmt: skip
    return digest


def letter(number: int = 0, **values: Any) -> QueuedMail:
    known = {"id": number.to_bytes(16, "big"), "sealed": b"sealed", "due_at": START, "good_until": LATER}
    return QueuedMail(**{**known, **values})


def passkey(account: Any, number: int = 1, **changes: Any) -> StoredPasskey:
    kept = StoredPasskey(
        credential_id=bytes([number]) * 64, account_id=account, public_key=b"k" * 77, sign_count=3,
        transports=("internal", "usb"), name="Räuber & Söhne", is_backed_up=True,
        created_at=START + timedelta(minutes=number), user_handle=b"h" * 32,
    )  # fmt: skip
    return replace(kept, **changes)
