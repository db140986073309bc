"""Answers of access checks: allowed, or denied with a reason for the log."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from bastide.core.foundation.errors import BastideError


class DenialReason(StrEnum):
    """Why access was denied; adapters turn each into the same answer on every framework."""

    SIGN_IN_REQUIRED = "sign_in_required"
    CONFIRMATION_REQUIRED = "confirmation_required"
    FACTOR_REQUIRED = "factor_required"
    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The check passed."""

    def __bool__(self) -> Literal[True]:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """The check failed; falsy, so that a forgotten comparison still refuses."""

    reason: DenialReason

    def __bool__(self) -> Literal[False]:
        return False


Decision: TypeAlias = Allowed | Denied
ALLOWED = Allowed()


class AccessDenied(BastideError):
    """A rule or a policy refused; the log gets the reason, the person gets the table's answer.

    Attributes:
        decision: why.
        target: what was asked for, for the log (``post:12``).
    """

    def __init__(self, decision: Denied, *, target: str = "") -> None:
        super().__init__(decision.reason)
        self.decision = decision
        self.target = target
