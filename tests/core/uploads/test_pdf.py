"""Documents that act are refused, however that is spelled."""

import os
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import InvalidInput
from bastide.core.uploads._pdf import ACTIVE, verify_pdf
from support.content import MAX_INFLATED, code_of
from support.files import (
    TRUE,
    archive,
    pdf,
    stream,
    update,
)
from support.rows import rows


@pytest.mark.asvs("V5.2.2")
@rows("name", sorted(ACTIVE))
def test_active_content_is_refused_however_it_is_spelled(name: bytes) -> None:
    escaped = b"".join(b"#%02x" % byte for byte in name)
    for spelled in (name, escaped, name[:1] + b"#%02X" % name[1] + name[2:]):
        hidden = b"<</S /%s (x)>>" % spelled
        assert code_of(pdf(hidden)) == "file_active"
        assert code_of(pdf(b"<</Kids [<</A[/%s<<>>]>>]>>" % spelled)) == "file_active"
        assert (
            code_of(pdf(stream(b"7 0 " + hidden, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")))
            == "file_active"
        )
        assert (
            code_of(pdf(stream(b"7 0 " + hidden, b"/Type/ObjStm/N 1/First 4", is_packed=False)))
            == "file_active"
        )


@pytest.mark.asvs("V5.2.2")
@rows(
    ("data", "code"),
    [
        (b"", "file_broken"),
        (b"%PDF-9.9\n%%EOF", "file_broken"),
        (TRUE["pdf"][:-20], "file_broken"),
        (pdf(tail=b"more"), "file_broken"),
        (b"junk" + TRUE["pdf"], "file_broken"),
        (pdf(b"(<script>alert(1)</script>)"), "file_markup"),
        (pdf(b"(<!DOCTYPE html>)"), "file_markup"),
        (pdf(b"(PK\x05\x06" + bytes(18) + b")"), "file_markup"),
        (pdf(stream(archive(), b"", is_packed=False), stream(os.urandom(70_000))), "file_markup"),
        (pdf(stream(b"Rar!\x1a\x07\x01\x00", b"", is_packed=False)), "file_markup"),
        (pdf(stream(b"7z\xbc\xaf\x27\x1c\x00\x04", b"", is_packed=False)), "file_markup"),
        (update(TRUE["pdf"], b"<</S /JavaScript /JS (x)>>"), "file_active"),
        (update(pdf(b"<</S /JavaScript /JS (x)>>"), b"<</A 1>>"), "file_active"),
        (update(TRUE["pdf"], b"(PK\x05\x06" + bytes(18) + b")"), "file_markup"),
        (pdf(b"<</Encrypt 7 0 R>>"), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter /LZWDecode")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter [/ASCIIHexDecode /FlateDecode]")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter [/FlateDecode /FlateDecode]")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter 7 0 R")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter [7 0 R]")), "file_unreadable"),
        (pdf(stream(b"x", b"/Filter [" + b" " * 300 + b"7 0 R]")), "file_unreadable"),
        (pdf(stream(b"x", b"/F#69lter 7 0 R")), "file_unreadable"),
        (pdf(stream(b"x", b"/Type 7 0 R /Filter /FlateDecode")), "file_unreadable"),
        (pdf(stream(b"x", b"/Type /ObjStm /Filter /FlateDecode /DecodeParms <</Predictor 12>>")), "file_unreadable"),
        (pdf(stream(b"not packed", is_packed=False)), "file_unreadable"),
        (pdf(stream(zlib.compress(b"x" * 99)[:-5], is_packed=False)), "file_unreadable"),
        (pdf(b"<<>>\nstream\nwithout an end"), "file_unreadable"),
        (pdf(b"<<>>\nstream\n" * 5 + b"\nendstream"), "file_unreadable"),
        (pdf(stream(bytes(MAX_INFLATED + 1))), "file_inflated"),
        (pdf(stream(bytes(MAX_INFLATED // 2 + 1)), stream(bytes(MAX_INFLATED // 2))), "file_inflated"),
        (pdf(stream(b"q /JavaScript gs Q")), "file_active"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


@rows(
    "data",
    [
        TRUE["pdf"],
        pdf(stream(bytes(MAX_INFLATED))),
        pdf(stream(b"\x00raw \xff", b"/Subtype /Image /Filter /DCTDecode", is_packed=False)),
        pdf(stream(b"q /JS gs Q")),
        pdf(stream(b"x", b"/Filter [/FlateDecode] /DecodeParms [null]")),
        pdf(b"<</A#zz (AA in words) /AAA 1>>"),
        update(TRUE["pdf"], b"<</Annots []>>"),
    ],
)
def test_documents_that_are_only_read_pass(data: bytes) -> None:
    verify_pdf(data, max_inflated_bytes=MAX_INFLATED)


@given(st.binary(max_size=300))
def test_any_bytes_between_are_judged_and_never_an_error(data: bytes) -> None:
    for made in (data, pdf(data), pdf(stream(data)), pdf(stream(data, is_packed=False))):
        with suppress(InvalidInput):
            verify_pdf(made, max_inflated_bytes=MAX_INFLATED)


@pytest.mark.asvs("V5.2.2")
def test_a_document_of_nothing_but_escaped_names_is_refused() -> None:
    few, many = b"/#41 " * 10_000, b"/#41 " * 10_001
    for made in (pdf, lambda data: pdf(stream(data)), lambda data: pdf(stream(data, b"", is_packed=False))):
        verify_pdf(made(few), max_inflated_bytes=MAX_INFLATED)
        assert code_of(made(many)) == "file_unreadable"
    assert code_of(pdf(few + b"/#4a#53 ")) == "file_unreadable"
    assert code_of(pdf(few[5:] + b"/#4a#53 ")) == "file_active"
