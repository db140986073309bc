"""Documents are made anew: what is damaged, locked or endless is refused, nothing rides along, pages look as they did."""

import subprocess
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import InvalidInput
from bastide.core.uploads._pdf import is_available
from support.content import anew, code_of
from support.documents import PAGE, document, shown, what_is_in
from support.files import TRUE, archive, pdf, stream, update
from support.rows import rows
from support.tools import find_tool


def test_pikepdf_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_available()
    monkeypatch.setattr("bastide.core.uploads._pdf.find_spec", lambda _: None)
    assert not is_available()


@rows(
    "data",
    [
        pdf(),
        TRUE["pdf"],
        document(),
        document(object_stream_mode=pikepdf.ObjectStreamMode.generate),
        document(linearize=True),
        document(pages=3),
        update(document(), b"<</S /JavaScript>>"),
        b"".join((document(), b"\r\n" * 20)),
        shown(b"[" * 400 + b"]" * 400, page=PAGE.replace(b"/Contents", b"/CropBox")),
    ],
)
def test_documents_of_every_make_pass_and_the_same_gives_the_same(data: bytes) -> None:
    made = anew(data)
    assert made == anew(data)
    with pikepdf.open(BytesIO(data)) as before, pikepdf.open(BytesIO(made)) as after:
        assert len(after.pages) == len(before.pages)
        assert after.check_pdf_syntax() == []
    # What was made anew has nothing left to lose.
    assert anew(made) == made


# Each with the verdict on it; `documents/make.py` says how each was made.
VERDICTS = {
    "cairo": "", "cairosvg": "", "chromium": "", "chromium_untagged": "", "fpdf2": "",
    "fpdf2_attached": "file_attached", "fpdf2_table": "", "ghostscript_1.3": "", "ghostscript_1.7": "",
    "img2pdf": "", "libreoffice_archive": "", "libreoffice_remarks": "", "libreoffice_web": "",
    "libreoffice_writer": "", "lualatex": "", "matplotlib": "", "matplotlib_truetype": "", "mupdf": "",
    "mupdf_form": "", "pdfium_merged": "", "pdflatex_form": "", "pdflatex_hyperref": "",
    "pikepdf_linearized": "", "pikepdf_merged": "", "pikepdf_packed": "", "pillow": "", "poppler_merged": "",
    "pypdf_incremental": "", "pypdf_merged": "", "pypdf_twice": "", "reportlab": "", "reportlab_form": "",
    "reportlab_locked": "file_encrypted", "reportlab_plain": "", "reportlab_platypus": "", "typst": "",
    "typst_archive": "", "weasyprint": "", "weasyprint_attached": "file_attached", "weasyprint_tagged": "",
}  # fmt: skip
DOCUMENTS = Path(__file__).parent / "documents"
TAKEN = [name for name, verdict in VERDICTS.items() if not verdict]
# What readers use of them: addresses, bookmarks, tags, values of forms.
USED = frozenset(
    {
        "/Dest",
        "/URI",
        "/Outlines",
        "/StructTreeRoot",
        "/V",
        "/AP",
        "/PageLabels",
        "/QuadPoints",
        "/Lang",
    }
)


def sent_by(program: str) -> bytes:
    return (DOCUMENTS / f"{program}.pdf").read_bytes()


def test_every_document_has_its_verdict() -> None:
    assert {path.stem for path in DOCUMENTS.glob("*.pdf")} == VERDICTS.keys()


@pytest.mark.asvs("V5.2.2", "V14.2.8")
@rows("program", sorted(VERDICTS))
def test_what_ordinary_programs_write_is_taken_and_keeps_its_use(program: str) -> None:
    sent = sent_by(program)
    if VERDICTS[program]:
        assert code_of(sent) == VERDICTS[program]
        return
    before, after = what_is_in(sent), what_is_in(anew(sent))
    assert {text for text in before if text.startswith(("https://", "mailto:"))} <= after
    # A link to a page that is not in the document led nowhere before.
    assert before & USED <= after | ({"/Dest"} if program == "poppler_merged" else set())
    assert after.isdisjoint({"Maud Ellis", "/Metadata", "/Producer", "/Creator", "trailer/Info"})


@rows("program", TAKEN)
def test_pages_look_as_they_did_to_the_pixel(program: str, tmp_path: Path) -> None:
    draw = find_tool("pdftoppm", package="poppler-utils")
    pages = []
    for name, data in (("before", sent_by(program)), ("after", anew(sent_by(program)))):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / f"{name}.pdf").write_bytes(data)
        command = [draw, "-r", "96", tmp_path / f"{name}.pdf", tmp_path / name / program]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- Debian's own
        pages.append([path.read_bytes() for path in sorted((tmp_path / name).glob(f"{program}-*"))])
    assert pages[0] == pages[1] != []


