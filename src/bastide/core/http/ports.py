"""What keeps the violations that browsers report."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One report, cleaned.

    Attributes:
        directive: the directive that was broken.
        blocked: origin or keyword of what was blocked; never a full address.
        document: path of the page, without query.
    """

    directive: str
    blocked: str
    document: str

    @property
    def fingerprint(self) -> str:
        """Reports with the same fingerprint are one group."""
        text = f"{self.directive}\n{self.blocked}\n{self.document}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationGroup:
    """All reports of one kind."""

    violation: Violation
    count: int
    first_seen: datetime
    last_seen: datetime


class ViolationStore(Protocol):
    """Keeps violation groups; every verb is atomic."""

    def record_violation(self, violation: Violation, *, now: datetime, max_groups: int) -> bool:
        """Count the violation; tell whether its group is new.

        When ``max_groups`` groups exist, the rarest gives way, the oldest among equals: invented
        reports push each other out, and what many browsers report stays.
        """

    def list_violations(self, *, limit: int) -> Sequence[ViolationGroup]:
        """Return groups, the most recent first."""
