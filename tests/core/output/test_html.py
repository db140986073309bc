"""Addresses, JSON islands and messages come out escaped."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bastide.core.foundation import ConfigurationError
from bastide.core.output import (
    json_island,
    safe_url,
)
from bastide.core.output.html import format_html
from support.rows import rows


@pytest.mark.asvs("V1.2.2")
@rows(
    ("raw", "safe"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("/posts/1", "/posts/1"),
        ("posts/a:b", "posts/a:b"),
        ("?a:b", "?a:b"),
        (" /é\"'<>", "/%C3%A9%22'%3C%3E"),
        ("javascript:alert(1)", "#"),
        ("JaVaScRiPt:alert(1)", "#"),
        ("java\tscript:alert(1)", "#"),
        ("\x01javascript:alert(1)", "#"),
        ("data:text/html,x", "#"),
        ("1java:x", "#"),
        ("vbscript:x", "#"),
        ("https:\\\\evil.example", "#"),
        ("\x85javascript:x", "#"),
    ],
)
def test_addresses_only_navigate(raw: str, safe: str) -> None:
    assert safe_url(raw) == safe


@pytest.mark.asvs("V1.2.3")
@given(st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=5))
def test_json_islands_keep_their_value_and_their_end(value: object) -> None:
    island = json_island({"value": value, "end": "</script><!-- \u2028"}, element_id="data")
    assert island.count("</script") == 1
    text = island.partition(">")[2].removesuffix("</script>")
    assert json.loads(text) == {"value": value, "end": "</script><!-- \u2028"}
    assert "\u2028" not in text


@pytest.mark.asvs("V1.3.10")
def test_messages_escape_values_and_do_not_reach_into_them() -> None:
    assert format_html("<b>{}</b> {n:>3}", "<i>", n=7) == Markup("<b>&lt;i&gt;</b>   7")
    assert format_html("{:>5}", "<i>") == "  &lt;i&gt;"
    assert format_html("{}", Markup("<i>")) == "<i>"
    for template in ("{0.__class__}", "{0[0]}"):
        with pytest.raises(ConfigurationError):
            format_html(template, "x")  # type: ignore[arg-type]
