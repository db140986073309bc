"""Puts the controls together; adapters hand in what differs and use what comes out."""

from dataclasses import dataclass

from bastide.core.answers import AnswerHeaders
from bastide.core.attempts import Attempts
from bastide.core.challenges import Challenges
from bastide.core.clock import Clock
from bastide.core.credentials import PasswordGate
from bastide.core.csrf import SIGNER_PURPOSE as CSRF_PURPOSE
from bastide.core.csrf import Csrf
from bastide.core.devices import SIGNER_PURPOSE as DEVICE_PURPOSE
from bastide.core.devices import Devices
from bastide.core.entropy import Entropy
from bastide.core.events import EventSink, Recorder
from bastide.core.keys import KeyRing, Sealer
from bastide.core.login import Login
from bastide.core.mail import Mailer
from bastide.core.notices import Notices
from bastide.core.passkey_proofs import PasskeyProofs
from bastide.core.passkeys import HANDLE_PURPOSE, Passkeys
from bastide.core.passwords import BreachChecker, CommonPasswords, Hasher, PasswordHasher, PasswordPolicy
from bastide.core.ports import Stores
from bastide.core.proofs import Proofs
from bastide.core.recovery import Recovery
from bastide.core.registration import Registration
from bastide.core.second_factor import SEAL_PURPOSE, SecondFactors
from bastide.core.secret import Secret
from bastide.core.sessions import Sessions
from bastide.core.settings import Settings
from bastide.core.signing import Signer
from bastide.core.spam import SIGNER_PURPOSE as SPAM_PURPOSE
from bastide.core.spam import SpamFilter
from bastide.core.tickets import Tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every control of one application, wired."""

    settings: Settings
    stores: Stores
    clock: Clock
    entropy: Entropy
    recorder: Recorder
    attempts: Attempts
    sessions: Sessions
    tickets: Tickets
    csrf: Csrf
    headers: AnswerHeaders
    spam: SpamFilter
    login: Login
    second_factors: SecondFactors
    passkeys: Passkeys
    passkey_proofs: PasskeyProofs
    recovery: Recovery
    registration: Registration
    mailer: Mailer


def assemble(
    *,
    settings: Settings,
    stores: Stores,
    secret_key: Secret,
    mailer: Mailer,
    sink: EventSink,
    clock: Clock,
    entropy: Entropy,
    breaches: BreachChecker | None = None,
    hasher: Hasher | None = None,
    key_ring: KeyRing | None = None,
) -> Services:
    """Return the services over these stores.

    Args:
        settings: of every control.
        stores: where state is kept.
        secret_key: the application's secret; one key per purpose is derived from it.
        mailer: takes outgoing mail.
        sink: takes events; the adapter's own, so that it can wait for the end of a request.
        clock: the time.
        entropy: randomness.
        breaches: a breach service, or None.
        key_ring: keys for what is encrypted at rest; without one no second factor is offered.
        hasher: the framework's own, or None for Argon2id with the settings' parameters.

    Raises:
        ConfigurationError: the secret key is too short.
    """
    recorder = Recorder(sink=sink, clock=clock)
    attempts = Attempts(store=stores.attempts, clock=clock, settings=settings.attempts)
    sessions = Sessions(
        store=stores.sessions,
        clock=clock,
        entropy=entropy,
        settings=settings.sessions,
        required_roles=settings.factors.required_roles,
    )
    devices = Devices(signer=Signer(secret_key, purpose=DEVICE_PURPOSE), entropy=entropy)
    proofs = Proofs(attempts=attempts, devices=devices, recorder=recorder)
    tickets = Tickets(store=stores.tickets, clock=clock, entropy=entropy, settings=settings.tickets)
    hasher = hasher or PasswordHasher(settings.hashing)
    policy = PasswordPolicy(settings=settings.passwords, common=CommonPasswords())
    notices = Notices(mailer=mailer, recorder=recorder)
    gate = PasswordGate(policy=policy, breaches=breaches, recorder=recorder)
    login = Login(
        accounts=stores.accounts,
        attempts=attempts,
        hasher=hasher,
        gate=gate,
        devices=devices,
        factors=stores.factors,
        proofs=proofs,
        sessions=sessions,
        recorder=recorder,
        notices=notices,
    )
    second_factors = SecondFactors(
        accounts=stores.accounts,
        store=stores.factors,
        sealer=None if key_ring is None else Sealer(key_ring, purpose=SEAL_PURPOSE, entropy=entropy),
        attempts=attempts,
        proofs=proofs,
        devices=devices,
        sessions=sessions,
        notices=notices,
        clock=clock,
        entropy=entropy,
        settings=settings.factors,
        site_name=settings.registration.site_name,
    )
    challenges, handles = Challenges(tickets), Signer(secret_key, purpose=HANDLE_PURPOSE)
    passkeys = Passkeys(
        store=stores.passkeys,
        challenges=challenges,
        handles=handles,
        proofs=proofs,
        sessions=sessions,
        notices=notices,
        clock=clock,
        entropy=entropy,
        settings=settings.passkeys,
        backup_codes=settings.factors.backup_codes,
        site_name=settings.registration.site_name,
    )
    passkey_proofs = PasskeyProofs(
        accounts=stores.accounts,
        store=stores.passkeys,
        challenges=challenges,
        handles=handles,
        attempts=attempts,
        proofs=proofs,
        devices=devices,
        sessions=sessions,
        login=login,
        second_factors=second_factors,
        clock=clock,
    )
    recovery = Recovery(
        accounts=stores.accounts,
        attempts=attempts,
        tickets=tickets,
        hasher=hasher,
        gate=gate,
        recorder=recorder,
        mailer=mailer,
        notices=notices,
        settings=settings.recovery,
        site_name=settings.registration.site_name,
    )
    registration = Registration(
        accounts=stores.accounts,
        attempts=attempts,
        tickets=tickets,
        hasher=hasher,
        gate=gate,
        recorder=recorder,
        mailer=mailer,
        settings=settings.registration,
    )
    return Services(
        settings=settings,
        stores=stores,
        clock=clock,
        entropy=entropy,
        recorder=recorder,
        attempts=attempts,
        sessions=sessions,
        tickets=tickets,
        csrf=Csrf(signer=Signer(secret_key, purpose=CSRF_PURPOSE), entropy=entropy),
        headers=AnswerHeaders(settings.headers, settings.csp),
        spam=SpamFilter(signer=Signer(secret_key, purpose=SPAM_PURPOSE), settings=settings.spam),
        login=login,
        second_factors=second_factors,
        passkeys=passkeys,
        passkey_proofs=passkey_proofs,
        recovery=recovery,
        registration=registration,
        mailer=mailer,
    )
