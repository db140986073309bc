"""Which rows of the log a filter asks for, as ranges of its indexes, for any way to the database."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from bastide.core.foundation import to_micros
from bastide.core.security_log import EventFilter, account_target


class Comparison(StrEnum):
    """How a column is compared with a value, by the name that Django's look-ups have for it."""

    EQUAL = "exact"
    ANY_OF = "in"
    FROM = "gte"
    BEFORE = "lt"
    OTHER_THAN = "not"


class Condition(NamedTuple):
    """One column of a row of the log, compared."""

    column: str
    comparison: Comparison
    value: Any


Branch: TypeAlias = tuple[Condition, ...]


def branches_of(wanted: EventFilter, *, kinds_kept: Callable[[], Iterable[str]]) -> Sequence[Branch]:
    """Return branches of which each event fits one at most, and each is a range of one index.

    With OR or IN in their place, a database reads and sorts all there is, or all that is newer.

    Args:
        wanted: what is asked for.
        kinds_kept: gives the kinds that the log holds; none where it is empty, and then there is no branch.
    """
    equal = Comparison.EQUAL
    branches: list[Branch] = [()]
    if wanted.account is not None:
        actor, target = str(wanted.account), account_target(wanted.account)
        branches = [
            (Condition("actor", equal, actor),),
            (Condition("target", equal, target), Condition("actor", Comparison.OTHER_THAN, actor)),
        ]
    elif wanted.address:
        branches = [(Condition("address", equal, wanted.address),)]
    elif wanted.kinds or wanted.outcome is not None:
        branches = [
            (Condition("kind", equal, kind), Condition("outcome", equal, outcome))
            for kind in wanted.kinds or kinds_kept()
            for outcome in wanted.outcomes
        ]
    rest = _common(wanted)
    return [(*branch, *rest) for branch in branches]


def _common(wanted: EventFilter) -> list[Condition]:
    """Return what every branch asks for besides."""
    conditions = []
    if wanted.kinds:
        conditions.append(Condition("kind", Comparison.ANY_OF, wanted.kinds))
    if wanted.outcome is not None:
        conditions.append(Condition("outcome", Comparison.EQUAL, wanted.outcome))
    if wanted.address:
        conditions.append(Condition("address", Comparison.EQUAL, wanted.address))
    if wanted.since is not None:
        conditions.append(Condition("at", Comparison.FROM, to_micros(wanted.since)))
    if wanted.until is not None:
        conditions.append(Condition("at", Comparison.BEFORE, to_micros(wanted.until)))
    return conditions
