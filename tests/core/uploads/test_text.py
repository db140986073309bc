"""Text is text and no page in disguise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import KINDS
from bastide.core.uploads._text import verify_text
from support.content import code_of
from support.files import TRUE
from support.rows import rows


@pytest.mark.asvs("V5.2.2")
@rows(
    ("data", "code"),
    [
        (b"caf\xe9", "file_encoding"),
        ("utf-16".encode("utf-16"), "file_encoding"),
        (b"\xfe\xff" + "Größe".encode("utf-16-be"), "file_encoding"),
        ("“Größe”, 5 €".encode("windows-1252"), "file_encoding"),
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


@given(st.binary(max_size=200))
def test_of_any_bytes_only_readable_text_passes(data: bytes) -> None:
    try:
        verify_text(data)
    except InvalidInput:
        return
    text = data.decode("utf-8-sig")
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
    verify_text(text)
