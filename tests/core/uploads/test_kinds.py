"""Only declared kinds of files are read, and only what was made anew is shown in the page."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import KINDS, is_inline, sniff
from bastide.core.uploads.kinds import parse_kind
from support.files import TRUE, TYPES
from support.rows import rows

ALL = frozenset(KINDS)


@pytest.mark.asvs("V5.2.2")
@rows(("extension", "declared"), list(product(TYPES, sorted(set(TYPES.values())))))
def test_extension_and_declared_type_agree_or_nothing_is_read(extension: str, declared: str) -> None:
    if TYPES[extension] == declared:
        assert parse_kind(f"a.{extension}", f"{declared.upper()}; charset=x", ALL).media_type == declared
    else:
        with pytest.raises(InvalidInput, match="file_type"):
            parse_kind(f"a.{extension}", declared, ALL)


@rows(
    ("name", "declared", "kind"),
    [
        ("a.jpg", "image/jpg", "image/jpeg"),
        ("a.jpeg", "image/pjpeg", "image/jpeg"),
        ("a.png", "image/x-png", "image/png"),
        ("a.pdf", "application/x-pdf", "application/pdf"),
        ("a.csv", "text/csv", "text/csv"),
        ("a.csv", "application/csv", "text/csv"),
        ("a.csv", "application/vnd.ms-excel", "text/csv"),
        ("a.csv", "text/plain", "text/csv"),
        *((f"a.{extension}", "application/octet-stream", TYPES[extension]) for extension in TYPES),
    ],
)
def test_a_type_may_have_the_names_that_browsers_send(name: str, declared: str, kind: str) -> None:
    assert parse_kind(name, declared, ALL).media_type == kind


@pytest.mark.asvs("V5.2.2")
@rows("declared", ["", "image/jpg", "text/html", "application/octet-stream-x", "*/*"])
def test_another_type_is_refused(declared: str) -> None:
    with pytest.raises(InvalidInput, match="file_type"):
        parse_kind("a.pdf", declared, ALL)


@pytest.mark.asvs("V5.2.2", "V5.2.3", "V5.2.5")
@rows("name", ["a.zip", "a.svg", "a.html", "a.png.exe", "png", "a.", "a.docx", "a.tar", "a.jar"])
def test_what_is_not_declared_is_refused_archives_included(name: str) -> None:
    with pytest.raises(InvalidInput, match="file_extension") as caught:
        parse_kind(name, "image/png", ALL)
    assert caught.value.limits == {"allowed": "csv, gif, jpeg, jpg, pdf, png, txt, webp"}
    with pytest.raises(InvalidInput, match="file_extension"):
        parse_kind("a.png", "image/png", frozenset({"pdf"}))


@given(
    st.binary(max_size=64)
    | st.sampled_from([*TRUE.values()]).flatmap(lambda true: st.integers(0, 12).map(lambda cut: true[:cut]))
)
def test_a_mark_is_known_whole_or_not_at_all(head: bytes) -> None:
    marks = {(mark, kind.brand): kind for kind in KINDS.values() for mark in kind.magic}
    begun = (kind for (mark, brand), kind in marks.items() if head.startswith(mark) and brand in head[8:12])
    assert sniff(head) is next(begun, None)


def test_only_what_was_made_anew_is_shown_in_the_page() -> None:
    assert [is_inline(kind) for kind in ("image/png", "text/plain", "application/pdf", "text/html")] == [
        True,
        False,
        False,
        False,
    ]
