"""Bastide: security in layers for Flask and Django.

Here is what both have in common; what belongs to one of them is in `bastide.flask` or `bastide.django`, what
helps tests in `bastide.testing`. Applications import from these four and from nowhere else; what lies below
may move.

Who acts, and when
    `Principal`, `STRANGER`, `AccountId`, `Client`, `Secret`, `Clock`, `SystemClock`, `Entropy`,
    `SystemEntropy`
Who may do what
    policies: `Has`, `Owns`, `FieldIs`, `Through`, joined by ``&``, ``|`` and ``~`` to `All`, `AnyOf` and
    `Not`, each a `Policy`; `WriteRules` for fields; what they answer: `Decision`, `ALLOWED`, `Denied`,
    `DenialReason`; rules of routes: `Rule`, `PUBLIC`, `Audience`
What people send
    field rules: `FieldRule`, `TextRule`, `EmailRule`, `PhoneRule`, `SsnRule`, `TagsRule`, `UsernameRule`,
    `WebsiteRule`, `MarkdownRule`, and ready ones: `EMAIL`, `PERSON_NAME`, `PHONE`, `SSN`, `USERNAME`,
    `WEBSITE`; JSON bodies: `JsonBody`, `JsonField`, `JsonText`, `JsonChoice`, `JsonTags`; fields, keys and
    lists: `parse_fields`, `parse_identifier`, `MAX_IDENTIFIER`, `SortMap`, `Order`, `Direction`, `Page`,
    `parse_page`, `MAX_PAGE`,
    `parse_query`, `parse_term`, `MIN_TERM_LENGTH`, `MAX_TERM_LENGTH`; where to go on to: `safe_target`; spam:
    `Verdict`
What they get
    HTML: `sanitize`, `render_markdown`, `show_markdown`, `SafeHtml`, `HtmlPolicy`, `ARTICLE`, `COMMENT`,
    `needs_cleaning`; addresses and script data: `safe_url`, `json_island`; conditional requests:
    `entity_tag`, `is_known`, `require_unchanged`, `SAFE_METHODS`
How often
    `Rate`, `Lock`
Files
    `Uploads`, `Upload`, `UploadState`, `KINDS`, `FileKind`, `is_inline`; where they are kept:
    `UploadStorage`, `FolderStorage`; who looks for malware: `Scanner`, `ClamdScanner`
Mail
    `Message`; who hands it over: `Mailer`, `SmtpMailer`, `SmtpSecurity`, `FolderMailer`
Accounts
    `Account`, `account_key`, `username_skeleton`, `ActiveSession`; what a sign-in comes to: `LoggedIn`,
    `FactorNeeded`, `Refused`; breached passwords: `BreachChecker`, `BreachVerdict`, `RangeBreachChecker`; a
    first key ring: `new_ring`
The security log
    `EventKind`, `Outcome`, `EventGroup`, `Event`, `EventFilter`, `EventLog`, `MOST_COUNTED`; an application's
    own kinds: `AppEventKind`, `AnyEventKind`, `Vocabulary`; reports of browsers: `ViolationGroup`
The pages
    `Site`, `Viewer`, `PageUrls`, `Notice`, `FormView`, `FieldView`, `Choice`; their texts: `Messages`,
    `SiteMessages`, `MESSAGES`, and what translates them: `Translations`
Settings
    `Settings`, and of each control: `ApiRateSettings`, `ApiTokenSettings`, `AttemptSettings`, `CorsSettings`,
    `CspSettings`, `FactorSettings`, `HashingSettings`, `HeaderSettings`, `LogSettings`, `OutboxSettings`,
    `PasskeySettings`, `PasswordSettings`, `PasswordPreset`, `RecoverySettings`, `RegistrationSettings`,
    `SessionSettings`, `SpamSettings`, `TicketSettings`, `TransportSettings`, `TripwireSettings`, `OnQuery`,
    `OnReflection`, `UploadSettings`
The controls, wired, and the request at hand
    `Services`, `Exchange`; layers that are taken alone: `Layer`
Errors, each a `BastideError`
    of the start: `ConfigurationError`; of what was sent: `InvalidInput`, `InvalidDocument`, `BodyTooLarge`,
    `MediaTypeRefused`, `DataRefused`, `PreconditionFailed`, `StatementRefused`; of who sent it:
    `AccessDenied`, `VerificationFailed`, `TokenRefused`, `TooManyRequests`; of what is kept:
    `StoreUnavailable`, `UploadMissing`, `EncryptionRefused`, `SealBroken`; in tests an ``AssertionError``:
    `TripwireTripped`
Which release it is
    `__version__`
"""

