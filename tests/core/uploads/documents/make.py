"""Makes the documents beside it again, with programs that tests do not ask for.

    pip install cairosvg fpdf2 img2pdf matplotlib pikepdf pillow pymupdf pypdf pypdfium2 reportlab typst weasyprint
    apt-get install chromium ghostscript libreoffice-writer-nogui poppler-utils texlive-latex-recommended texlive-luatex
    cd tests/core/uploads/documents && python make.py
"""  # fmt: skip

import json
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import cairosvg
import img2pdf
import matplotlib as mpl
import pikepdf
import pymupdf
import pypdfium2
import typst
import weasyprint
from fpdf import FPDF
from matplotlib import pyplot as plt
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A6
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

AUTHOR, TITLE = "Maud Ellis", "JavaScript"
PAGE = """<!doctype html><html lang=en><title>JavaScript</title><style>@page{size:A6}</style>
<h1>JavaScript</h1><p>Words and <a href="https://example.org/JavaScript">a link</a>,
<a href="mailto:maud@example.org">mail</a>, <a href="#end">the end</a>.
<table border=1><tr><td>1<td>2</table><h2 id=end style="color:red;opacity:.6">The end</h2>"""
LATEX = r"""\documentclass[a6paper]{article}\usepackage[a6paper]{geometry}\usepackage[colorlinks]{hyperref}
\hypersetup{pdftitle={JavaScript},pdfauthor={Maud Ellis}}\begin{document}\section{JavaScript}
\href{https://example.org/}{A link}, \ref{end}.\newpage BODY\section{End}\label{end}\end{document}"""
FORM = r"\begin{Form}\TextField[name=a]{Name}\CheckBox[name=b]{Yes}\end{Form}"
WRITER = """<?xml version="1.0"?><office:document office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.text"
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink">
<office:body><office:text><text:h text:outline-level="1">JavaScript</text:h>
<text:p>A <text:a xlink:href="https://example.org/">link</text:a> and a remark<office:annotation>
<dc:creator>Maud Ellis</dc:creator><text:p>well said</text:p></office:annotation>.</text:p>
</office:text></office:body></office:document>"""
TYPST = """#set document(title: "JavaScript", author: "Maud Ellis")\n#set page("a6")\n= JavaScript
#link("https://example.org")[A link], #link(<end>)[there].\n#pagebreak()\n= End <end>
#box(fill: gradient.linear(red, blue), width: 2cm, height: 1cm)\n$ sum_(i=1)^n i $\n"""

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><defs><linearGradient id="g">
<stop stop-color="red"/><stop offset="1" stop-color="blue" stop-opacity=".3"/></linearGradient></defs>
<rect width="90" height="60" fill="url(#g)"/><text x="9" y="30">JavaScript</text></svg>"""


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- commands of its own


def libreoffice(name: str, source: str, suffix: str, **options: Any) -> None:
    filled = {
        key: {"type": "boolean" if isinstance(value, bool) else "long", "value": str(value).lower()}
        for key, value in options.items()
    }
    kind = "writer_web_pdf_Export" if suffix == "html" else "writer_pdf_Export"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"in.{suffix}"
        path.write_text(source)
        run(
            "soffice", "--headless", "--convert-to", f"pdf:{kind}:{json.dumps(filled)}", "--outdir", folder,
            str(path),
        )  # fmt: skip
        Path(name).write_bytes(path.with_suffix(".pdf").read_bytes())


def latex(name: str, body: str = "", *, program: str = "pdflatex") -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.tex"
        path.write_text(LATEX.replace("BODY", body))
        for _ in range(2):
            run(program, "-interaction=batchmode", f"-output-directory={folder}", str(path))
        Path(name).write_bytes(path.with_suffix(".pdf").read_bytes())


def chromium(name: str, *options: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.html"
        path.write_text(PAGE)
        run(
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", *options, f"--print-to-pdf={name}",
            path.as_uri(),
        )  # fmt: skip


def reportlab(name: str, *, has_form: bool = False, **options: Any) -> None:
    page = canvas.Canvas(name, pagesize=A6, **options)
    page.setTitle(TITLE)
    page.setAuthor(AUTHOR)
    page.bookmarkPage("one")
    page.addOutlineEntry(TITLE, "one")
    page.drawString(20, 350, "Words about /JavaScript and /Launch")
    page.linkURL("https://example.org/JavaScript", (20, 345, 200, 365))
    if has_form:
        page.acroForm.textfield(name="name", x=20, y=250, width=100, height=20, value="typed")
        page.acroForm.checkbox(name="yes", x=20, y=200, checked=True)
    page.showPage()
    page.drawString(20, 350, "The end")
    page.linkRect("back", "one", (20, 345, 100, 365))
    page.save()


def platypus(name: str) -> None:
    words = Paragraph('Words and <a href="https://example.org/">a link</a>', getSampleStyleSheet()["Normal"])
    table = Table([["1", "2"], ["3", "<script>"]], style=[("GRID", (0, 0), (-1, -1), 1, "red")])
    SimpleDocTemplate(name, pagesize=A6, title=TITLE, author=AUTHOR).build([words, table])


def fpdf2(name: str, *, has_file: bool = False) -> None:
    page = FPDF(format="A5")
    page.add_page()
    page.set_font("helvetica", size=16)
    page.set_author(AUTHOR)
    page.start_section(TITLE)
    page.cell(text="Words and <script>", link="https://example.org/")
    page.set_display_mode("fullpage")
    page.add_page()
    page.cell(text="The end")
    if has_file:
        page.embed_file(basename="a.txt", bytes=b"words")
    page.output(name)


def fpdf2_table(name: str) -> None:
    page = FPDF(format="A5")
    page.add_page()
    page.set_font("times", size=12)
    page.set_lang("en")
    with page.table() as table:
        for cells in (("1", "2"), ("3", "<script>")):
            row = table.row()
            for cell in cells:
                row.cell(cell)
    page.text_annotation(20, 100, "well said")
    page.image(Image.linear_gradient("L").resize((32, 32)).convert("RGBA"), x=20, y=120)
    page.output(name)


def pictures() -> None:
    out, exif = BytesIO(), Image.Exif()
    exif[0x010E] = AUTHOR
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(out, "JPEG", exif=exif)
    Path("img2pdf.pdf").write_bytes(img2pdf.convert(out.getvalue()))
    with Image.open(out) as photo:
        photo.save("pillow.pdf", save_all=True, append_images=[Image.new("L", (8, 8), 99)])


def mupdf(name: str) -> None:
    made = pymupdf.open()
    page = made.new_page(width=200, height=200)
    page.insert_text((20, 50), TITLE)
    page.add_highlight_annot((20, 35, 90, 55))
    link = {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(20, 35, 90, 55), "uri": "https://example.org/"}
    page.insert_link(link)
    made.set_toc([[1, TITLE, 1]])
    made.save(name, deflate=True, use_objstms=1)


def mupdf_form(name: str) -> None:
    made = pymupdf.open()
    page = made.new_page(width=200, height=200)
    field = pymupdf.Widget()
    field.field_name, field.field_type, field.field_value = "a", pymupdf.PDF_WIDGET_TYPE_TEXT, "typed"
    field.rect = pymupdf.Rect(20, 20, 120, 40)
    page.add_widget(field)
    page.add_freetext_annot((20, 60, 120, 80), "well said")
    page.draw_circle((100, 120), 30, color=(1, 0, 0), fill=(0, 1, 0), fill_opacity=0.4)
    made.set_metadata({"title": TITLE, "author": AUTHOR})
    made.save(name, garbage=4, deflate=True)


def plots() -> None:
    mpl.use("pdf")
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([1, 2, 3], [3, 1, 2])
    figure.savefig("matplotlib.pdf")
    plt.rcParams["pdf.fonttype"] = 42
    figure.savefig("matplotlib_truetype.pdf")


def written_twice() -> None:
    """Make what is written from documents that are there."""
    for level, source in (("1.3", "reportlab"), ("1.7", "pdflatex_hyperref")):
        run(
            "gs", "-q", "-sDEVICE=pdfwrite", f"-dCompatibilityLevel={level}", "-o",
            f"ghostscript_{level}.pdf", f"{source}.pdf",
        )  # fmt: skip
    run("pdftocairo", "-pdf", "reportlab.pdf", "cairo.pdf")
    run("pdfunite", "reportlab.pdf", "typst.pdf", "poppler_merged.pdf")
    merged = PdfWriter()
    for name in ("reportlab_form", "fpdf2", "typst"):
        merged.append(f"{name}.pdf")
    merged.write("pypdf_merged.pdf")
    updated = PdfWriter(PdfReader("fpdf2.pdf"), incremental=True)
    updated.add_blank_page(100, 100)
    updated.write("pypdf_incremental.pdf")
    again = PdfWriter(PdfReader("pypdf_incremental.pdf"), incremental=True)
    again.add_outline_item(title=TITLE, page_number=0)
    again.write("pypdf_twice.pdf")
    with pypdfium2.PdfDocument.new() as joined:
        for name in ("fpdf2", "typst"):
            with pypdfium2.PdfDocument(f"{name}.pdf") as read:
                joined.import_pages(read)
        joined.save("pdfium_merged.pdf")
    with pikepdf.open("weasyprint.pdf") as read:
        read.save("pikepdf_packed.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)
        read.save("pikepdf_linearized.pdf", linearize=True)
    with pikepdf.new() as joined:
        for name in ("reportlab", "fpdf2", "matplotlib"):
            with pikepdf.open(f"{name}.pdf") as read:
                joined.pages.extend(read.pages)
        joined.save("pikepdf_merged.pdf")


libreoffice("libreoffice_writer.pdf", WRITER, "fodt")
libreoffice("libreoffice_remarks.pdf", WRITER, "fodt", ExportNotes=True, UseTaggedPDF=True)
libreoffice("libreoffice_archive.pdf", WRITER, "fodt", SelectPdfVersion=2)
libreoffice("libreoffice_web.pdf", PAGE, "html")
latex("pdflatex_hyperref.pdf")
latex("pdflatex_form.pdf", FORM)
latex("lualatex.pdf", program="lualatex")
chromium("chromium.pdf")
chromium("chromium_untagged.pdf", "--disable-pdf-tagging")
reportlab("reportlab.pdf")
reportlab("reportlab_form.pdf", has_form=True)
reportlab("reportlab_locked.pdf", encrypt="word")
reportlab("reportlab_plain.pdf", pageCompression=0)
platypus("reportlab_platypus.pdf")
fpdf2("fpdf2.pdf")
fpdf2("fpdf2_attached.pdf", has_file=True)
fpdf2_table("fpdf2_table.pdf")
weasyprint.HTML(string=PAGE).write_pdf("weasyprint.pdf")
weasyprint.HTML(string=PAGE).write_pdf("weasyprint_tagged.pdf", pdf_variant="pdf/ua-1")
weasyprint.HTML(string=PAGE).write_pdf(
    "weasyprint_attached.pdf", attachments=[weasyprint.Attachment(string="words", name="a.txt")]
)
typst.compile(TYPST.encode(), output="typst.pdf")
typst.compile(TYPST.encode(), output="typst_archive.pdf", pdf_standards=["a-2b"])
mupdf("mupdf.pdf")
mupdf_form("mupdf_form.pdf")
cairosvg.svg2pdf(bytestring=SVG.encode(), write_to="cairosvg.pdf")
pictures()
plots()
written_twice()
