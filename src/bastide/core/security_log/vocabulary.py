"""The words of the security log: what can happen, and how it can end."""

from enum import StrEnum


class EventKind(StrEnum):
    """The library's own kinds: ``subject:action:outcome``; those of an application are `AppEventKind`."""

    LOGIN_SUCCESS = "account:login:success"
    LOGIN_FAILURE = "account:login:failure"
    LOGIN_REFUSED = "account:login:refused"
    LOGOUT = "account:logout:success"
    CONFIRM_SUCCESS = "account:confirm:success"
    CONFIRM_FAILURE = "account:confirm:failure"
    CONFIRM_REFUSED = "account:confirm:refused"
    FACTOR_NEEDED = "account:factor:needed"
    FACTOR_SUCCESS = "account:factor:success"
    FACTOR_FAILURE = "account:factor:failure"
    FACTOR_REFUSED = "account:factor:refused"
    FACTOR_ADDED = "account:factor:added"
    FACTOR_REMOVED = "account:factor:removed"
    PASSKEY_RENAMED = "account:passkey:renamed"
    PASSKEY_COUNTER_REFUSED = "account:passkey:counter_refused"
    BACKUP_CODES_RENEWED = "account:factor:codes_renewed"
    LINK_FAILURE = "account:link:failure"
    LINK_REFUSED = "account:link:refused"
    TOKEN_ISSUED = "account:token:issued"  # noqa: S105 -- a name
    TOKEN_REVOKED = "account:token:revoked"  # noqa: S105 -- a name
    TOKEN_REFUSED = "account:token:refused"  # noqa: S105 -- a name
    TOKEN_EXPOSED = "account:token:exposed"  # noqa: S105 -- a name
    LOCKED = "account:lock:set"
    UNLOCKED = "account:lock:lifted"
    REGISTRATION_REQUESTED = "account:registration:requested"
    ACCOUNT_CREATED = "account:registration:success"
    INVITATION_ISSUED = "account:invitation:issued"
    PASSWORD_CHANGED = "account:password:changed"  # noqa: S105 -- a name
    PASSWORD_REHASHED = "account:password:rehashed"  # noqa: S105 -- a name
    PASSWORD_UNREADABLE = "account:password:unreadable"  # noqa: S105 -- a name
    RESET_REQUESTED = "account:reset:requested"
    PASSWORD_RESET = "account:password:reset"  # noqa: S105 -- a name
    BREACH_CHECK_UNAVAILABLE = "account:password:breach_check_unavailable"
    VALUE_REVEALED = "account:value:revealed"
    VALUE_CHANGED = "account:value:changed"
    ACCOUNT_DISABLED = "account:status:disabled"
    ACCOUNT_ENABLED = "account:status:enabled"
    ROLE_GRANTED = "account:role:granted"
    ROLE_REVOKED = "account:role:revoked"
    ROLE_EXTENDED = "access:role:extended"
    ACCOUNT_RENAMED = "account:name:changed"
    EMAIL_CHANGE_REQUESTED = "account:email:change_requested"
    EMAIL_CHANGED = "account:email:changed"
    SESSIONS_ENDED = "session:end:requested"
    SESSION_REFUSED = "session:resume:refused"
    SESSION_AGENT_CHANGED = "session:agent:changed"
    ACCESS_DENIED = "access:check:denied"
    CSRF_REFUSED = "request:csrf:refused"
    HOST_REFUSED = "request:host:refused"
    TRANSPORT_REFUSED = "request:transport:refused"
    INPUT_REFUSED = "request:input:refused"
    QUERY_REFUSED = "request:query:refused"
    RATE_REFUSED = "request:rate:refused"
    SPAM_QUEUED = "request:spam:queued"
    CSP_VIOLATION = "browser:csp:violation"
    UPLOAD_STORED = "content:upload:stored"
    UPLOAD_HELD = "content:upload:held"
    UPLOAD_REFUSED = "content:upload:refused"
    UPLOAD_REMOVED = "content:upload:removed"
    HASHES_WRAPPED = "system:hashes:wrapped"
    USERS_ADOPTED = "system:users:adopted"
    MAIL_DELAYED = "system:mail:delayed"
    MAIL_ABANDONED = "system:mail:abandoned"
    LOG_PURGED = "system:log:purged"
    LOG_BROKEN = "system:log:broken"
    LOG_UNREADABLE = "system:log:unreadable"
    SEAL_BROKEN = "system:seal:broken"
    UNEXPECTED_ERROR = "system:error:unexpected"
    STORE_UNAVAILABLE = "system:store:unavailable"


class EventGroup(StrEnum):
    """The first word of a kind: what it is about."""

    ACCOUNT = "account"
    SESSION = "session"
    ACCESS = "access"
    REQUEST = "request"
    BROWSER = "browser"
    CONTENT = "content"
    SYSTEM = "system"

    @property
    def kinds(self) -> frozenset[EventKind]:
        """The kinds of this group."""
        return frozenset(kind for kind in EventKind if kind.startswith(f"{self}:"))


class Outcome(StrEnum):
    """How the attempted action ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    REFUSED = "refused"
    NOTED = "noted"
