"""Stores in this process's memory: for tests and for a single process that may forget."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from bastide.core.accounts import Account, AccountExists, LastHolder, NewAccount, TicketSpent
from bastide.core.attempts import Exhausted, Lane, LaneKind, Lock, Reservation, Reserved
from bastide.core.chain import MAX_SEQUENCE, Chain, ChainEnd, ChainEnds, ChainRow
from bastide.core.csp import Violation, ViolationGroup
from bastide.core.errors import ConfigurationError
from bastide.core.events import MOST_COUNTED, Event, EventFilter, EventKind, to_record
from bastide.core.factors import Added, StoredPasskey, StoredTotp
from bastide.core.moments import EPOCH, to_micros
from bastide.core.outbox import QueuedMail
from bastide.core.ports import Stores
from bastide.core.principal import AccountId
from bastide.core.sessions import NewSession, SessionSummary, StoredSession
from bastide.core.tickets import Ticket, TicketPurpose
from bastide.core.units import Units


@dataclass(slots=True)
class _AccountRow:
    account: Account
    keys: tuple[str, str]


@dataclass(slots=True)
class _SessionRow:
    session: NewSession
    created_at: datetime
    last_seen_at: datetime
    must_rotate: bool = False


@dataclass(slots=True)
class _LaneRow:
    lane: Lane
    used: int
    ends_at: datetime


@dataclass(slots=True)
class _Data:
    """Everything kept, behind one lock."""

    lock: RLock = field(default_factory=RLock)
    ids: "count[int]" = field(default_factory=lambda: count(1))
    accounts: dict[AccountId, _AccountRow] = field(default_factory=dict)
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    sessions: dict[bytes, _SessionRow] = field(default_factory=dict)
    lanes: dict[tuple[LaneKind, str], _LaneRow] = field(default_factory=dict)
    tickets: dict[bytes, Ticket] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    chain: list[ChainRow] = field(default_factory=list)
    base: ChainEnd | None = None
    head: ChainEnd | None = None
    totp: dict[AccountId, StoredTotp] = field(default_factory=dict)
    backup_codes: dict[AccountId, set[bytes]] = field(default_factory=dict)
    passkeys: dict[bytes, StoredPasskey] = field(default_factory=dict)
    violations: dict[str, ViolationGroup] = field(default_factory=dict)
    mail: dict[bytes, QueuedMail] = field(default_factory=dict)

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Put everything but the attempts back where the block fails."""
        with self.lock:
            names = [entry.name for entry in fields(self) if entry.name not in {"lock", "ids", "lanes"}]
            before = deepcopy({name: getattr(self, name) for name in names})
            try:
                yield
            except BaseException:
                for name, value in before.items():
                    setattr(self, name, value)
                raise


def memory_stores() -> Stores:
    """Return empty stores that share one lock."""
    data = _Data()
    return Stores(
        accounts=MemoryAccounts(data),
        attempts=MemoryAttempts(data),
        sessions=MemorySessions(data),
        tickets=MemoryTickets(data),
        factors=MemoryFactors(data),
        passkeys=MemoryPasskeys(data),
        events=MemoryEvents(data),
        violations=MemoryViolations(data),
        mail=MemoryMail(data),
        units=Units(data.unit),
    )


