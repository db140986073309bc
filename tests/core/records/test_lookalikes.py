"""Names that a reader takes for each other, and names that are only near."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.records import username_skeleton
from support.rows import rows

ALIKE = [
    ("paypaI", "paypal"), ("раураІ", "paypal"), ("сосо", "coco"), ("rnaud", "maud"), ("Maud", "rnaud"),
    ("0li", "Oli"), ("AlI", "ALl"), ("ADM1N", "ADMIN"), ("ΑΒΕΤ", "abet"), ("Zoe\u0308", "Zoë"),
    *((f"ma{blank}ud", "maud") for blank in "\u115f\u3164\uffa0\u034f\u2800\ufe0f\u200d\u00ad\U000e0100"),
]  # fmt: skip
APART = [
    ("ali", "all"), ("maud", "mau"), ("müller", "muller"), ("zoë", "zoe"), ("李明", "李朋"), ("anna", "anne"),
    ("bob", "dod"), ("한글", "한국"), ("user11", "user12"), ("rnaud@example.org", "maud@example.org"),
]  # fmt: skip


@pytest.mark.asvs("V6.3.8")
@rows(("one", "other"), ALIKE)
def test_what_looks_alike_has_one_skeleton(one: str, other: str) -> None:
    assert username_skeleton(one) == username_skeleton(other)


@rows(("one", "other"), APART)
def test_what_is_only_near_stays_apart(one: str, other: str) -> None:
    assert username_skeleton(one) != username_skeleton(other)


@given(st.text(max_size=30))
def test_a_skeleton_has_no_case(name: str) -> None:
    skeleton = username_skeleton(name)
    assert skeleton == skeleton.casefold()
