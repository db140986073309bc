"""Columns per day, drawn on the server: from numbers to markup, without script and without inline style."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

# Across, everything is in percent of the drawing's width, so that it fits a phone and its letters keep
# their size; down, in pixels.
PLOT_PERCENT: Final = 88.0
SCALE_PERCENT: Final = 89.5
MOST_COLUMN_PERCENT: Final = 6.0
FILLED: Final = 0.8
LEAST_HEIGHT: Final = 1.0
HEADING: Final = 26
GAP: Final = 20
AXIS: Final = 42
_STEPS: Final = (1, 2, 5)
_UNITS: Final = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of columns: its name, a style class and a number per day."""

    name: str
    style: str
    numbers: tuple[int, ...]


def draw(
    days: Sequence[date], series: Sequence[Series], *, title: str, name: str = "chart", height: int = 64
) -> Markup:
    """Return an SVG with one row of columns per series, each against its own highest number.

    Rows of their own keep three locks readable beside thirty thousand sign-ins, and need no colours to be
    told apart. A number above zero is always at least a hairline.

    Args:
        days: the days in order, one per number.
        series: the rows, from the top; all as long as ``days``.
        title: what a screen reader says first.
        name: prefix of the ids, unique on the page.
        height: of a full column, in pixels.
    """
    row = HEADING + height + GAP
    total = row * len(series) - GAP + AXIS
    first, last = (f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}") if days else ("", "")
    described = "; ".join(_described(days, entry) for entry in series)
    rows = Markup("").join(
        _row(days, entry, top=place * row, height=height) for place, entry in enumerate(series)
    )
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{name}-title {name}-text" width="100%"'
        ' height="{total}" xmlns="http://www.w3.org/2000/svg"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-text">{described}</desc>{rows}{axis}</svg>'
    ).format(
        name=name, total=total, title=title, described=described, rows=rows,
        axis=_axis(first, last, bottom=total - AXIS),
    )  # fmt: skip


def top_of(numbers: Sequence[int]) -> int:
    """Return the round number (1, 2 or 5 with zeros) at the top of the scale; at least 1."""
    most = max((1, *numbers))
    power: int = 10 ** (len(str(most)) - 1)
    return next((step * power for step in _STEPS if step * power >= most), 10 * power)


def short(number: int) -> str:
    """Return a number that fits beside the columns (``20k``)."""
    for size, unit in _UNITS:
        if number >= size:
            return f"{number // size:,}{unit}"
    return str(number)


def _described(days: Sequence[date], series: Series) -> str:
    if not any(series.numbers):
        return f"{series.name}: none"
    most = max(series.numbers)
    day = days[series.numbers.index(most)]
    return f"{series.name}: {sum(series.numbers):,} in all, at most {most:,} a day ({day:%Y-%m-%d})"


def _row(days: Sequence[date], series: Series, *, top: int, height: int) -> Markup:
    ceiling, head, foot = top_of(series.numbers), top + HEADING, top + HEADING + height
    slot = PLOT_PERCENT / max(1, len(days))
    width = min(slot * FILLED, MOST_COLUMN_PERCENT)
    columns = Markup("").join(
        _column(
            day, number, series.name, width=width, left=slot * place + (slot - width) / 2,
            tall=max(LEAST_HEIGHT, height * number / ceiling), foot=foot,
        )
        for place, (day, number) in enumerate(zip(days, series.numbers, strict=True))
        if number > 0
    )  # fmt: skip
    return Markup(
        '<g class="{style}"><text class="series" x="0" y="{label}">{name}, events a day</text>'
        '<line class="grid" x1="0" x2="{plot}%" y1="{head}" y2="{head}"/>'
        '<text class="scale" x="{scale}%" y="{head_text}">{ceiling}</text>{columns}'
        '<line class="base" x1="0" x2="{plot}%" y1="{foot}" y2="{foot}"/>'
        '<text class="scale" x="{scale}%" y="{foot_text}">0</text></g>'
    ).format(
        style=series.style, label=top + 16, name=series.name, plot=PLOT_PERCENT, head=head, foot=foot,
        head_text=head + 4, foot_text=foot + 4, ceiling=short(ceiling), columns=columns,
        scale=SCALE_PERCENT,
    )  # fmt: skip


def _column(
    day: date, number: int, name: str, *, width: float, left: float, tall: float, foot: int
) -> Markup:
    return Markup(
        '<rect x="{left:.3f}%" y="{top:.2f}" width="{width:.3f}%" height="{tall:.2f}">'
        "<title>{day}: {number} {name}</title></rect>"
    ).format(
        left=left, top=foot - tall, width=width, tall=tall, day=f"{day:%Y-%m-%d}", number=f"{number:,}",
        name=name,
    )  # fmt: skip


def _axis(first: str, last: str, *, bottom: int) -> Markup:
    ends = [(first, "0", "start"), (last, f"{PLOT_PERCENT}%", "end")][: 1 if first == last else 2]
    labels = Markup("").join(
        Markup('<text class="scale" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>').format(
            x=x, y=bottom + 18, anchor=anchor, text=text
        )
        for text, x, anchor in ends
    )
    return labels + Markup(
        '<text class="scale" x="{middle}%" y="{y}" text-anchor="middle">day (UTC)</text>'
    ).format(middle=PLOT_PERCENT / 2, y=bottom + 36)