class MemoryAccounts:
    """See ``AccountStore``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def find_account(self, key: str) -> Account | None:
        """See ``AccountStore``."""
        with self._data.lock:
            return next((row.account for row in self._data.accounts.values() if key in row.keys), None)

    def get_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``."""
        with self._data.lock:
            row = self._data.accounts.get(account_id)
            return None if row is None else row.account

    def lock_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``; the unit holds the one lock."""
        return self.get_account(account_id)

    def add_account(self, new: NewAccount, *, ticket_digest: bytes | None, now: datetime) -> AccountId:
        """See ``AccountStore``."""
        with self._data.lock:
            ticket = self._data.tickets.get(ticket_digest) if ticket_digest is not None else None
            if ticket_digest is not None and (ticket is None or ticket.expires_at <= now):
                raise TicketSpent
            for row in self._data.accounts.values():
                if new.username_key == row.keys[0]:
                    raise AccountExists("username")
                if new.email_key == row.keys[1]:
                    raise AccountExists("email")
            self._require_roles(new.roles)
            if ticket_digest is not None:
                del self._data.tickets[ticket_digest]
            account = Account(
                id=next(self._data.ids), username=new.username, email=new.email,
                password_hash=new.password_hash, is_active=True, roles=new.roles,
            )  # fmt: skip
            self._data.accounts[account.id] = _AccountRow(account, (new.username_key, new.email_key))
            return account.id

    def replace_password_hash(self, account_id: AccountId, *, old_hash: str, new_hash: str) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            row = self._data.accounts.get(account_id)
            if row is None or row.account.password_hash != old_hash:
                return False
            row.account = replace(row.account, password_hash=new_hash)
            return True

    def reset_password(
        self,
        account_id: AccountId,
        *,
        ticket_digest: bytes,
        old_hash: str | None,
        new_hash: str,
        now: datetime,
    ) -> None:
        """See ``AccountStore``."""
        with self._data.lock:
            row, ticket = self._data.accounts.get(account_id), self._data.tickets.get(ticket_digest)
            if row is None or row.account.password_hash != old_hash:
                raise TicketSpent
            if ticket is None or ticket.expires_at <= now:
                raise TicketSpent
            del self._data.tickets[ticket_digest]
            row.account = replace(row.account, password_hash=new_hash)
            _end_sessions(self._data, account_id, keep=None)

    def change_email(
        self, account_id: AccountId, *, ticket_digest: bytes, email: str, email_key: str, now: datetime
    ) -> None:
        """See ``AccountStore``."""
        with self._data.lock:
            row, ticket = self._data.accounts.get(account_id), self._data.tickets.get(ticket_digest)
            if row is None or ticket is None or ticket.expires_at <= now:
                raise TicketSpent
            if any(other.keys[1] == email_key for other in self._data.accounts.values() if other is not row):
                raise AccountExists("email")
            del self._data.tickets[ticket_digest]
            row.account, row.keys = replace(row.account, email=email), (row.keys[0], email_key)

    def set_active(
        self, account_id: AccountId, *, is_active: bool, keep_holders: Collection[str] = ()
    ) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            row = self._data.accounts.get(account_id)
            if row is None or row.account.is_active == is_active:
                return False
            if not is_active:
                self._keep_holders(row.account, row.account.roles & set(keep_holders))
            row.account = replace(row.account, is_active=is_active)
            if not is_active:
                _end_sessions(self._data, account_id, keep=None)
            return True

    def grant_role(self, account_id: AccountId, role: str) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            self._require_roles({role})
            row = self._data.accounts.get(account_id)
            if row is None or role in row.account.roles:
                return False
            self._set_roles(row, row.account.roles | {role})
            return True

    def revoke_role(self, account_id: AccountId, role: str, *, keep_holders: Collection[str] = ()) -> bool:
        """See ``AccountStore``."""
        with self._data.lock:
            row = self._data.accounts.get(account_id)
            if row is None or role not in row.account.roles:
                return False
            self._keep_holders(row.account, {role} & set(keep_holders))
            self._set_roles(row, row.account.roles - {role})
            return True

    def define_roles(self, roles: dict[str, frozenset[str]]) -> None:
        """See ``AccountStore``."""
        with self._data.lock:
            for name, permissions in roles.items():
                self._data.roles.setdefault(name, permissions)

    def list_accounts(self, *, search: str, offset: int, limit: int) -> tuple[Sequence[Account], int]:
        """See ``AccountStore``."""
        with self._data.lock:
            wanted = search.casefold()
            rows = sorted(self._data.accounts.values(), key=lambda row: row.keys[0])
            found = [row.account for row in rows if any(wanted in key for key in row.keys)]
            return found[offset : offset + limit], len(found)

    def count_role_holders(self, role: str) -> int:
        """See ``AccountStore``."""
        with self._data.lock:
            accounts = (row.account for row in self._data.accounts.values())
            return sum(account.is_active and role in account.roles for account in accounts)

    def _require_roles(self, names: "frozenset[str] | set[str]") -> None:
        missing = names - self._data.roles.keys()
        if missing:
            msg = f"roles are not defined: {sorted(missing)}"
            raise ConfigurationError(msg)

    def _keep_holders(self, account: Account, roles: "frozenset[str] | set[str]") -> None:
        for role in roles if account.is_active else ():
            if self.count_role_holders(role) == 1:
                raise LastHolder

    def _set_roles(self, row: _AccountRow, roles: frozenset[str]) -> None:
        row.account = replace(row.account, roles=roles)
        for session in self._data.sessions.values():
            if session.session.account_id == row.account.id:
                session.must_rotate = True


class MemoryAttempts:
    """See ``AttemptStore``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def reserve_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> Reservation:
        """See ``AttemptStore``."""
        with self._data.lock:
            rows = [self._live_row(lane, now) for lane in lanes]
            shut = [row for row in rows if row.used >= row.lane.limit]
            if shut:
                longest = max(shut, key=lambda row: row.ends_at)
                return Exhausted(longest.lane, longest.ends_at - now)
            filled = []
            for row in rows:
                row.used += 1
                if row.used >= row.lane.limit:
                    row.ends_at = now + row.lane.period
                    filled.append(row.lane)
                self._data.lanes[row.lane.kind, row.lane.subject] = row
            return Reserved(tuple(lanes), tuple(filled))

    def refund_attempt(self, lanes: Sequence[Lane], *, now: datetime) -> None:
        """See ``AttemptStore``."""
        with self._data.lock:
            for lane in lanes:
                row = self._data.lanes.get((lane.kind, lane.subject))
                if row is not None and row.ends_at > now and row.used > 0:
                    row.used -= 1

    def clear_lane(self, lane: Lane) -> None:
        """See ``AttemptStore``."""
        with self._data.lock:
            self._data.lanes.pop((lane.kind, lane.subject), None)

    def clear_account_lanes(self, owner: str) -> bool:
        """See ``AttemptStore``."""
        with self._data.lock:
            keys = [key for key, row in self._data.lanes.items() if row.lane.owner == owner]
            for key in keys:
                del self._data.lanes[key]
            return bool(keys)

    def list_locks(self, *, now: datetime, limit: int, owners: Sequence[str] = ()) -> Sequence[Lock]:
        """See ``AttemptStore``."""
        with self._data.lock:
            shut = [
                row for row in self._data.lanes.values()
                if row.used >= row.lane.limit and row.ends_at > now
                and (not owners or row.lane.owner in owners)
            ]  # fmt: skip
            shut.sort(key=lambda row: (row.lane.kind, row.lane.subject))
            shut.sort(key=lambda row: row.ends_at, reverse=True)
            return [
                Lock(kind=row.lane.kind, subject=row.lane.subject, owner=row.lane.owner, until=row.ends_at)
                for row in shut[:limit]
            ]

    def purge_attempts(self, *, now: datetime) -> int:
        """See ``AttemptStore``."""
        with self._data.lock:
            ended = [key for key, row in self._data.lanes.items() if row.ends_at <= now]
            for key in ended:
                del self._data.lanes[key]
            return len(ended)

    def _live_row(self, lane: Lane, now: datetime) -> _LaneRow:
        row = self._data.lanes.get((lane.kind, lane.subject))
        if row is None or row.ends_at <= now:
            return _LaneRow(lane, 0, now + lane.period)
        row.lane = lane
        return row


