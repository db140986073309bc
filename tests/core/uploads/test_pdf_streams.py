"""A document is weighed before it is parsed: what it unpacks to, and how many objects there are."""

import base64
import zlib
from contextlib import suppress

import pikepdf
import pytest

from bastide.core.uploads import _pdf_graph as graph
from bastide.core.uploads import _pdf_streams as streams
from support.content import MAX_INFLATED, anew, code_of
from support.documents import content_of, shown
from support.files import stream
from support.rows import rows


@pytest.mark.asvs("V5.2.3")
@rows(
    ("data", "code"),
    [
        (shown(stream(bytes(MAX_INFLATED + 1))), "file_inflated"),
        (shown(stream(bytes(MAX_INFLATED // 2 + 1)), stream(bytes(MAX_INFLATED // 2))), "file_inflated"),
        (shown(stream(base64.a85encode(zlib.compress(bytes(MAX_INFLATED + 1))) + b"~>", b"/Filter [/ASCII85Decode /FlateDecode]", is_packed=False)), "file_inflated"),
        (shown(stream(zlib.compress(bytes(MAX_INFLATED + 1)).hex().encode() + b">", b"/Filter [/ASCIIHexDecode /FlateDecode]", is_packed=False)), "file_inflated"),
        (shown(stream(b"\x81q" * 20_000, b"/Filter /RunLengthDecode", is_packed=False)), "file_inflated"),
    ],
)  # fmt: skip
def test_what_unpacks_without_end_is_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_stream_may_hold_what_looks_like_the_beginning_of_one() -> None:
    words = b"q (>>stream\n) Tj Q"
    sent = shown(stream(zlib.compress(words, 0), b"/Filter /FlateDecode", is_packed=False))
    assert words in sent
    assert content_of(anew(sent)) == words


def test_words_about_streams_are_words() -> None:
    words = b"(a stream of streams, and a bitstream)" * 9
    sent = shown(stream(words, b"", is_packed=False))
    assert content_of(anew(sent)) == words


def test_more_packings_than_one_stream_has_are_not_tried() -> None:
    entries = b" ".join(b"/Filter [/ASCII85Decode /Own%d]" % number for number in range(5))
    assert code_of(shown(stream(b"q~>", entries, is_packed=False))) == "file_unreadable"


@rows(
    ("packed", "entries"),
    [
        (b"q Q", b""),
        (zlib.compress(b"q Q"), b"/Filter /FlateDecode"),
        (zlib.compress(b"q Q"), b"/Filter [/FlateDecode] /DecodeParms [null]"),
        (b"\r\n" + zlib.compress(b"q Q"), b"/Filter/Fl#61teDecode"),
        # Without its checksum, or with another's: readers do not mind.
        (zlib.compress(b"q Q")[:-4], b"/Filter /FlateDecode"),
        (zlib.compress(b"q Q")[:-1] + b"?", b"/Filter /FlateDecode"),
        (b"71205>", b"/Filter /ASCIIHexDecode"),
        (b"712051>", b"/Filter [/ASCIIHexDecode]"),
        (base64.a85encode(b"q Q", wrapcol=2) + b"~>", b"/Filter /ASCII85Decode"),
        (base64.a85encode(zlib.compress(b"q Q")) + b"~>", b"/Filter [ /ASCII85Decode /FlateDecode ]"),
        (b"\x02q Q\x80", b"/Filter /RunLengthDecode"),
        (b"\x00raw stream\n \xff", b"/Subtype /Image /Filter /DCTDecode"),
    ],
)
def test_what_is_packed_as_the_standard_has_it_passes(packed: bytes, entries: bytes) -> None:
    sent = shown(stream(packed, entries, is_packed=False))
    with suppress(pikepdf.PdfError):
        assert content_of(anew(sent)) == content_of(sent)


@pytest.mark.asvs("V5.2.3")
def test_objects_without_number_are_refused_before_they_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_OBJECTS", 5_000)
    monkeypatch.setattr(graph, "rewrite", None)
    for many in (
        shown(b"[" + b"0 " * 6_000 + b"]"),
        shown(stream(b"[] " * 3_000, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")),
        shown(stream(b"[] " * 3_000, b"/N 1 /F#69rst 4 /Filter /FlateDecode")),
    ):
        assert code_of(many) == "file_entries"
    monkeypatch.setattr(streams, "MAX_PLACES_BYTES", 5_000)
    places = stream(bytes(5_001), b"/Type /XRef /Size 9 /W [1 0 0] /Filter /FlateDecode")
    assert code_of(shown(places)) == "file_entries"
