"""Puts the controls together; adapters hand in what differs and use what comes out."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bastide.core.accounts import (
    Administration,
    Adoption,
    EmailChange,
    MailedLinks,
    Recovery,
    Registration,
    Reveals,
)
from bastide.core.api_tokens import ApiTokens, Bearer, OutsideActing, OutsideNotices
from bastide.core.attempts import DEVICE_PURPOSE, Attempts, Devices
from bastide.core.encryption import MAX_KEY_ID, ColumnKeys, KeyRing, LiveRing
from bastide.core.foundation import (
    STRANGER,
    AccountId,
    Clock,
    ConfigurationError,
    Entropy,
    Principal,
    Secret,
    Signer,
    digest,
    is_long_enough,
)
from bastide.core.http import CSRF_PURPOSE, AnswerHeaders, Csrf, FormerCookie
from bastide.core.inputs import SPAM_PURPOSE, SpamFilter
from bastide.core.mail import MAIL_COLUMN, Letters, Mailer, MailTexts, Notices, Outbox
from bastide.core.request.layers import EVERY_LAYER, Layer
from bastide.core.request.settings import Settings
from bastide.core.request.stores import Stores
from bastide.core.security_log import (
    LIBRARY_KINDS,
    Chain,
    ChainedLog,
    EventSink,
    LogKeeper,
    Recorder,
    UnkeptLog,
    Vocabulary,
)
from bastide.core.sessions import Acting, Sessions
from bastide.core.sign_in import (
    HANDLE_PURPOSE,
    TOTP_COLUMN,
    BreachChecker,
    Challenges,
    CommonPasswords,
    Hasher,
    Login,
    OutsideSignIns,
    PasskeyProofs,
    Passkeys,
    PasswordGate,
    PasswordHasher,
    PasswordPolicy,
    Proofs,
    SecondFactors,
    StoredHashes,
    Tickets,
)
from bastide.core.uploads import Scanner, Uploads, UploadStorage


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every control of one application, wired.

    Attributes:
        layers: those that are on; what the others would do is not asked.
        load_principal: tells who acts where accounts are not Bastide's.
        mark_sign_in: tells one sign-in of an account there from the next; asked with None, that nobody is in.
        former_cookies: told who is signed in before Bastide did.
    """

    layers: frozenset[Layer]
    load_principal: Callable[[], Principal]
    mark_sign_in: Callable[[AccountId | None], str]
    former_cookies: Sequence[FormerCookie]
    settings: Settings
    stores: Stores
    clock: Clock
    entropy: Entropy
    log: EventSink
    log_keeper: LogKeeper
    vocabulary: Vocabulary
    recorder: Recorder
    attempts: Attempts
    sessions: Sessions
    tickets: Tickets
    csrf: Csrf
    headers: AnswerHeaders | None
    spam: SpamFilter
    login: Login
    outside_sign_ins: OutsideSignIns
    second_factors: SecondFactors
    passkeys: Passkeys
    passkey_proofs: PasskeyProofs
    api_tokens: ApiTokens
    bearer: Bearer
    reveals: Reveals
    recovery: Recovery
    email_change: EmailChange
    registration: Registration
    administration: Administration
    adoption: Adoption
    stored_hashes: StoredHashes
    outbox: Outbox
    column_keys: ColumnKeys | None
    uploads: Uploads | None

    @property
    def owns_accounts(self) -> bool:
        """Tell whether accounts and sessions are Bastide's; otherwise ``load_principal`` tells who acts."""
        return Layer.ACCOUNTS in self.layers

    def require_uploads(self) -> Uploads:
        """Return what takes files, or raise ``ConfigurationError`` where there is no place for them."""
        if self.uploads is None:
            msg = "this application takes no files: give it a place to keep them"
            raise ConfigurationError(msg)
        return self.uploads

    def require_place_for_files(self, routes: Collection[str]) -> None:
        """Raise ``ConfigurationError`` where there are routes that take files, and no place for them."""
        if routes and self.uploads is None:
            msg = "there is no upload_storage for the routes that take files: " + ", ".join(sorted(routes))
            raise ConfigurationError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What the flows over accounts stand on."""

    settings: Settings
    stores: Stores
    sign: Callable[..., Signer]
    column_keys: ColumnKeys | None
    clock: Clock
    entropy: Entropy
    recorder: Recorder
    attempts: Attempts
    devices: Devices
    proofs: Proofs
    sessions: Sessions
    acting: Acting
    tickets: Tickets
    hasher: Hasher
    gate: PasswordGate
    links: MailedLinks
    outbox: Outbox
    notices: Notices


def assemble(
    *,
    settings: Settings,
    stores: Stores,
    secret_key: Secret,
    former_keys: Sequence[Secret] = (),
    mailer: Mailer,
    mail_texts: MailTexts,
    sink: Callable[[EventSink], EventSink],
    clock: Clock,
    entropy: Entropy,
    breaches: BreachChecker | None = None,
    hasher: Hasher | None = None,
    keyed_salt: Secret | None = None,
    key_ring: LiveRing | None = None,
    upload_storage: UploadStorage | None = None,
    scanner: Scanner | None = None,
    vocabulary: Vocabulary = LIBRARY_KINDS,
    layers: frozenset[Layer] = EVERY_LAYER,
    load_principal: Callable[[], Principal] = lambda: STRANGER,
    mark_sign_in: Callable[[AccountId | None], str] = lambda _account_id: "",
    former_cookies: Sequence[FormerCookie] = (),
) -> Services:
    """Return the services over these stores.

    Args:
        settings: of every control.
        stores: where state is kept.
        secret_key: the application's secret; one key per purpose is derived from it.
        former_keys: secrets that it replaced (``SECRET_KEY_FALLBACKS``); what was signed with them holds. One
            that is too short is passed over.
        mailer: takes outgoing mail.
        mail_texts: the words of that mail.
        sink: makes of the log what takes events; the adapter's own, so that it can wait for the end of a
            request.
        clock: the time.
        entropy: randomness.
        breaches: a breach service, or None.
        key_ring: keys for what is encrypted at rest; without one no second factor is offered.
        hasher: the framework's own, or None for Argon2id with the settings' parameters.
        keyed_salt: Flask-Security's, where its hashes are to be read without a hasher of the framework's.
        upload_storage: keeps the bytes of uploads; without it none are taken.
        scanner: looks for malware in uploads, or None.
        vocabulary: the kinds of events that are recorded, the application's own among them.
        layers: those that are on.
        load_principal: tells who acts where accounts are not Bastide's.
        mark_sign_in: tells one sign-in there from the next, for form tokens.
        former_cookies: those of the application's own sign-in, before Bastide's.

    Raises:
        ConfigurationError: the secret key is too short, or what makes images or documents anew is missing.
    """
    # A shorter one was the application's alone, before: nothing of Bastide's was ever signed with it.
    former_keys = [key for key in former_keys if is_long_enough(key)]
    chain = Chain.from_secrets(secret_key, key_ring, former_keys=former_keys)
    sign = partial(Signer, secret_key, former=former_keys)
    log: EventSink = UnkeptLog()
    if Layer.LOG in layers:
        log = ChainedLog(store=stores.events, chain=chain)
    recorder = Recorder(sink=sink(log), clock=clock, vocabulary=vocabulary)
    column_keys = None if key_ring is None else ColumnKeys(key_ring, entropy=entropy)
    hasher = hasher or PasswordHasher(
        settings.hashing, sample=stores.accounts.sample_password_hashes, clock=clock, keyed_salt=keyed_salt
    )
    ground = _lay_ground(
        settings=settings, stores=stores, sign=sign, column_keys=column_keys,
        mail_keys=column_keys or _keys_of_mail([secret_key, *former_keys], entropy), mailer=mailer,
        mail_texts=mail_texts, clock=clock, entropy=entropy, recorder=recorder, breaches=breaches,
        hasher=hasher,
    )  # fmt: skip
    if Layer.ACCOUNTS not in layers:
        ground = replace(ground, acting=OutsideActing(stores.units), notices=OutsideNotices(recorder))
    second_factors = _make_second_factors(ground)
    passkeys, passkey_proofs = _make_passkeys(ground, second_factors)
    return Services(
        layers=layers,
        load_principal=load_principal,
        mark_sign_in=mark_sign_in,
        former_cookies=former_cookies,
        settings=settings,
        stores=stores,
        clock=clock,
        entropy=entropy,
        log=log,
        log_keeper=LogKeeper(store=stores.events, chain=chain, recorder=recorder, settings=settings.log),
        vocabulary=vocabulary,
        recorder=recorder,
        attempts=ground.attempts,
        sessions=ground.sessions,
        tickets=ground.tickets,
        csrf=Csrf(signer=sign(purpose=CSRF_PURPOSE), entropy=entropy),
        headers=AnswerHeaders(settings.headers, settings.csp) if Layer.HEADERS in layers else None,
        spam=SpamFilter(
            signer=sign(purpose=SPAM_PURPOSE),
            entropy=entropy,
            spend=partial(ground.attempts.draw_once, "form"),
            settings=settings.spam,
        ),
        login=_make_login(ground),
        outside_sign_ins=OutsideSignIns(
            attempts=ground.attempts, devices=ground.devices, recorder=ground.recorder
        ),
        second_factors=second_factors,
        passkeys=passkeys,
        passkey_proofs=passkey_proofs,
        api_tokens=_make_api_tokens(ground),
        bearer=_make_bearer(ground),
        reveals=Reveals(acting=ground.acting, notices=ground.notices),
        recovery=_make_recovery(ground),
        email_change=_make_email_change(ground),
        registration=_make_registration(ground),
        administration=_make_administration(ground),
        adoption=Adoption(
            identities=stores.identities, recorder=recorder, notices=ground.notices, units=stores.units
        ),
        stored_hashes=StoredHashes(
            accounts=stores.accounts, hasher=hasher, recorder=recorder, units=stores.units
        ),
        outbox=ground.outbox,
        column_keys=column_keys,
        uploads=None if upload_storage is None else _make_uploads(ground, upload_storage, scanner),
    )


def _lay_ground(
    *,
    settings: Settings,
    stores: Stores,
    sign: Callable[..., Signer],
    column_keys: ColumnKeys | None,
    mail_keys: ColumnKeys,
    mailer: Mailer,
    mail_texts: MailTexts,
    clock: Clock,
    entropy: Entropy,
    recorder: Recorder,
    breaches: BreachChecker | None,
    hasher: Hasher,
) -> _Ground:
    attempts = Attempts(store=stores.attempts, clock=clock, settings=settings.attempts)
    devices = Devices(signer=sign(purpose=DEVICE_PURPOSE), entropy=entropy)
    policy = PasswordPolicy(settings=settings.passwords, common=CommonPasswords())
    outbox = Outbox(
        store=stores.mail, mailer=mailer,
        sealer=mail_keys.sealer(*MAIL_COLUMN),
        units=stores.units, recorder=recorder, clock=clock, entropy=entropy, settings=settings.outbox,
    )  # fmt: skip
    tickets = Tickets(store=stores.tickets, clock=clock, entropy=entropy, settings=settings.tickets)
    letters = Letters(texts=mail_texts, site_name=settings.registration.site_name)
    sessions = Sessions(
        store=stores.sessions, clock=clock, entropy=entropy, settings=settings.sessions,
        demands_factor=settings.factors.demands_of,
    )  # fmt: skip
    return _Ground(
        settings=settings, stores=stores, sign=sign, column_keys=column_keys,
        clock=clock, entropy=entropy, recorder=recorder, attempts=attempts, devices=devices,
        proofs=Proofs(
            accounts=stores.accounts, attempts=attempts, devices=devices, units=stores.units,
            recorder=recorder,
        ),
        sessions=sessions,
        acting=Acting(accounts=stores.accounts, sessions=sessions, units=stores.units),
        tickets=tickets,
        hasher=hasher,
        gate=PasswordGate(policy=policy, breaches=breaches, recorder=recorder),
        links=MailedLinks(
            accounts=stores.accounts, attempts=attempts, tickets=tickets, letters=letters, outbox=outbox,
            recorder=recorder, units=stores.units,
        ),
        outbox=outbox,
        notices=Notices(letters=letters, outbox=outbox, recorder=recorder),
    )  # fmt: skip


def _make_login(ground: _Ground) -> Login:
    return Login(
        acting=ground.acting, accounts=ground.stores.accounts, attempts=ground.attempts,
        hasher=ground.hasher, gate=ground.gate, devices=ground.devices, factors=ground.stores.factors,
        factor_settings=ground.settings.factors, tokens=ground.stores.tokens, proofs=ground.proofs,
        sessions=ground.sessions, recorder=ground.recorder, notices=ground.notices, units=ground.stores.units,
    )  # fmt: skip


def _make_second_factors(ground: _Ground) -> SecondFactors:
    sealer = None if ground.column_keys is None else ground.column_keys.sealer(*TOTP_COLUMN)
    return SecondFactors(
        acting=ground.acting, accounts=ground.stores.accounts, store=ground.stores.factors, sealer=sealer,
        proofs=ground.proofs, devices=ground.devices, sessions=ground.sessions, notices=ground.notices,
        clock=ground.clock, entropy=ground.entropy, settings=ground.settings.factors,
        site_name=ground.settings.registration.site_name,
    )  # fmt: skip


def _make_passkeys(ground: _Ground, second_factors: SecondFactors) -> tuple[Passkeys, PasskeyProofs]:
    challenges = Challenges(ground.tickets)
    passkeys = Passkeys(
        acting=ground.acting, store=ground.stores.passkeys, challenges=challenges,
        proofs=ground.proofs, sessions=ground.sessions, notices=ground.notices, clock=ground.clock,
        entropy=ground.entropy, settings=ground.settings.passkeys,
        backup_codes=ground.settings.factors.backup_codes, site_name=ground.settings.registration.site_name,
    )  # fmt: skip
    passkey_proofs = PasskeyProofs(
        accounts=ground.stores.accounts, store=ground.stores.passkeys, challenges=challenges,
        handles=ground.sign(purpose=HANDLE_PURPOSE), attempts=ground.attempts, proofs=ground.proofs,
        devices=ground.devices, sessions=ground.sessions, second_factors=second_factors,
        units=ground.stores.units, clock=ground.clock,
    )  # fmt: skip
    return passkeys, passkey_proofs


def _make_api_tokens(ground: _Ground) -> ApiTokens:
    return ApiTokens(
        acting=ground.acting, store=ground.stores.tokens, notices=ground.notices,
        clock=ground.clock, entropy=ground.entropy, settings=ground.settings.api_tokens,
    )  # fmt: skip


def _make_bearer(ground: _Ground) -> Bearer:
    return Bearer(
        accounts=ground.stores.accounts, store=ground.stores.tokens, attempts=ground.attempts,
        recorder=ground.recorder, notices=ground.notices, units=ground.stores.units, clock=ground.clock,
        settings=ground.settings.api_tokens, demands_factor=ground.settings.factors.demands_of,
    )  # fmt: skip


def _make_recovery(ground: _Ground) -> Recovery:
    return Recovery(
        accounts=ground.stores.accounts, factors=ground.stores.factors, attempts=ground.attempts,
        links=ground.links, tickets=ground.tickets, hasher=ground.hasher, gate=ground.gate,
        recorder=ground.recorder, notices=ground.notices, proofs=ground.proofs, units=ground.stores.units,
        settings=ground.settings.recovery,
    )  # fmt: skip


def _make_email_change(ground: _Ground) -> EmailChange:
    return EmailChange(
        acting=ground.acting, accounts=ground.stores.accounts, links=ground.links, tickets=ground.tickets,
        sessions=ground.sessions, recorder=ground.recorder, notices=ground.notices, proofs=ground.proofs,
        units=ground.stores.units, settings=ground.settings.recovery,
    )  # fmt: skip


def _make_registration(ground: _Ground) -> Registration:
    return Registration(
        accounts=ground.stores.accounts, links=ground.links, tickets=ground.tickets, hasher=ground.hasher,
        gate=ground.gate, recorder=ground.recorder, proofs=ground.proofs, units=ground.stores.units,
        settings=ground.settings.registration,
    )  # fmt: skip


def _make_administration(ground: _Ground) -> Administration:
    return Administration(
        acting=ground.acting, accounts=ground.stores.accounts, attempts=ground.attempts,
        sessions=ground.sessions, recorder=ground.recorder, notices=ground.notices,
        tokens=ground.stores.tokens, units=ground.stores.units,
    )  # fmt: skip


def _make_uploads(ground: _Ground, storage: UploadStorage, scanner: Scanner | None) -> Uploads:
    return Uploads(
        store=ground.stores.uploads, storage=storage, scanner=scanner, recorder=ground.recorder,
        clock=ground.clock, entropy=ground.entropy, settings=ground.settings.uploads,
    )  # fmt: skip


def _keys_of_mail(secrets: Sequence[Secret], entropy: Entropy) -> ColumnKeys:
    """Return keys for mail on its way, for an application that keeps nothing else encrypted.

    A key's id is drawn from the key, so that the mail of a former one is opened by that one.
    """
    keys = [Signer(secret, purpose="mail").tag(b"key") for secret in reversed(secrets)]
    ring = {int.from_bytes(digest(key)[:2]) % MAX_KEY_ID + 1: key for key in keys}
    return ColumnKeys(LiveRing(KeyRing(ring, sealing=list(ring)[-1])), entropy=entropy)