class MemorySessions:
    """See ``SessionStore``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def create_session(self, new: NewSession, *, now: datetime) -> None:
        """See ``SessionStore``."""
        with self._data.lock:
            self._data.sessions[new.digest] = _SessionRow(new, now, now)

    def load_session(self, session_digest: bytes) -> StoredSession | None:
        """See ``SessionStore``."""
        with self._data.lock:
            row = self._data.sessions.get(session_digest)
            if row is None:
                return None
            session = row.session
            owner = None if session.account_id is None else self._data.accounts[session.account_id].account
            roles = frozenset() if owner is None else owner.roles
            granted = (self._data.roles[role] for role in roles)
            return StoredSession(
                digest=session.digest, account_id=session.account_id, state=session.state,
                created_at=row.created_at, last_seen_at=row.last_seen_at,
                confirmed_at=session.confirmed_at, agent_family=session.agent_family,
                must_rotate=row.must_rotate, is_pending=session.is_pending,
                has_factor=_has_factor(self._data, session.account_id),
                account_is_active=owner is None or owner.is_active,
                username="" if owner is None else owner.username, roles=roles,
                permissions=frozenset().union(*granted),
            )  # fmt: skip

    def touch_session(self, session_digest: bytes, *, now: datetime, seen_before: datetime) -> bool:
        """See ``SessionStore``."""
        with self._data.lock:
            row = self._data.sessions.get(session_digest)
            if row is None or row.last_seen_at > seen_before:
                return False
            row.last_seen_at = now
            return True

    def save_session_state(self, session_digest: bytes, state: str) -> bool:
        """See ``SessionStore``."""
        with self._data.lock:
            row = self._data.sessions.get(session_digest)
            if row is None:
                return False
            row.session = replace(row.session, state=state)
            return True

    def rotate_session(
        self,
        session_digest: bytes,
        *,
        new_digest: bytes,
        confirmed_at: datetime | None,
        agent_family: str | None,
    ) -> bool:
        """See ``SessionStore``."""
        with self._data.lock:
            row = self._data.sessions.pop(session_digest, None)
            if row is None:
                return False
            row.session = replace(
                row.session,
                digest=new_digest,
                confirmed_at=confirmed_at or row.session.confirmed_at,
                is_pending=row.session.is_pending and confirmed_at is None,
                agent_family=row.session.agent_family if agent_family is None else agent_family,
            )
            row.must_rotate = False
            self._data.sessions[new_digest] = row
            return True

    def end_session(self, session_digest: bytes) -> bool:
        """See ``SessionStore``."""
        with self._data.lock:
            return self._data.sessions.pop(session_digest, None) is not None

    def end_account_sessions(self, account_id: AccountId, *, keep: bytes | None) -> int:
        """See ``SessionStore``."""
        with self._data.lock:
            return _end_sessions(self._data, account_id, keep=keep)

    def list_sessions(self, account_id: AccountId, *, is_pending: bool = False) -> Sequence[SessionSummary]:
        """See ``SessionStore``."""
        with self._data.lock:
            rows = [
                row for row in self._data.sessions.values()
                if row.session.account_id == account_id and row.session.is_pending is is_pending
            ]  # fmt: skip
        rows.sort(key=lambda row: (row.last_seen_at, row.session.digest), reverse=True)
        return [
            SessionSummary(
                digest=row.session.digest, created_at=row.created_at, last_seen_at=row.last_seen_at,
                agent_family=row.session.agent_family, network=row.session.network,
            )
            for row in rows
        ]  # fmt: skip

    def purge_sessions(self, *, created_before: datetime, seen_before: datetime) -> int:
        """See ``SessionStore``."""
        with self._data.lock:
            old = [
                key for key, row in self._data.sessions.items()
                if row.created_at <= created_before or row.last_seen_at <= seen_before
            ]  # fmt: skip
            for key in old:
                del self._data.sessions[key]
            return len(old)


class MemoryTickets:
    """See ``TicketStore``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def put_ticket(self, ticket: Ticket) -> None:
        """See ``TicketStore``."""
        with self._data.lock:
            older = [
                key for key, kept in self._data.tickets.items()
                if (kept.purpose, kept.subject) == (ticket.purpose, ticket.subject)
            ]  # fmt: skip
            for key in older:
                del self._data.tickets[key]
            self._data.tickets[ticket.digest] = ticket

    def get_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        with self._data.lock:
            ticket = self._data.tickets.get(ticket_digest)
        if ticket is None or ticket.purpose is not purpose or ticket.expires_at <= now:
            return None
        return ticket

    def burn_ticket(self, ticket_digest: bytes, *, purpose: TicketPurpose, now: datetime) -> Ticket | None:
        """See ``TicketStore``."""
        with self._data.lock:
            ticket = self.get_ticket(ticket_digest, purpose=purpose, now=now)
            return None if ticket is None else self._data.tickets.pop(ticket_digest)

    def purge_tickets(self, *, now: datetime) -> int:
        """See ``TicketStore``."""
        with self._data.lock:
            old = [key for key, ticket in self._data.tickets.items() if ticket.expires_at <= now]
            for key in old:
                del self._data.tickets[key]
            return len(old)


