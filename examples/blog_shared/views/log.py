"""The security log: its rows, its chart and its filter."""

from dataclasses import dataclass

from markupsafe import Markup

from blog_shared.views.frame import Moment, Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One row of the security log.

    Attributes:
        is_declared: the kind is among those that are written today.
        detail: one line of ``key=value``.
    """

    kind: str
    is_declared: bool = True
    outcome: str
    at: Moment
    actor: str = ""
    target: str = ""
    address: str = ""
    route: str = ""
    request_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """A day in the table beside a chart, with a number per column."""

    day: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing, and the same as a table."""

    title: str
    drawing: Markup
    columns: tuple[str, ...]
    rows: tuple[ChartRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the values that a filter takes."""

    value: str
    label: str
    is_selected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionGroup:
    """Values under one heading."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogForm:
    """What the log may be filtered by, with what it is filtered by.

    Attributes:
        url: takes the form, and without parameters lifts the filter.
        first: first day (``2026-03-01``); may be empty.
        last: last day; may be empty.
        is_filled: there is something to lift.
    """

    url: str
    kinds: tuple[OptionGroup, ...]
    outcomes: tuple[Option, ...]
    user: str = ""
    address: str = ""
    first: str = ""
    last: str = ""
    is_filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """The security log, newest first."""

    form: LogForm
    chart: Chart
    summary: str
    rows: tuple[EventRow, ...] = ()
    pager: Pager
