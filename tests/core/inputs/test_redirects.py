"""Redirects stay within the site."""

import pytest

from bastide.core.inputs import safe_target
from support.rows import rows


@pytest.mark.asvs("V3.7.2")
@rows(
    "target",
    [None, "", "//evil", "/\\evil", "\\evil", "evil", "https://evil", "https:evil", "/a\nb", "/a\tb", "/%2f%2fx\\", "/\x7f",
     "/%09/evil", "/%5cevil", "x" * 2001, "/" + "x" * 2000, "/ evil", "/a?b=c d", "/%2F/evil", "/é\u2028"],
)  # fmt: skip
def test_targets_outside_the_site_land_on_the_default(target: str | None) -> None:
    assert safe_target(target, default="/home") == "/home"


@rows("target", ["/", "/posts/1?x=1&y=%20#c", "/é", "/a?next=%2Fb"])
def test_targets_within_the_site_pass(target: str) -> None:
    assert safe_target(target, default="/home") == target