class MemoryFactors:
    """See ``FactorStore``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def has_factor(self, account_id: AccountId) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            return _has_factor(self._data, account_id)

    def find_totp(self, account_id: AccountId) -> StoredTotp | None:
        """See ``FactorStore``."""
        with self._data.lock:
            return self._data.totp.get(account_id)

    def put_totp(self, account_id: AccountId, sealed: bytes) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            known = self._data.totp.get(account_id)
            if known is not None and known.is_confirmed:
                return False
            self._data.totp[account_id] = StoredTotp(sealed, is_confirmed=False, last_step=0)
            return True

    def confirm_totp(
        self, account_id: AccountId, *, sealed: bytes, step: int, codes: Collection[bytes], keep: bytes
    ) -> Added:
        """See ``FactorStore``."""
        with self._data.lock:
            if self._data.totp.get(account_id) != StoredTotp(sealed, is_confirmed=False, last_step=0):
                return Added.NOTHING
            added = _turn_on(self._data, account_id, codes, keep)
            self._data.totp[account_id] = StoredTotp(sealed, is_confirmed=True, last_step=step)
            return added

    def use_totp_step(self, account_id: AccountId, step: int) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            found = self._data.totp.get(account_id)
            if found is None or not found.is_confirmed or found.last_step >= step:
                return False
            self._data.totp[account_id] = found._replace(last_step=step)
            return True

    def remove_totp(self, account_id: AccountId, *, keep: bytes | None) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            if self._data.totp.pop(account_id, None) is None:
                return False
            _turn_off(self._data, account_id, keep)
            return True

    def replace_backup_codes(self, account_id: AccountId, codes: Collection[bytes]) -> None:
        """See ``FactorStore``."""
        with self._data.lock:
            self._data.backup_codes[account_id] = set(codes)

    def burn_backup_code(self, account_id: AccountId, code: bytes) -> bool:
        """See ``FactorStore``."""
        with self._data.lock:
            left = self._data.backup_codes.get(account_id, set())
            was_there = code in left
            left.discard(code)
            return was_there

    def count_backup_codes(self, account_id: AccountId) -> int:
        """See ``FactorStore``."""
        with self._data.lock:
            return len(self._data.backup_codes.get(account_id, ()))


class MemoryPasskeys:
    """See ``PasskeyStore``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def add_passkey(self, new: StoredPasskey, *, codes: Collection[bytes], keep: bytes, limit: int) -> Added:
        """See ``PasskeyStore``."""
        with self._data.lock:
            if new.credential_id in self._data.passkeys or len(self.list_passkeys(new.account_id)) >= limit:
                return Added.NOTHING
            added = _turn_on(self._data, new.account_id, codes, keep)
            self._data.passkeys[new.credential_id] = new
            return added

    def find_passkey(self, credential_id: bytes) -> StoredPasskey | None:
        """See ``PasskeyStore``."""
        with self._data.lock:
            return self._data.passkeys.get(credential_id)

    def list_passkeys(self, account_id: AccountId) -> Sequence[StoredPasskey]:
        """See ``PasskeyStore``."""
        with self._data.lock:
            own = [passkey for passkey in self._data.passkeys.values() if passkey.account_id == account_id]
        return sorted(own, key=lambda passkey: (passkey.created_at, passkey.credential_id))

    def use_passkey(self, credential_id: bytes, *, old_count: int, new_count: int, now: datetime) -> bool:
        """See ``PasskeyStore``."""
        with self._data.lock:
            found = self._data.passkeys.get(credential_id)
            if found is None or found.sign_count != old_count:
                return False
            self._data.passkeys[credential_id] = replace(found, sign_count=new_count, last_used_at=now)
            return True

    def rename_passkey(self, account_id: AccountId, credential_id: bytes, name: str) -> bool:
        """See ``PasskeyStore``."""
        with self._data.lock:
            found = self._data.passkeys.get(credential_id)
            if found is None or found.account_id != account_id:
                return False
            self._data.passkeys[credential_id] = replace(found, name=name)
            return True

    def remove_passkey(self, account_id: AccountId, credential_id: bytes, *, keep: bytes | None) -> bool:
        """See ``PasskeyStore``."""
        with self._data.lock:
            found = self._data.passkeys.get(credential_id)
            if found is None or found.account_id != account_id:
                return False
            del self._data.passkeys[credential_id]
            _turn_off(self._data, account_id, keep)
            return True


