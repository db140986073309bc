"""Sorting, filtering and paging by declared names; columns are whatever the ORM calls a column."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.inputs.keys import parse_fields

Column = TypeVar("Column")

LIKE_ESCAPE: Final = "\\"
MAX_PAGE: Final = 10_000
MAX_TERM_LENGTH: Final = 100
MIN_TERM_LENGTH: Final = 2
_NUMBER: Final = re.compile(r"[0-9]{1,6}")
_ADDED_TO_LINKS: Final = frozenset(
    {
        "_ga", "_gl", "_hsenc", "_hsmi", "dclid", "fbclid", "gad_source", "gbraid", "gclid", "gclsrc",
        "igshid", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "msclkid", "srsltid", "ttclid", "twclid",
        "wbraid", "yclid",
    }
)  # fmt: skip


class Direction(StrEnum):
    """The two ways to sort."""

    ASCENDING = "asc"
    DESCENDING = "desc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Generic[Column]):
    """A parsed sort: the column, the way, and the column that breaks ties."""

    key: str
    column: Column
    direction: Direction
    tie_break: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class SortMap(Generic[Column]):
    """The keys that a list may be sorted by (Q1).

    Attributes:
        columns: public key to column.
        default: key used when the request names none.
        default_direction: direction used when the request names none.
        tie_break: a unique column, appended so that pages never overlap.

    Threat: ORDER BY injection, and probing that nobody notices (V1.2.4, V16.3.3).
    """

    columns: Mapping[str, Column]
    default: str
    default_direction: Direction = Direction.ASCENDING
    tie_break: Column

    def __post_init__(self) -> None:
        if self.default not in self.columns:
            msg = f"default sort key {self.default!r} is not declared"
            raise ConfigurationError(msg)

    def parse(self, raw_key: str | None, raw_direction: str | None) -> Order[Column]:
        """Return the order; absent values mean the defaults.

        Raises:
            InvalidInput: a key or direction that is not declared; never a silent default.
        """
        key = self.default if raw_key is None else raw_key
        if key not in self.columns:
            raise InvalidInput("sort", "undeclared")
        try:
            direction = self.default_direction if raw_direction is None else Direction(raw_direction)
        except ValueError:
            raise InvalidInput("dir", "undeclared") from None
        return Order(key=key, column=self.columns[key], direction=direction, tie_break=self.tie_break)


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a list (Q3): page ``number`` from 1, ``size`` rows each."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size


def parse_query(presented: Mapping[str, Sequence[str]], *, declared: Collection[str]) -> dict[str, str]:
    """Return the parameters of a list that were sent, each declared and sent once (Q2, V5).

    What networks, newsletters and advertisements add to links (``utm_source``, ``fbclid``, ...) is dropped,
    unless the list declares it: whoever follows such a link sent nothing wrong, and nothing reads it.

    Args:
        presented: every parameter with all its values, as the client sent them.
        declared: the parameters that the list reads; absent ones stay absent.

    Raises:
        InvalidInput: ``unknown_field``, relation traversal included, or ``repeated_field``.

    Threat: mass assignment by filters, and parameters of which two readers take different ones (V15.3.3,
    V15.3.7).
    """
    sent = {
        name: values for name, values in presented.items() if name in declared or not _is_added_to_links(name)
    }
    parsed = parse_fields(sent, declared=declared, place="query")
    return {name: parsed[name] for name in sent}


def _is_added_to_links(name: str) -> bool:
    return name.startswith("utm_") or name in _ADDED_TO_LINKS


def parse_page(raw: str | None, *, size: int, last: int = MAX_PAGE) -> Page:
    """Return the page; no number means the first.

    Raises:
        InvalidInput: not a number from 1 to ``last`` (V1.4.2).
    """
    text = "1" if raw is None else raw
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= last:
        raise InvalidInput("page", "page")
    return Page(int(text), size)


def parse_term(raw: str | None) -> str | None:
    """Return a search term of 2 to 100 code points, or None when there is none.

    Raises:
        InvalidInput: ``too_short``, ``too_long`` or ``control_characters``.
    """
    text = (raw or "").strip()
    if not text:
        return None
    if not text.isprintable():
        raise InvalidInput("q", "control_characters")
    if len(text) < MIN_TERM_LENGTH:
        raise InvalidInput("q", "too_short", min=MIN_TERM_LENGTH)
    if len(text) > MAX_TERM_LENGTH:
        raise InvalidInput("q", "too_long", max=MAX_TERM_LENGTH)
    return text


def escape_like(text: str) -> str:
    r"""Return ``text`` with the LIKE wildcards and the escape character made literal.

    Use with ``ESCAPE '\'`` (``LIKE_ESCAPE``).
    """
    return re.sub(r"([\\%_])", r"\\\1", text)
