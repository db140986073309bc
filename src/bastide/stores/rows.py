"""Records as they stand in rows, the same whichever way a framework has to its database.

Times are microseconds, sets and lists are joined text; a driver may hand bytes over as another type.
"""

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final, TypeAlias

from bastide.core.foundation import AccountId, from_micros, to_micros
from bastide.core.http import Violation, ViolationGroup
from bastide.core.mail import QueuedMail
from bastide.core.records import (
    NewSession,
    NewToken,
    SessionSummary,
    StoredPasskey,
    StoredSession,
    StoredToken,
    TokenSummary,
    join_scopes,
    split_scopes,
)
from bastide.core.sign_in import Ticket, TicketPurpose
from bastide.core.uploads import Upload, UploadState

Row: TypeAlias = dict[str, Any]

# Columns of a read, in the order in which the function beside them takes what is found there.
SESSION_SUMMARY: Final = ("digest", "created_at", "last_seen_at", "agent_family", "network")
TOKEN_SUMMARY: Final = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at")
PASSKEY: Final = (
    "credential_id", "account_id", "public_key", "sign_count", "transports", "name", "is_backed_up",
    "created_at", "last_used_at", "user_handle",
)  # fmt: skip
UPLOAD: Final = (
    "name", "account_id", "subject", "display_name", "media_type", "size_bytes", "digest", "state",
    "created_at",
)  # fmt: skip
TICKET: Final = ("subject", "facts", "expires_at")
MAIL: Final = ("id", "sealed", "due_at", "good_until", "tries")
VIOLATION_GROUP: Final = ("directive", "blocked", "document", "count", "first_seen", "last_seen")


def session_row(new: NewSession, *, now: datetime) -> Row:
    """Return the row of a new session."""
    return {
        "digest": new.digest, "account_id": new.account_id, "state": new.state,
        "created_at": to_micros(now), "last_seen_at": to_micros(now),
        "confirmed_at": _micros(new.confirmed_at), "agent_family": new.agent_family,
        "network": new.network, "must_rotate": False, "is_pending": new.is_pending,
    }  # fmt: skip


def rotated_session(*, new_digest: bytes, confirmed_at: datetime | None, agent_family: str | None) -> Row:
    """Return what changes in the row of a session that goes on under a new digest."""
    values: Row = {"digest": new_digest, "must_rotate": False}
    if confirmed_at is not None:
        values |= {"confirmed_at": to_micros(confirmed_at), "is_pending": False}
    if agent_family is not None:
        values["agent_family"] = agent_family
    return values


def stored_session(
    session_digest: bytes,
    account_id: AccountId | None,
    columns: Sequence[Any],
    *,
    roles: frozenset[str],
    permissions: frozenset[str],
) -> StoredSession:
    """Return the session of a keyed read.

    Args:
        session_digest: the key.
        account_id: as the application's own key type, or None.
        columns: state, three times, browser family, must rotate, is pending; has a second factor, is active
            and user name of the account.
        roles: the account's.
        permissions: what they grant.
    """
    state, created, seen, confirmed, family, must_rotate, is_pending, has_factor, active, username = columns
    return StoredSession(
        digest=session_digest, account_id=account_id, state=state, created_at=from_micros(created),
        last_seen_at=from_micros(seen), confirmed_at=_time(confirmed), agent_family=family,
        must_rotate=bool(must_rotate), is_pending=bool(is_pending), has_factor=bool(has_factor),
        account_is_active=account_id is None or bool(active), username=username or "",
        roles=roles, permissions=permissions,
    )  # fmt: skip


def session_summary(columns: Sequence[Any]) -> SessionSummary:
    """Return what an owner sees, of the columns ``SESSION_SUMMARY``."""
    digest, created, seen, family, network = columns
    return SessionSummary(
        digest=bytes(digest), created_at=from_micros(created), last_seen_at=from_micros(seen),
        agent_family=family, network=network,
    )  # fmt: skip


def token_row(new: NewToken) -> Row:
    """Return the row of a new token."""
    return {
        "id": new.id, "digest": new.digest, "account_id": new.account_id, "name": new.name,
        "scopes": join_scopes(new.scopes), "created_at": to_micros(new.created_at),
        "expires_at": to_micros(new.expires_at),
    }  # fmt: skip


def stored_token(
    account_id: AccountId, columns: Sequence[Any], *, roles: frozenset[str], permissions: AbstractSet[str]
) -> StoredToken:
    """Return the token of a keyed read.

    Args:
        account_id: as the application's own key type.
        columns: digest, scopes, end and last use; has a second factor, is active and user name of the
            account.
        roles: the account's.
        permissions: what they grant.
    """
    digest, scopes, expires, used, has_factor, active, username = columns
    return StoredToken(
        digest=bytes(digest), account_id=account_id, scopes=split_scopes(scopes),
        expires_at=from_micros(expires), last_used_at=_time(used), account_is_active=bool(active),
        has_factor=bool(has_factor), username=username, roles=roles, permissions=permissions,
    )  # fmt: skip


