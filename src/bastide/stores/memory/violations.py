"""Grouped CSP violations in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bastide.core.http import Violation, ViolationGroup
from bastide.stores.memory.data import Data


class MemoryViolations:
    """See ``ViolationStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def record_violation(self, violation: Violation, *, now: datetime, max_groups: int) -> bool:
        """See ``ViolationStore``."""
        with self._data.lock:
            groups = self._data.violations
            known = groups.get(violation.fingerprint)
            if known is not None:
                groups[violation.fingerprint] = replace(known, count=known.count + 1, last_seen=now)
                return False
            if len(groups) >= max_groups:
                del groups[min(groups, key=lambda key: (groups[key].count, groups[key].last_seen))]
            groups[violation.fingerprint] = ViolationGroup(
                violation=violation, count=1, first_seen=now, last_seen=now
            )
            return True

    def list_violations(self, *, limit: int) -> Sequence[ViolationGroup]:
        """See ``ViolationStore``."""
        with self._data.lock:
            groups = sorted(self._data.violations.values(), key=lambda group: group.last_seen, reverse=True)
        return groups[:limit]
