"""Text is text and no page in disguise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import KINDS
from bastide.core.uploads._text import to_utf_8
from support.content import code_of
from support.files import TRUE
from support.rows import rows


@pytest.mark.asvs("V5.2.2")
@rows(
    ("data", "code"),
    [
        (b"caf\xe9", "file_encoding"),
        ("“Größe”, 5 €".encode("windows-1252"), "file_encoding"),
        ("Größe".encode("latin-1"), "file_encoding"),
        ("Größe".encode("utf-32"), "file_encoding"),
        ("Größe".encode("utf-16")[:-1], "file_encoding"),
        (b"\xff\xfe\x00\xd8", "file_encoding"),
        ("Größe".encode("utf-16-le"), "file_encoding"),
        ("plain".encode("utf-16-be"), "file_controls"),
        ("a\x00b".encode("utf-16"), "file_controls"),
        ("<script>alert(1)</script>".encode("utf-16"), "file_markup"),
        ("%PDF-1.7 as text".encode("utf-16"), "file_markup"),
        ("\ufeff<script>alert(1)</script>".encode("utf-16"), "file_markup"),
        ("\ufeff \ufeff<html>".encode("utf-8-sig"), "file_markup"),
        (b"\xef\xbb\xbf%PDF-1.7 as text", "file_markup"),
        ("\ufeffGIF89a/*".encode("utf-16"), "file_markup"),
        (b"\xff\xfe", "file_empty"),
        (b"a\x00b", "file_controls"),
        (b"\x1b[31m", "file_controls"),
        ("a\x85b".encode(), "file_controls"),
        (b"<!DOCTYPE html><p>", "file_markup"),
        (b"\xef\xbb\xbf \n<b>x</b>", "file_markup"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file_markup"),
        (b"<?php system($_GET[0]);", "file_markup"),
        (b"#!/bin/sh\nrm -rf /", "file_markup"),
        (b"\x0c\n <SCRIPT src=//evil>", "file_markup"),
        (b"<!-- a page -->", "file_markup"),
        (b"<a href=javascript:alert(1)>", "file_markup"),
        (b"<br/>", "file_markup"),
        (b"<?xml version='1.0'?><svg/>", "file_markup"),
        (b"%PDF-1.7 as text", "file_markup"),
        (b"GIF89a/*", "file_markup"),
        (b"%!PS", "file_markup"),
        (rb"{\rtf1", "file_markup"),
    ],
)
def test_text_is_text_and_no_page_in_disguise(data: bytes, code: str) -> None:
    assert code_of(data, KINDS["txt"]) == code


# WHATWG MIME Sniffing, 7.1: what makes a page of a file without a type, whatever goes before it of these
# bytes, if a blank or the end of a tag follows.
SPACE = ("", "\t\n\x0c\r ")
TAGS = (
    "<!DOCTYPE HTML", "<HTML", "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE", "<A", "<STYLE",
    "<TITLE", "<B", "<BODY", "<BR", "<P", "<!--",
)  # fmt: skip


@pytest.mark.asvs("V5.2.2")
@rows("begin", [*TAGS, "<?xml", "%PDF-", "%!PS-Adobe-"])
def test_what_a_sniffer_acts_on_is_refused_at_the_beginning_and_nowhere_else(begin: str) -> None:
    for spelled in (begin, begin.lower(), begin.title()) if begin in TAGS else (begin,):
        for end in (" x", ">x"):
            for before in SPACE if begin in TAGS else SPACE[:1]:
                assert code_of(f"{before}{spelled}{end}".encode(), KINDS["txt"]) == "file_markup"
            to_utf_8(f"Words, then {spelled}{end}".encode())
    if begin in TAGS[1:-1]:
        to_utf_8(f"{begin}lack>".encode())


@pytest.mark.asvs("V5.2.2")
def test_a_refusal_says_where_and_what_was_seen() -> None:
    for data, limits in (
        (b"one\ntwo caf\xe9", {"line": 2}),
        (b"one\n\ntwo \x1b[31m", {"line": 3, "seen": "U+001B"}),
    ):
        with pytest.raises(InvalidInput) as caught:
            to_utf_8(data)
        assert caught.value.limits == limits


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_text_in_utf_16_with_its_mark_is_written_as_utf_8_and_loses_nothing(text: str) -> None:
    kept = f"words, {text}"
    for mark, coding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert to_utf_8(mark + kept.encode(coding)) == kept.encode()


@given(st.binary(max_size=200))
def test_of_any_bytes_only_readable_text_passes(data: bytes) -> None:
    try:
        kept = to_utf_8(data)
    except InvalidInput:
        return
    assert kept == data or data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = kept.decode("utf-8-sig")
    assert all(char in "\t\n\f\r" or ord(char) >= 0x20 for char in text)


@rows(
    "text",
    [
        TRUE["txt"],
        b"\xef\xbb\xbfwith a mark",
        b"Page one\n\x0cPage two\n",
        b"Use List<Object> and vector<script> types: Map<Base, Link>.\n",
        b"#include <stdio.h>\nint main(void) { return 1 <2; }\n",
        b"Start with <html> and then a <body> element:\n\n    <p>Hello</p>\n",
        b"words first, then <script src=//evil>",
        b"<T> is what a list is made of",
        b"<maud@example.org> wrote:",
        b"<3 this",
        b'name;size\n"<b>";5\n',
    ],
)
def test_true_text_passes_and_prose_about_pages_too(text: bytes) -> None:
    assert to_utf_8(text) == text
