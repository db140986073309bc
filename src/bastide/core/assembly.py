"""Puts the controls together; adapters hand in what differs and use what comes out."""

from collections.abc import Callable
from dataclasses import dataclass

from bastide.core.administration import Administration
from bastide.core.answers import AnswerHeaders
from bastide.core.attempts import Attempts
from bastide.core.chain import Chain
from bastide.core.challenges import Challenges
from bastide.core.clock import Clock
from bastide.core.credentials import PasswordGate
from bastide.core.csrf import SIGNER_PURPOSE as CSRF_PURPOSE
from bastide.core.csrf import Csrf
from bastide.core.devices import SIGNER_PURPOSE as DEVICE_PURPOSE
from bastide.core.devices import Devices
from bastide.core.email_change import EmailChange
from bastide.core.entropy import Entropy
from bastide.core.keys import KeyRing, Sealer
from bastide.core.log import ChainedLog, LogKeeper
from bastide.core.login import Login
from bastide.core.mail import Mailer
from bastide.core.notices import Notices
from bastide.core.outbox import SEAL_PURPOSE as MAIL_PURPOSE
from bastide.core.outbox import Outbox
from bastide.core.passkey_proofs import PasskeyProofs
from bastide.core.passkeys import HANDLE_PURPOSE, Passkeys
from bastide.core.passwords import BreachChecker, CommonPasswords, Hasher, PasswordHasher, PasswordPolicy
from bastide.core.ports import Stores
from bastide.core.proofs import Proofs
from bastide.core.recorder import EventSink, Recorder
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
    log: ChainedLog
    log_keeper: LogKeeper
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
    email_change: EmailChange
    registration: Registration
    administration: Administration
    outbox: Outbox


def assemble(
    *,
    settings: Settings,
    stores: Stores,
    secret_key: Secret,
    mailer: Mailer,
    sink: Callable[[EventSink], EventSink],
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
        sink: makes of the log what takes events; the adapter's own, so that it can wait for the end of a
            request.
        clock: the time.
        entropy: randomness.
        breaches: a breach service, or None.
        key_ring: keys for what is encrypted at rest; without one no second factor is offered.
        hasher: the framework's own, or None for Argon2id with the settings' parameters.

    Raises:
        ConfigurationError: the secret key is too short.
    """
    chain = Chain.from_secrets(secret_key, key_ring)
    log = ChainedLog(store=stores.events, chain=chain)
    units, recorder = stores.units, Recorder(sink=sink(log), clock=clock)
    attempts = Attempts(store=stores.attempts, clock=clock, settings=settings.attempts)
    sessions = Sessions(
        store=stores.sessions,
        clock=clock,
        entropy=entropy,
        settings=settings.sessions,
        demands_factor=settings.factors.demands_of,
    )
    devices = Devices(signer=Signer(secret_key, purpose=DEVICE_PURPOSE), entropy=entropy)
    proofs = Proofs(attempts=attempts, devices=devices, units=units, recorder=recorder)
    tickets = Tickets(store=stores.tickets, clock=clock, entropy=entropy, settings=settings.tickets)
    hasher = hasher or PasswordHasher(settings.hashing)
    policy = PasswordPolicy(settings=settings.passwords, common=CommonPasswords())
    gate = PasswordGate(policy=policy, breaches=breaches, recorder=recorder)
    outbox = Outbox(
        store=stores.mail,
        mailer=mailer,
        sealer=Sealer(key_ring or _mail_ring(secret_key), purpose=MAIL_PURPOSE, entropy=entropy),
        units=units,
        recorder=recorder,
        clock=clock,
        entropy=entropy,
        settings=settings.outbox,
    )
    notices = Notices(outbox=outbox, clock=clock)
    login = Login(
        accounts=stores.accounts,
        attempts=attempts,
        hasher=hasher,
        gate=gate,
        devices=devices,
        factors=stores.factors,
        factor_settings=settings.factors,
        proofs=proofs,
        sessions=sessions,
        recorder=recorder,
        notices=notices,
        units=units,
    )
    second_factors = SecondFactors(
        accounts=stores.accounts,
        store=stores.factors,
        sealer=None if key_ring is None else Sealer(key_ring, purpose=SEAL_PURPOSE, entropy=entropy),
        proofs=proofs,
        devices=devices,
        sessions=sessions,
        notices=notices,
        units=units,
        clock=clock,
        entropy=entropy,
        settings=settings.factors,
        site_name=settings.registration.site_name,
    )
    challenges, handles = Challenges(tickets), Signer(secret_key, purpose=HANDLE_PURPOSE)
    passkeys = Passkeys(
        accounts=stores.accounts,
        store=stores.passkeys,
        challenges=challenges,
        handles=handles,
        proofs=proofs,
        sessions=sessions,
        notices=notices,
        units=units,
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
        second_factors=second_factors,
        units=units,
        clock=clock,
    )
    recovery = Recovery(
        accounts=stores.accounts,
        attempts=attempts,
        tickets=tickets,
        hasher=hasher,
        gate=gate,
        recorder=recorder,
        outbox=outbox,
        notices=notices,
        proofs=proofs,
        units=units,
        settings=settings.recovery,
        site_name=settings.registration.site_name,
    )
    email_change = EmailChange(
        accounts=stores.accounts,
        attempts=attempts,
        tickets=tickets,
        sessions=sessions,
        recorder=recorder,
        outbox=outbox,
        notices=notices,
        proofs=proofs,
        units=units,
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
        outbox=outbox,
        proofs=proofs,
        units=units,
        settings=settings.registration,
    )
    administration = Administration(
        accounts=stores.accounts,
        attempts=attempts,
        sessions=sessions,
        recorder=recorder,
        notices=notices,
        units=units,
    )
    return Services(
        settings=settings,
        stores=stores,
        clock=clock,
        entropy=entropy,
        log=log,
        log_keeper=LogKeeper(store=stores.events, chain=chain, recorder=recorder, settings=settings.log),
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
        email_change=email_change,
        registration=registration,
        administration=administration,
        outbox=outbox,
    )


def _mail_ring(secret_key: Secret) -> KeyRing:
    """Return a ring for mail on its way, for an application that keeps nothing else encrypted."""
    return KeyRing({1: Signer(secret_key, purpose=MAIL_PURPOSE).tag(b"key")})