import typing as _typing

from bastide import _late
from bastide.core.access import (
    PUBLIC,
    All,
    AnyOf,
    Audience,
    FieldIs,
    Has,
    Not,
    Owns,
    Policy,
    Rule,
    Through,
    WriteRules,
)
from bastide.core.accounts import RecoverySettings, RegistrationSettings
from bastide.core.api_tokens import ApiTokenSettings
from bastide.core.attempts import ApiRateSettings, AttemptSettings, Lock, Rate
from bastide.core.encryption import new_ring
from bastide.core.foundation import (
    ALLOWED,
    STRANGER,
    AccessDenied,
    AccountId,
    BastideError,
    BodyTooLarge,
    Client,
    Clock,
    ConfigurationError,
    DataRefused,
    Decision,
    DenialReason,
    Denied,
    EncryptionRefused,
    Entropy,
    InvalidDocument,
    InvalidInput,
    MediaTypeRefused,
    PreconditionFailed,
    Principal,
    SealBroken,
    Secret,
    StatementRefused,
    StoreUnavailable,
    SystemClock,
    SystemEntropy,
    TokenRefused,
    TooManyRequests,
    VerificationFailed,
)
from bastide.core.http import (
    SAFE_METHODS,
    CorsSettings,
    CspSettings,
    HeaderSettings,
    TransportSettings,
    ViolationGroup,
)
from bastide.core.inputs import (
    EMAIL,
    MAX_IDENTIFIER,
    MAX_PAGE,
    MAX_TERM_LENGTH,
    MIN_TERM_LENGTH,
    PERSON_NAME,
    PHONE,
    SSN,
    USERNAME,
    WEBSITE,
    Direction,
    EmailRule,
    FieldRule,
    JsonBody,
    JsonChoice,
    JsonField,
    JsonTags,
    JsonText,
    MarkdownRule,
    Order,
    Page,
    PhoneRule,
    SortMap,
    SpamSettings,
    SsnRule,
    TagsRule,
    TextRule,
    UsernameRule,
    Verdict,
    WebsiteRule,
    entity_tag,
    is_known,
    parse_fields,
    parse_identifier,
    parse_page,
    parse_query,
    parse_term,
    require_unchanged,
    safe_target,
)
from bastide.core.mail import Mailer, Message, OutboxSettings
from bastide.core.output import (
    ARTICLE,
    COMMENT,
    HtmlPolicy,
    SafeHtml,
    json_island,
    needs_cleaning,
    render_markdown,
    safe_url,
    sanitize,
    show_markdown,
)
from bastide.core.records import Account, FactorSettings, account_key, username_skeleton
from bastide.core.request import Exchange, Layer, Services, Settings
from bastide.core.security_log import (
    MOST_COUNTED,
    AnyEventKind,
    AppEventKind,
    Event,
    EventFilter,
    EventGroup,
    EventKind,
    EventLog,
    LogSettings,
    Outcome,
    Vocabulary,
)
from bastide.core.sessions import ActiveSession, SessionSettings
from bastide.core.sign_in import (
    BreachChecker,
    BreachVerdict,
    FactorNeeded,
    HashingSettings,
    LoggedIn,
    PasskeySettings,
    PasswordPreset,
    PasswordSettings,
    Refused,
    TicketSettings,
)
from bastide.core.tripwires import OnQuery, OnReflection, TripwireSettings, TripwireTripped
from bastide.core.uploads import (
    KINDS,
    FileKind,
    Scanner,
    Upload,
    UploadMissing,
    Uploads,
    UploadSettings,
    UploadState,
    UploadStorage,
    is_inline,
)
from bastide.pages import (
    MESSAGES,
    Choice,
    FieldView,
    FormView,
    Messages,
    Notice,
    PageUrls,
    Site,
    SiteMessages,
    Translations,
    Viewer,
)
from bastide.stores.folder import FolderStorage

if _typing.TYPE_CHECKING:
    from bastide.breaches import RangeBreachChecker
    from bastide.mailers import FolderMailer, SmtpMailer, SmtpSecurity
    from bastide.scanners import ClamdScanner
