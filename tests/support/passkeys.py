"""Passkeys over the core's services."""

from typing import Any

from bastide.core.request import Services
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import LoggedIn, Refused, RelyingParty
from bastide.core.sign_in.second_factor import Enrolled
from bastide.core.sign_in.secret_checks import RefusalReason
from support.authenticator import ORIGIN, SoftKey
from support.core import HERE, account_of, half_way, sign_in

PARTY = RelyingParty(id="localhost", name="Bastide", origin=ORIGIN)
BROWSER = b"b" * 32
WRONG = Refused(RefusalReason.WRONG_SECRET)
GONE = Refused(RefusalReason.SESSION_GONE)


def add(
    services: Services, key: SoftKey, session: ActiveSession | None = None, name: str = "maud", **changes: Any
) -> Enrolled | Refused:
    session, account = session or sign_in(services, name).session, account_of(services, name)
    sent = key.create(services.passkeys.begin(session, account, PARTY), **changes)
    return services.passkeys.add(session, account, "My key", sent, HERE, party=PARTY)


def added(services: Services, key: SoftKey, session: ActiveSession | None = None) -> ActiveSession:
    done = add(services, key, session)
    assert isinstance(done, Enrolled)
    return done.session


def alone(services: Services, key: SoftKey, **changes: Any) -> LoggedIn | Refused:
    options = services.passkey_proofs.begin_sign_in(PARTY, browser=BROWSER)
    return enter(services, key.get(options, **changes))


def enter(services: Services, sent: str, **options: Any) -> LoggedIn | Refused:
    options = {"browser": BROWSER, "previous": None, "party": PARTY, **options}
    return services.passkey_proofs.sign_in(sent, HERE, **options)


def second(services: Services, key: SoftKey, **changes: Any) -> LoggedIn | Refused:
    session = half_way(services)
    options = services.passkey_proofs.begin_second_factor(session, PARTY)
    assert options is not None
    return services.passkey_proofs.second_factor(session, key.get(options, **changes), HERE, party=PARTY)


def unlock(services: Services) -> None:
    services.attempts.unlock_account(account_of(services).id)
