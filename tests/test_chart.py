"""The chart of the blogs: well-formed, to scale, and free of script, style and surprises."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog_shared.chart import PLOT_PERCENT, Series, draw, short, top_of

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "<script>alert(1)</script>\" onload='x' & \u202e"
START = date(2026, 1, 30)
LEAST = 1.0


def drawn(*rows: list[int], height: int = 100, title: str = "Per day") -> ET.Element:
    days = [START + timedelta(days=place) for place in range(len(rows[0]))]
    series = [
        Series(name=f"row {place}", style=f"s{place}", numbers=tuple(row)) for place, row in enumerate(rows)
    ]
    return ET.fromstring(draw(days, series, title=title, height=height))  # noqa: S314 -- our own drawing


def heights(svg: ET.Element, place: int = 0) -> list[float]:
    return [float(rect.attrib["height"]) for rect in svg.findall(f"{SVG}g")[place].iter(f"{SVG}rect")]


def test_columns_are_as_high_as_their_numbers() -> None:
    svg = drawn([10, 5, 0, 1], [0, 0, 2000, 1])
    assert heights(svg) == [100, 50, 10]
    assert heights(svg, 1) == [100, LEAST]
    first, second = svg.findall(f"{SVG}g")
    lefts = [float(rect.attrib["x"].rstrip("%")) for rect in first.iter(f"{SVG}rect")]
    assert lefts == sorted(lefts)
    assert lefts[2] > 3 * PLOT_PERCENT / 4
    # Feet stand on the row's own base line.
    base = float(second.findall(f"{SVG}line")[1].attrib["y1"])
    feet = {float(rect.attrib["y"]) + float(rect.attrib["height"]) for rect in second.iter(f"{SVG}rect")}
    assert feet == {base}


def test_it_says_what_it_shows() -> None:
    svg = drawn([3, 4], [0, 0])
    assert svg.attrib["role"] == "img"
    ids = {element.attrib["id"]: element.text for element in svg.iter() if "id" in element.attrib}
    assert [ids[name] for name in svg.attrib["aria-labelledby"].split()] == [
        "Per day", "row 0: 7 in all, at most 4 a day (2026-01-31); row 1: none",
    ]  # fmt: skip
    texts = [element.text for element in svg.iter(f"{SVG}text")]
    assert "row 0, events a day" in texts
    assert {"day (UTC)", "2026-01-30", "2026-01-31", "5", "0"} <= set(texts)
    assert [rect[0].text for rect in svg.iter(f"{SVG}rect")] == ["2026-01-30: 3 row 0", "2026-01-31: 4 row 0"]


@pytest.mark.parametrize("numbers", [[], [0], [0] * 92, [7], [10**18, 1], [10**400, 3]])
def test_odd_amounts(numbers: list[int]) -> None:
    svg = drawn(numbers)
    assert len(heights(svg)) == sum(number > 0 for number in numbers)
    assert all(LEAST <= height <= 100 for height in heights(svg))


@given(st.lists(st.integers(0, 10**15), max_size=92), st.integers(1, 300))
def test_no_number_leaves_the_drawing(numbers: list[int], height: int) -> None:
    svg = drawn(numbers, height=height)
    total = float(svg.attrib["height"])
    assert not re.search("nan|inf|e[+-]", ET.tostring(svg, encoding="unicode").partition("<g")[2])
    for rect in svg.iter(f"{SVG}rect"):
        left, width = (float(rect.attrib[name].rstrip("%")) for name in ("x", "width"))
        top, tall = (float(rect.attrib[name]) for name in ("y", "height"))
        assert 0 <= left <= left + width <= PLOT_PERCENT + 0.01
        assert 0 <= top <= top + tall <= total
        assert tall > 0


@pytest.mark.asvs("V1.2.1", "V3.4.3")
def test_nothing_in_it_runs_or_needs_a_style() -> None:
    markup = draw([START], [Series(name=EVIL, style=EVIL, numbers=(1,))], title=EVIL, name=EVIL)
    svg = ET.fromstring(markup)  # noqa: S314 -- our own drawing
    tags = {element.tag.removeprefix(SVG) for element in svg.iter()}
    assert tags == {"svg", "title", "desc", "g", "text", "line", "rect"}
    names = {name for element in svg.iter() for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or name in {"style", "href"}}


@pytest.mark.parametrize(
    ("numbers", "top"),
    [((), 1), ((0,), 1), ((1,), 1), ((3,), 5), ((6,), 10), ((10, 2), 10), ((21_000,), 50_000)],
)
def test_scales_end_at_round_numbers(numbers: tuple[int, ...], top: int) -> None:
    assert top_of(numbers) == top


def test_numbers_are_short_enough_for_the_margin() -> None:
    assert [short(number) for number in (0, 999, 1_000, 50_000, 2_000_000, 5 * 10**12)] == [
        "0", "999", "1k", "50k", "2M", "5T",
    ]  # fmt: skip