else:
    # Clients of HTTP and mail take long to import, and few sites want all of them.
    __getattr__ = _late.late_imports(
        __name__,
        {
            "ClamdScanner": "scanners",
            "FolderMailer": "mailers",
            "RangeBreachChecker": "breaches",
            "SmtpMailer": "mailers",
            "SmtpSecurity": "mailers",
        },
    )

__version__ = "0.1.0"  # pyproject.toml reads it here

__all__ = [
    "ALLOWED",
    "ARTICLE",
    "COMMENT",
    "EMAIL",
    "KINDS",
    "MAX_IDENTIFIER",
    "MAX_PAGE",
    "MAX_TERM_LENGTH",
    "MESSAGES",
    "MIN_TERM_LENGTH",
    "MOST_COUNTED",
    "PERSON_NAME",
    "PHONE",
    "PUBLIC",
    "SAFE_METHODS",
    "SSN",
    "STRANGER",
    "USERNAME",
    "WEBSITE",
    "AccessDenied",
    "Account",
    "AccountId",
    "ActiveSession",
    "All",
    "AnyEventKind",
    "AnyOf",
    "ApiRateSettings",
    "ApiTokenSettings",
    "AppEventKind",
    "AttemptSettings",
    "Audience",
    "BastideError",
    "BodyTooLarge",
    "BreachChecker",
    "BreachVerdict",
    "Choice",
    "ClamdScanner",
    "Client",
    "Clock",
    "ConfigurationError",
    "CorsSettings",
    "CspSettings",
    "DataRefused",
    "Decision",
    "DenialReason",
    "Denied",
    "Direction",
    "EmailRule",
    "EncryptionRefused",
    "Entropy",
    "Event",
    "EventFilter",
    "EventGroup",
    "EventKind",
    "EventLog",
    "Exchange",
    "FactorNeeded",
    "FactorSettings",
    "FieldIs",
    "FieldRule",
    "FieldView",
    "FileKind",
    "FolderMailer",
    "FolderStorage",
    "FormView",
    "Has",
    "HashingSettings",
    "HeaderSettings",
    "HtmlPolicy",
    "InvalidDocument",
    "InvalidInput",
    "JsonBody",
    "JsonChoice",
    "JsonField",
    "JsonTags",
    "JsonText",
    "Layer",
    "Lock",
    "LogSettings",
    "LoggedIn",
    "Mailer",
    "MarkdownRule",
    "MediaTypeRefused",
    "Message",
    "Messages",
    "Not",
    "Notice",
    "OnQuery",
    "OnReflection",
    "Order",
    "OutboxSettings",
    "Outcome",
    "Owns",
    "Page",
    "PageUrls",
    "PasskeySettings",
    "PasswordPreset",
    "PasswordSettings",
    "PhoneRule",
    "Policy",
    "PreconditionFailed",
    "Principal",
    "RangeBreachChecker",
    "Rate",
    "RecoverySettings",
    "Refused",
    "RegistrationSettings",
    "Rule",
    "SafeHtml",
    "Scanner",
    "SealBroken",
    "Secret",
    "Services",
    "SessionSettings",
    "Settings",
    "Site",
    "SiteMessages",
    "SmtpMailer",
    "SmtpSecurity",
    "SortMap",
    "SpamSettings",
    "SsnRule",
    "StatementRefused",
    "StoreUnavailable",
    "SystemClock",
    "SystemEntropy",
    "TagsRule",
    "TextRule",
    "Through",
    "TicketSettings",
    "TokenRefused",
    "TooManyRequests",
    "Translations",
    "TransportSettings",
    "TripwireSettings",
    "TripwireTripped",
    "Upload",
    "UploadMissing",
    "UploadSettings",
    "UploadState",
    "UploadStorage",
    "Uploads",
    "UsernameRule",
    "Verdict",
    "VerificationFailed",
    "Viewer",
    "ViolationGroup",
    "Vocabulary",
    "WebsiteRule",
    "WriteRules",
    "__version__",
    "account_key",
    "entity_tag",
    "is_inline",
    "is_known",
    "json_island",
    "needs_cleaning",
    "new_ring",
    "parse_fields",
    "parse_identifier",
    "parse_page",
    "parse_query",
    "parse_term",
    "render_markdown",
    "require_unchanged",
    "safe_target",
    "safe_url",
    "sanitize",
    "show_markdown",
    "username_skeleton",
]