def token_summary(columns: Sequence[Any]) -> TokenSummary:
    """Return what an owner sees, of the columns ``TOKEN_SUMMARY``."""
    token_id, name, scopes, created, expires, used = columns
    return TokenSummary(
        id=token_id, name=name, scopes=split_scopes(scopes), created_at=from_micros(created),
        expires_at=from_micros(expires), last_used_at=_time(used),
    )  # fmt: skip


def passkey_row(new: StoredPasskey) -> Row:
    """Return the row of a new passkey."""
    return {
        "credential_id": new.credential_id, "account_id": new.account_id, "public_key": new.public_key,
        "sign_count": new.sign_count, "transports": ",".join(new.transports), "name": new.name,
        "is_backed_up": new.is_backed_up, "created_at": to_micros(new.created_at),
        "user_handle": new.user_handle,
    }  # fmt: skip


def stored_passkey(columns: Sequence[Any]) -> StoredPasskey:
    """Return the passkey of the columns ``PASSKEY``."""
    credential_id, account_id, key, count, transports, name, is_backed_up, created, used, handle = columns
    return StoredPasskey(
        credential_id=bytes(credential_id), account_id=account_id, public_key=bytes(key), sign_count=count,
        transports=tuple(transports.split(",")) if transports else (), name=name, is_backed_up=is_backed_up,
        created_at=from_micros(created), last_used_at=_time(used),
        user_handle=None if handle is None else bytes(handle),
    )  # fmt: skip


def upload_row(new: Upload) -> Row:
    """Return the row of a new upload."""
    return {
        "name": new.name, "account_id": new.owner, "subject": new.subject, "display_name": new.display_name,
        "media_type": new.media_type, "size_bytes": new.size_bytes, "digest": new.digest,
        "state": new.state.value, "created_at": to_micros(new.created_at),
    }  # fmt: skip


def stored_upload(columns: Sequence[Any]) -> Upload:
    """Return the upload of the columns ``UPLOAD``."""
    name, owner, subject, display_name, media_type, size_bytes, digest, state, created = columns
    return Upload(
        name=name, owner=owner, subject=subject, display_name=display_name, media_type=media_type,
        size_bytes=size_bytes, digest=bytes(digest), state=UploadState(state),
        created_at=from_micros(created),
    )  # fmt: skip


def decided_upload(state: UploadState) -> Row:
    """Return what changes in the row of an upload that was held; of a refused one nothing counts."""
    return {"state": state.value, **({} if state is UploadState.READY else {"size_bytes": 0})}


def ticket_row(ticket: Ticket) -> Row:
    """Return the row of a ticket."""
    return {
        "digest": ticket.digest, "purpose": ticket.purpose.value, "subject": ticket.subject,
        "facts": json.dumps(dict(ticket.facts)), "expires_at": to_micros(ticket.expires_at),
    }  # fmt: skip


def stored_ticket(
    ticket_digest: bytes, purpose: TicketPurpose, columns: Sequence[Any] | None
) -> Ticket | None:
    """Return the ticket of the columns ``TICKET``, or None where there are none."""
    if columns is None:
        return None
    subject, facts, expires = columns
    return Ticket(
        digest=ticket_digest, purpose=purpose, subject=subject, facts=json.loads(facts),
        expires_at=from_micros(expires),
    )  # fmt: skip


def mail_row(mail: QueuedMail) -> Row:
    """Return the row of a message on its way."""
    return {
        "id": mail.id, "sealed": mail.sealed, "due_at": to_micros(mail.due_at),
        "good_until": to_micros(mail.good_until), "tries": mail.tries,
    }  # fmt: skip


def queued_mail(columns: Sequence[Any]) -> QueuedMail:
    """Return the message of the columns ``MAIL``."""
    mail_id, sealed, due, good_until, tries = columns
    return QueuedMail(
        id=bytes(mail_id), sealed=bytes(sealed), due_at=from_micros(due), good_until=from_micros(good_until),
        tries=tries,
    )  # fmt: skip


def violation_row(violation: Violation, *, now: datetime) -> Row:
    """Return the row of a violation that was not seen before."""
    return {
        "fingerprint": violation.fingerprint, "directive": violation.directive, "blocked": violation.blocked,
        "document": violation.document, "count": 1, "first_seen": to_micros(now), "last_seen": to_micros(now),
    }  # fmt: skip


def violation_group(columns: Sequence[Any]) -> ViolationGroup:
    """Return the group of the columns ``VIOLATION_GROUP``."""
    directive, blocked, document, count, first, last = columns
    return ViolationGroup(
        violation=Violation(directive=directive, blocked=blocked, document=document), count=count,
        first_seen=from_micros(first), last_seen=from_micros(last),
    )  # fmt: skip


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