class MemoryEvents:
    """See ``EventLog``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def append_event(self, event: Event, chain: Chain) -> None:
        """See ``EventLog``."""
        with self._data.lock:
            data, record = self._data, to_record(event)
            last = max((row.sequence for row in data.chain if row.sequence < MAX_SEQUENCE), default=0)
            step = None if data.head is None else chain.extend(data.head, last=last, record=record)
            if step is None:
                step = chain.begin(data.base, last=last, record=record)
                data.base = data.base or chain.first_base(last)
            data.events.append(event)
            data.chain.append(step.row)
            data.head = step.head

    def read_chain(self, *, start: int, limit: int) -> Sequence[ChainRow]:
        """See ``EventLog``."""
        with self._data.lock:
            return [row for row in self._data.chain if row.sequence >= start][:limit]

    def chain_ends(self) -> ChainEnds:
        """See ``EventLog``."""
        with self._data.lock:
            return ChainEnds(self._data.base, self._data.head)

    def drop_events(self, *, before: datetime, chain: Chain) -> int:
        """See ``EventLog``."""
        with self._data.lock:
            data, limit = self._data, to_micros(before)
            kept = (place for place, row in enumerate(data.chain) if row.record.at >= limit)
            count = next(kept, len(data.chain))
            if count:
                newest = data.chain[count - 1]
                if newest.link is not None:
                    data.base = chain.move_base(data.head, sequence=newest.sequence, link=newest.link)
                del data.chain[:count], data.events[:count]
            return count

    def list_events(self, wanted: EventFilter, *, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        with self._data.lock:
            found = [event for event in reversed(self._data.events) if wanted.admits(event)]
        found.sort(key=lambda event: event.at, reverse=True)
        return found[offset : offset + limit], min(len(found), MOST_COUNTED + 1)

    def count_events(
        self, kinds: Collection[EventKind], *, since: datetime, until: datetime, bucket: timedelta
    ) -> Mapping[tuple[datetime, EventKind], int]:
        """See ``EventLog``."""
        wanted = EventFilter(kinds=frozenset(kinds), since=since, until=until)
        with self._data.lock:
            found = [event for event in self._data.events if kinds and wanted.admits(event)]
        return Counter((event.at - (event.at - EPOCH) % bucket, event.kind) for event in found)


class MemoryMail:
    """See ``MailStore``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def put_mail(self, mail: QueuedMail) -> None:
        """See ``MailStore``."""
        with self._data.lock:
            self._data.mail[mail.id] = mail

    def claim_mail(
        self, *, now: datetime, until: datetime, limit: int, only: bytes | None = None
    ) -> Sequence[QueuedMail]:
        """See ``MailStore``."""
        with self._data.lock:
            due = sorted(
                (mail for mail in self._data.mail.values() if mail.due_at <= now and only in {None, mail.id}),
                key=lambda mail: (mail.due_at, mail.id),
            )
            claimed = [replace(mail, due_at=until, tries=mail.tries + 1) for mail in due[:limit]]
            self._data.mail |= {mail.id: mail for mail in claimed}
            return claimed

    def postpone_mail(self, mail_id: bytes, *, due_at: datetime) -> None:
        """See ``MailStore``."""
        with self._data.lock:
            known = self._data.mail.get(mail_id)
            if known is not None:
                self._data.mail[mail_id] = replace(known, due_at=due_at)

    def drop_mail(self, mail_id: bytes) -> bool:
        """See ``MailStore``."""
        with self._data.lock:
            return self._data.mail.pop(mail_id, None) is not None

    def count_mail(self) -> int:
        """See ``MailStore``."""
        with self._data.lock:
            return len(self._data.mail)