@pytest.mark.asvs("V5.2.2")
@rows(
    ("data", "code"),
    [
        (b"", "file_broken"),
        (b"%PDF-9.9\nstartxref\n0\n%%EOF", "file_broken"),
        (b"%PDF-1.7\nstartxref\n0\n%%EOF", "file_broken"),
        (document()[:-30], "file_broken"),
        (document()[: len(document()) // 2], "file_broken"),
        (b"junk" + document(), "file_broken"),
        (document() + b"more" * 300, "file_broken"),
        (pdf(catalogue=b"/Pages 99 0 R"), "file_broken"),
        (pdf(pages=b"<</Type /Pages /Kids [] /Count 0>>"), "file_broken"),
        (pdf(pages=b"<</Type /Pages /Kids [2 0 R] /Count 1>>"), "file_broken"),
        (pdf(pages=b"<</Type /Pages /Kids [7] /Count 1>>"), "file_broken"),
        (pdf(page=b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents [99 0 R]>>"), "file_broken"),
        (shown(stream(b"not packed", is_packed=False)), "file_broken"),
        (shown(stream(b"q", b"/Filter /ASCIIHexDecode", is_packed=False)), "file_broken"),
        (shown(stream(b"\x80~>", b"/Filter /ASCII85Decode", is_packed=False)), "file_broken"),
        (shown(stream(b"q", b"/Filter /LZWDecode", is_packed=False)), "file_unreadable"),
        (shown(stream(b"q", b"/Filter [/Crypt /FlateDecode]")), "file_unreadable"),
        (shown(stream(b"q", b"/Filter [/FlateDecode /FlateDecode]")), "file_unreadable"),
        (shown(stream(b"q", b"/Filter [/ASCII85Decode /ASCIIHexDecode]")), "file_unreadable"),
        (shown(stream(b"q", b"/F#69lter 5 0 R"), b"/FlateDecode"), "file_unreadable"),
        (shown(stream(b"q", b"/Filter [5 0 R]"), b"/FlateDecode"), "file_unreadable"),
        (shown(b"<<>>\nstream\nwithout an end"), "file_unreadable"),
        (shown(b"<<>>\nstream\n" * 5 + b"\nendstream"), "file_unreadable"),
    ],
)  # fmt: skip
def test_what_is_damaged_or_cannot_be_weighed_is_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.asvs("V5.2.2")
def test_what_is_another_file_too_is_none_any_more() -> None:
    page = b"<html><script>alert(1)</script>"
    for sent in (
        shown(stream(page, b"", is_packed=False)),
        pdf(b"(%b)" % page),
        b"%PDF-1.7\n" + page + document()[9:],
        update(document(), b"(PK\x05\x06" + bytes(18) + b")"),
        shown(stream(archive(), b"", is_packed=False)),
        pdf(stream(archive(), b"", is_packed=False)),
        document() + archive(),
    ):
        made = anew(sent)
        assert made.startswith(b"%PDF-1.")
        assert made.endswith(b"\n%%EOF\n")
        assert page not in made
        with pytest.raises(BadZipFile):
            ZipFile(BytesIO(made))


@pytest.mark.asvs("V5.2.2")
@rows(
    "hidden",
    [
        b"PK\x03\x04" + bytes(40) + b"PK\x05\x06" + bytes(18),
        b"Rar!\x1a\x07\x01\x00",
        b"7z\xbc\xaf\x27\x1c\x00\x04",
        b"<html><script>alert(1)</script>",
    ],
)
def test_what_would_still_be_one_is_refused(hidden: bytes) -> None:
    sent = shown(stream(hidden, b"/Subtype /Image /Filter /DCTDecode", is_packed=False))
    assert code_of(sent) == "file_hidden"


@given(st.binary(max_size=300))
def test_any_bytes_between_are_judged_and_never_an_error(data: bytes) -> None:
    for made in (data, pdf(data), shown(stream(data)), shown(stream(data, is_packed=False))):
        with suppress(InvalidInput):
            anew(made)


@given(st.data())
def test_any_byte_may_be_another(draw: st.DataObject) -> None:
    sent = document(object_stream_mode=pikepdf.ObjectStreamMode.generate)
    at = draw.draw(st.integers(0, len(sent) - 1))
    with suppress(InvalidInput):
        anew(sent[:at] + bytes([draw.draw(st.integers(0, 255))]) + sent[at + 1 :])
