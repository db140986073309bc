"""Units, purges, and a database that is gone."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from bastide.core.attempts import Reserved
from bastide.core.foundation import ConfigurationError, StoreUnavailable
from bastide.core.records import AccountExists
from bastide.core.request import Stores
from bastide.core.security_log import Event, EventFilter, EventKind, Outcome
from bastide.core.sign_in import TicketPurpose
from bastide.stores.sql import Database, sql_stores
from bastide.testing.clock import START
from support.core import CHAIN
from support.stores import LATER, User, email_ticket, lane, letter, new_account, session, ticket


def test_what_is_past_its_time_is_purged(stores: Stores) -> None:
    stores.attempts.reserve_attempt([lane("old"), lane("shut", limit=1)], now=START)
    stores.attempts.reserve_attempt([lane("young")], now=LATER)
    assert stores.attempts.purge_attempts(now=LATER - timedelta(microseconds=1)) == 0
    assert stores.attempts.purge_attempts(now=LATER) == 2
    assert stores.attempts.purge_attempts(now=LATER) == 0
    assert isinstance(stores.attempts.reserve_attempt([lane("shut", limit=1)], now=LATER), Reserved)
    stores.tickets.put_ticket(ticket())
    assert stores.tickets.purge_tickets(now=LATER - timedelta(microseconds=1)) == 0
    assert stores.tickets.purge_tickets(now=LATER) == 1
    assert stores.tickets.get_ticket(b"t" * 32, purpose=TicketPurpose.INVITATION, now=START) is None


def test_a_database_that_is_gone_refuses(postgres_url: str) -> None:
    engine = create_engine(postgres_url.replace("127.0.0.1:", "127.0.0.1:1"))
    stores = sql_stores(Database(engine), User)
    for verb in (
        lambda: stores.accounts.find_account("x"), lambda: stores.sessions.load_session(b"x" * 32),
        lambda: stores.attempts.reserve_attempt((lane(),), now=START),
        lambda: stores.tickets.put_ticket(ticket()), lambda: stores.sessions.end_session(b"x" * 32),
    ):  # fmt: skip
        with pytest.raises(StoreUnavailable):
            verb()


def test_a_database_in_memory_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigurationError):
        sql_stores(Database(create_engine("sqlite://")), User)


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.asvs("V2.3.3")
def test_a_unit_is_kept_whole_or_not_at_all(stores: Stores) -> None:
    account = stores.accounts.add_account(new_account(), ticket_digest=None, now=START)

    def change() -> None:
        assert stores.accounts.replace_password_hash(account, old_hash="hash", new_hash="new")
        assert stores.accounts.grant_role(account, "author")
        stores.sessions.create_session(session(b"s" * 32, account), now=START)
        stores.mail.put_mail(letter())
        email_ticket(stores)
        stores.events.append_event(
            Event(kind=EventKind.PASSWORD_CHANGED, outcome=Outcome.SUCCESS, at=START), CHAIN
        )
        # A part that fails and is answered for leaves the rest standing.
        with pytest.raises(AccountExists):
            stores.accounts.add_account(new_account(), ticket_digest=None, now=START)
        assert stores.sessions.load_session(b"s" * 32) is not None

    def state() -> list[object]:
        found = stores.accounts.get_account(account)
        return [
            found,
            stores.sessions.load_session(b"s" * 32) is not None,
            stores.mail.count_mail(),
            stores.tickets.get_ticket(bytes(32), purpose=TicketPurpose.EMAIL_CHANGE, now=START) is not None,
            stores.events.list_events(EventFilter(), offset=0, limit=9)[1],
        ]

    def crash() -> None:
        with stores.units():
            change()
            raise Crash

    before = state()
    with pytest.raises(Crash):
        crash()
    assert state() == before
    with stores.units():
        change()
    assert state()[1:] == [True, 1, True, 1]