class MemoryViolations:
    """See ``ViolationStore``."""

    def __init__(self, data: _Data) -> None:
        self._data = data

    def record_violation(self, violation: Violation, *, now: datetime, max_groups: int) -> bool:
        """See ``ViolationStore``."""
        with self._data.lock:
            groups = self._data.violations
            known = groups.get(violation.fingerprint)
            if known is not None:
                groups[violation.fingerprint] = replace(known, count=known.count + 1, last_seen=now)
                return False
            if len(groups) >= max_groups:
                del groups[min(groups, key=lambda key: (groups[key].count, groups[key].last_seen))]
            groups[violation.fingerprint] = ViolationGroup(
                violation=violation, count=1, first_seen=now, last_seen=now
            )
            return True

    def list_violations(self, *, limit: int) -> Sequence[ViolationGroup]:
        """See ``ViolationStore``."""
        with self._data.lock:
            groups = sorted(self._data.violations.values(), key=lambda group: group.last_seen, reverse=True)
        return groups[:limit]


def _has_factor(data: _Data, account_id: AccountId | None) -> bool:
    found = None if account_id is None else data.totp.get(account_id)
    if found is not None and found.is_confirmed:
        return True
    return any(passkey.account_id == account_id for passkey in data.passkeys.values())


def _turn_on(data: _Data, account_id: AccountId, codes: Collection[bytes], keep: bytes) -> Added:
    added = Added.FURTHER if _has_factor(data, account_id) else Added.FIRST
    if added is Added.FIRST:
        data.backup_codes[account_id] = set(codes)
    _end_sessions(data, account_id, keep=keep)
    return added


def _turn_off(data: _Data, account_id: AccountId, keep: bytes | None) -> None:
    if not _has_factor(data, account_id):
        data.backup_codes.pop(account_id, None)
    _end_sessions(data, account_id, keep=keep)


def _end_sessions(data: _Data, account_id: AccountId, *, keep: bytes | None) -> int:
    keys = [key for key, row in data.sessions.items() if row.session.account_id == account_id and key != keep]
    for key in keys:
        del data.sessions[key]
    return len(keys)
