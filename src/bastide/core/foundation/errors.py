"""The one tree of errors that the controls raise; `bastide.pages.answers` maps each to a status."""

from collections.abc import Sequence
from datetime import timedelta


class BastideError(Exception):
    """Base of every error that Bastide raises on purpose."""


class ConfigurationError(BastideError):
    """The settings or the wiring are unsafe or incomplete; raised at start-up only."""


class InvalidInput(BastideError):
    """Untrusted input broke a declared rule.

    Attributes:
        field: name of the field, as the form or the API calls it.
        code: the rule that was broken, a stable word such as ``too_long``.
        limits: figures a message may quote (``{"max": 200}``); never the raw input.
    """

    def __init__(self, field: str, code: str, **limits: int | str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.limits = limits


class InvalidDocument(BastideError):
    """A body broke declared rules; all of them are told at once.

    Attributes:
        errors: at least one, in the order of the declared members.
    """

    def __init__(self, errors: Sequence[InvalidInput]) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors: tuple[InvalidInput, ...] = tuple(errors)


class MediaTypeRefused(BastideError):
    """A body is of a kind that is not taken here.

    Attributes:
        expected: the media type that is.
    """

    def __init__(self, expected: str) -> None:
        super().__init__(f"not {expected}")
        self.expected = expected


class PreconditionFailed(BastideError):
    """What is there is not what the caller goes by; see `bastide.core.inputs.preconditions`."""


class BodyTooLarge(BastideError):
    """A body is longer than what is read here.

    Attributes:
        max_size_bytes: the limit.
    """

    def __init__(self, max_size_bytes: int) -> None:
        super().__init__(f"more than {max_size_bytes} bytes")
        self.max_size_bytes = max_size_bytes


class VerificationFailed(BastideError):
    """A secret, token or signature did not verify.

    Attributes:
        reason: for the security log; never shown to the person who presented it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TokenRefused(BastideError):
    """An API token opened nothing; what was wrong with it is in the log only.

    Attributes:
        reason: see ``VerificationFailed``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StoreUnavailable(BastideError):
    """A store or service that a decision needs cannot be reached: the request is refused."""


class TooManyRequests(BastideError):
    """A budget or a rate is used up.

    Attributes:
        retry_after: time until it opens.
    """

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class StatementRefused(BastideError):
    """The text of a statement carries a value of the request, so the database never saw it.

    Attributes:
        place: where the value came from, such as ``query`` or ``header``.
    """

    def __init__(self, place: str) -> None:
        super().__init__(f"a statement carries a value of the request ({place}) in its text")
        self.place = place


class DataRefused(BastideError):
    """The database would not take what was to be stored.

    Attributes:
        is_conflict: it breaks a constraint with what is stored already; else a value is impossible.
    """

    def __init__(self, *, is_conflict: bool) -> None:
        super().__init__("conflict" if is_conflict else "bad data")
        self.is_conflict = is_conflict


class SealBroken(BastideError):
    """What should be sealed is not, was changed, belongs elsewhere, or its key is gone; never shown as empty.

    Attributes:
        place: table, column and row (``profile.ssn:7``); never the value.
        reason: ``not_sealed``, ``unknown_key`` or ``changed``; for the security log.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place} cannot be opened: {reason}")
        self.place = place
        self.reason = reason


class EncryptionRefused(BastideError):
    """The code at hand would store a value in the clear, or where it could not be opened again."""
