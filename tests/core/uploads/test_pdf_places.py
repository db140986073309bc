"""What stays in a document, what is cut and what has it refused, by where it stands."""

from collections.abc import Callable
from typing import Any

import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from support.content import anew, code_of
from support.documents import annotation, document, link, what_is_in
from support.rows import rows

Plant = Callable[[Pdf], Any]
NUMBER = 7


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("harmless"))


def act(kind: str, **entries: Any) -> Plant:
    """Plant a link whose action is of the kind, beside the link that pages have."""
    return lambda made: made.pages[0].Annots.append(link(made, kind=kind, **entries))


def remark(kind: str, **entries: Any) -> Plant:
    return lambda made: made.pages[0].Annots.append(annotation(made, kind, **entries))


def at_root(key: str, make: Callable[[Pdf], Any]) -> Plant:
    def plant(made: Pdf) -> None:
        made.Root[key] = make(made)

    return plant


def at_page(key: str, make: Callable[[Pdf], Any]) -> Plant:
    def plant(made: Pdf) -> None:
        made.pages[0].obj[key] = make(made)

    return plant


def attached(made: Pdf) -> Dictionary:
    file = made.make_stream(b"harmless", Type=Name.EmbeddedFile)
    return Dictionary(Type=Name.Filespec, F=String("a.txt"), EF=Dictionary(F=file))


def names(key: str, value: Callable[[Pdf], Any]) -> Plant:
    return at_root("/Names", lambda made: Dictionary({key: Dictionary(Names=[String("a"), value(made)])}))


def drawing(made: Pdf, kind: str = "/Form", **entries: Any) -> Any:
    made_drawing = made.make_stream(
        b"0 0 9 9 re f", Type=Name.XObject, Subtype=Name(kind), BBox=[0, 0, 9, 9], **entries
    )
    made.pages[0].Resources.XObject = Dictionary(D1=made_drawing)
    return made_drawing


def picture(made: Pdf, data: bytes = b"\0", **entries: Any) -> None:
    drawn = drawing(
        made, "/Image", Width=1, Height=1, BitsPerComponent=8, ColorSpace=Name.DeviceGray, **entries
    )
    drawn.write(data)


def form(made: Pdf, *, extra: dict[str, Any] | None = None, **entries: Any) -> Any:
    own = {"FT": Name.Tx, "T": String("field"), "V": String("typed"), "DA": String("/F1 9 Tf")}
    shown = made.make_stream(b"q Q", Subtype=Name.Form, BBox=[0, 0, 9, 9])
    field = annotation(made, "/Widget", AP=Dictionary(N=shown), **{**own, **entries})
    made.pages[0].Annots.append(field)
    made.Root.AcroForm = Dictionary(Fields=[field], **(extra or {}))
    return field


def outline(**entries: Any) -> Plant:
    def plant(made: Pdf) -> None:
        item = made.make_indirect(Dictionary(**{"Title": String("A chapter"), **entries}))
        root = made.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))
        item.Parent = root
        made.Root.Outlines = root

    return plant


def first_page(made: Pdf, view: str = "/Fit") -> Array:
    return Array([made.pages[0].obj, Name(view)])


def xmp(made: Pdf) -> Any:
    return made.make_stream(b"<x:xmpmeta/>", Type=Name.Metadata, Subtype=Name.XML)


def unlisted_page(made: Pdf) -> Any:
    hidden = made.make_stream(b"BT (hidden) Tj ET", Marked=Name.Hidden)
    return made.make_indirect(Dictionary(Type=Name.Page, MediaBox=[0, 0, 9, 9], Contents=hidden))


CUT: dict[str, tuple[Plant, str]] = {
    "a script when opened": (at_root("/OpenAction", lambda _: script()), "/JavaScript"),
    "a program when opened": (at_root("/OpenAction", lambda _: Dictionary(S=Name.Launch, F=String("a.exe"))), "/Launch"),
    "an address when opened": (
        at_root("/OpenAction", lambda _: Dictionary(S=Name.URI, URI=String("https://opened.example/"))), "https://opened.example/",
    ),
    "print when opened": (at_root("/OpenAction", lambda _: Dictionary(S=Name.Named, N=Name.Print)), "/Print"),
    "a script of the document's events": (at_root("/AA", lambda _: Dictionary(WC=script())), "/AA"),
    "a script of the page's events": (at_page("/AA", lambda _: Dictionary(O=script())), "/AA"),
    "a script by name": (names("/JavaScript", lambda _: script()), "/JavaScript"),
    "a page to be made by a script": (names("/Templates", unlisted_page), "/Hidden"),
    "a link to a script": (act("/JavaScript", JS="harmless"), "/JavaScript"),
    "a link to a program": (act("/Launch", F="a.exe"), "/Launch"),
    "a link into another file": (act("/GoToR", F="a.pdf"), "/GoToR"),
    "a link into an attached file": (act("/GoToE", T=Dictionary(R=Name.C)), "/GoToE"),
    "a link that sends a form": (act("/SubmitForm", F="https://sent.example/"), "/SubmitForm"),
    "a link that fills a form": (act("/ImportData", F="a.fdf"), "/ImportData"),
    "a link that empties a form": (act("/ResetForm"), "/ResetForm"),
    "a link that plays": (act("/Rendition", OP=0), "/Rendition"),
    "a link that sounds": (act("/Sound", Volume=1), "/Sound"),
    "a link that shows a film": (act("/Movie", Operation=Name.Play), "/Movie"),
    "a link that hides": (act("/Hide", T="field"), "/Hide"),
    "a link that turns layers": (act("/SetOCGState", State=Array()), "/SetOCGState"),
    "a link that turns a model": (act("/GoTo3DView", V=0), "/GoTo3DView"),
    "a link to a thread": (act("/Thread", D=0), "/Thread"),
    "a link to a script as address": (act("/URI", URI="javascript:harmless"), "javascript:harmless"),
    "a link to a file": (act("/URI", URI="file:///etc/hostname"), "file:///etc/hostname"),
    "a link to data": (act("/URI", URI="data:text/html,words"), "data:text/html,words"),
    "a link with a line's end in it": (act("/URI", URI="https://a.example/\njavascript:"), "https://a.example/\njavascript:"),
    "a link to a place nobody knows": (act("/URI", URI="elsewhere.html"), "elsewhere.html"),
    "an address that is no text": (act("/URI", URI=Name.JavaScript), "/JavaScript"),
    "an action behind a link": (act("/URI", URI="https://a.example/", Next=script()), "/Next"),
    "a menu's command": (act("/Named", N=Name.SaveAs), "/SaveAs"),
    "an action without a kind": (act("/None", JS="harmless"), "/JS"),
    "a link's second action": (remark("/Link", PA=Dictionary(S=Name.URI, URI=String("https://b.example/"))), "/PA"),
    "a script of a bookmark": (outline(A=script()), "/JavaScript"),
    "a script of a field's events": (lambda made: form(made, AA=Dictionary(F=script())), "/AA"),
    "a script of a button": (lambda made: form(made, A=script()), "/JavaScript"),
    "the order of a form's scripts": (lambda made: form(made, extra={"CO": Array()}), "/CO"),
    "a form twice": (lambda made: form(made, extra={"XFA": made.make_stream(b"<xdp/>")}), "/XFA"),
    "a field as markup": (lambda made: form(made, RV=String("<body>")), "/RV"),
    "a signature": (
        lambda made: form(made, FT=Name.Sig, V=Dictionary(Type=Name.Sig, ByteRange=[0, 1, 2, 3])), "/ByteRange",
    ),
    "what a signature allows": (at_root("/Perms", lambda _: Dictionary(DocMDP=Dictionary())), "/Perms"),
    "keys of signatures": (at_root("/DSS", lambda _: Dictionary()), "/DSS"),
    "an associated file": (at_root("/AF", lambda made: Array([attached(made)])), "/EmbeddedFile"),
    "a page's associated file": (at_page("/AF", lambda made: Array([attached(made)])), "/EmbeddedFile"),
    "a drawing's associated file": (lambda made: drawing(made, AF=Array([attached(made)])), "/EmbeddedFile"),
    "what others say of the document": (at_root("/Metadata", xmp), "/Metadata"),
    "what others say of a page": (at_page("/Metadata", xmp), "/Metadata"),
    "what others say of a drawing": (lambda made: drawing(made, Metadata=xmp(made)), "/Metadata"),
    "the author": (lambda made: made.docinfo.__setitem__("/Author", String("Maud Ellis")), "Maud Ellis"),
    "when a page was changed": (at_page("/LastModified", lambda _: String("D:20260101")), "/LastModified"),
    "what programs keep in a page": (at_page("/PieceInfo", lambda _: Dictionary(App=Dictionary())), "/PieceInfo"),
    "what programs keep in the document": (at_root("/PieceInfo", lambda _: Dictionary(App=Dictionary())), "/PieceInfo"),
    "a small picture of the page": (at_page("/Thumb", lambda made: made.make_stream(b"\0", Width=1, Height=1)), "/Thumb"),
    "where pages came from": (at_root("/SpiderInfo", lambda _: Dictionary(V=1)), "/SpiderInfo"),
    "where links begin": (at_root("/URI", lambda _: Dictionary(Base=String("https://base.example/"))), "/Base"),
    "threads of articles": (at_root("/Threads", lambda _: Array([Dictionary(I=Dictionary())])), "/Threads"),
    "what a reader must run": (at_root("/Requirements", lambda _: Array([Dictionary(S=Name.EnableJavaScripts)])), "/EnableJavaScripts"),
    "a drawing of another file": (lambda made: drawing(made, Ref=Dictionary(F=String("a.pdf"), Page=0)), "/Ref"),
    "a drawing in another language": (lambda made: drawing(made, "/PS"), "/PS"),
    "a picture's stand-in for presses": (lambda made: picture(made, OPI=Dictionary({"/2.0": Dictionary(F=String("a.tif"))})), "/OPI"),
    "other sizes of a picture": (lambda made: picture(made, Alternates=Array([Dictionary(DefaultForPrinting=True)])), "/Alternates"),
    "marks for printers": (remark("/PrinterMark", AP=Dictionary()), "/PrinterMark"),
    "who wrote a remark": (remark("/Text", T=String("Maud Ellis"), Contents=String("well")), "Maud Ellis"),
    "a bookmark on a page that is none": (lambda made: outline(Dest=Array([unlisted_page(made), Name.Fit]))(made), "/Hidden"),
    "a name of a page that is none": (names("/Dests", lambda made: Array([unlisted_page(made), Name.Fit])), "/Hidden"),
    "a link to a page that is none": (lambda made: remark("/Link", Dest=Array([unlisted_page(made), Name.Fit]))(made), "/Hidden"),
    "a link to no page at all": (remark("/Link", Dest=Array()), "/Dest"),
    "a page above a link that is none": (lambda made: remark("/Link", P=unlisted_page(made))(made), "/Hidden"),
    "a dictionary for a word": (at_root("/Lang", lambda _: Dictionary(JS=String("harmless"))), "/JS"),
    "a stream for words": (at_root("/ViewerPreferences", lambda made: made.make_stream(b"words", Marked=Name.Hidden)), "/Hidden"),
    "a dictionary among numbers": (at_page("/CropBox", lambda _: Array([0, 0, 9, Dictionary(JS=String("x"))])), "/JS"),
    "an object of no use": (lambda made: made.make_indirect(script()), "/JavaScript"),
    "a key of the trailer": (lambda made: made.trailer.__setitem__("/Extra", script()), "/JavaScript"),
}  # fmt: skip

REFUSED: dict[str, tuple[Plant, str]] = {
    "attached files": (names("/EmbeddedFiles", attached), "file_attached"),
    "a portfolio": (at_root("/Collection", lambda _: Dictionary(View=Name.D)), "file_attached"),
    "an attached file on a page": (remark("/FileAttachment", Name=Name.PushPin), "file_attached"),
    "a film": (remark("/Movie", Movie=Dictionary(F=String("a.mov"))), "file_media"),
    "a sound": (remark("/Sound", Name=Name.Speaker), "file_media"),
    "a screen": (remark("/Screen", T=String("film")), "file_media"),
    "rich media": (remark("/RichMedia", RichMediaContent=Dictionary()), "file_media"),
    "a model": (remark("/3D", **{"3DD": Dictionary()}), "file_media"),
    "a form for other programs": (
        at_root("/AcroForm", lambda made: Dictionary(Fields=[], XFA=made.make_stream(b"<xdp/>"))), "file_form",
    ),
    "a form that is drawn when opened": (
        lambda made: (form(made, extra={"XFA": made.make_stream(b"<xdp/>")}), made.Root.__setitem__("/NeedsRendering", True)), "file_form",
    ),
    "a picture that is elsewhere": (lambda made: picture(made, F=String("https://far.example/a.png")), "file_external"),
    "words that are elsewhere": (
        at_page("/Contents", lambda made: made.make_stream(b"", F=Dictionary(F=String("a.txt")))), "file_external",
    ),
}  # fmt: skip


def kept_form(made: Pdf) -> None:
    form(made, MK=Dictionary(BG=Array([1, 1, 1]), CA=String("caption")))


def layered(made: Pdf) -> None:
    layer = made.make_indirect(
        Dictionary(
            Type=Name.OCG, Name=String("A layer"), Usage=Dictionary(Print=Dictionary(PrintState=Name.OFF))
        )
    )
    made.Root.OCProperties = Dictionary(OCGs=[layer], D=Dictionary(ON=[layer], Order=Array([Array([layer])])))
    made.pages[0].Resources.Properties = Dictionary(L1=layer)


def tagged(made: Pdf) -> None:
    root = made.make_indirect(Dictionary(Type=Name.StructTreeRoot, RoleMap=Dictionary(Chapter=Name.H1)))
    tag = made.make_indirect(
        Dictionary(
            Type=Name.StructElem,
            S=Name.Chapter,
            P=root,
            Pg=made.pages[0].obj,
            Alt=String("said aloud"),
            K=Array([0, Dictionary(Type=Name.OBJR, Obj=made.pages[0].Annots[0])]),
            A=Dictionary(O=Name.Layout, BBox=[0, 0, 9, 9]),
        )
    )
    root.K = tag
    root.ParentTree = Dictionary(Nums=[0, Array([tag])])
    made.Root.StructTreeRoot = root
    made.Root.MarkInfo = Dictionary(Marked=True)


def patterned(made: Pdf) -> None:
    ramp = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0], C1=[1], N=1)
    shading = Dictionary(ShadingType=2, ColorSpace=Name.DeviceGray, Coords=[0, 0, 9, 9], Function=ramp)
    made.pages[0].Resources.update(
        Dictionary(
            Pattern=Dictionary(P1=Dictionary(PatternType=2, Shading=shading)),
            Shading=Dictionary(S1=shading),
            ColorSpace=Dictionary(C1=Array([Name.Separation, Name.Gold, Name.DeviceGray, ramp])),
            ExtGState=Dictionary(G1=Dictionary(ca=0.5, SMask=Dictionary(S=Name.Luminosity, G=drawing(made)))),
        )
    )


KEPT: dict[str, tuple[Plant, set[str]]] = {
    "words, a font and a link": (lambda _: None, {"/Helvetica", "https://example.org/", "/Contents"}),
    "a place to open at": (at_root("/OpenAction", first_page), {"/OpenAction", "/Fit"}),
    "a place to open at as action": (
        at_root("/OpenAction", lambda made: Dictionary(S=Name.GoTo, D=first_page(made, "/FitB"))), {"/GoTo", "/FitB"},
    ),
    "a bookmark on a page": (lambda made: outline(Dest=first_page(made, "/FitH"))(made), {"A chapter", "/FitH"}),
    "a bookmark by name": (outline(A=Dictionary(S=Name.GoTo, D=String("a name"))), {"A chapter", "a name"}),
    "names of places": (names("/Dests", lambda made: Dictionary(D=first_page(made, "/FitV"))), {"/Dests", "/FitV"}),
    "names of places as lists": (names("/Dests", lambda made: first_page(made, "/FitV")), {"/Dests", "/FitV"}),
    "names of places, the old way": (at_root("/Dests", lambda made: Dictionary(a=first_page(made, "/FitR"))), {"/a", "/FitR"}),
    "numbers of pages": (at_root("/PageLabels", lambda _: Dictionary(Nums=[0, Dictionary(S=Name.r, P=String("v-"))])), {"/r", "v-"}),
    "a link by mail": (act("/URI", URI="mailto:maud@example.org"), {"mailto:maud@example.org"}),
    "a link without its lock": (act("/URI", URI="HTTP://example.org/a b"), {"HTTP://example.org/a b"}),
    "a link to the next page": (act("/Named", N=Name.NextPage), {"/NextPage"}),
    "a link to a page": (lambda made: remark("/Link", Dest=first_page(made, "/FitBV"))(made), {"/FitBV"}),
    "a link to a page by number": (remark("/Link", Dest=Array([0, Name.FitBH])), {"/FitBH"}),
    "a filled form": (kept_form, {"/Widget", "typed", "field", "caption", "/AP"}),
    "the shown part of a signed form": (lambda made: form(made, FT=Name.Sig), {"/Sig", "/AP"}),
    "a remark": (
        lambda made: remark("/Highlight", Contents=String("well said"), QuadPoints=[0, 0, 9, 0, 0, 9, 9, 9], AP=Dictionary(N=drawing(made)))(made),
        {"/Highlight", "well said", "/QuadPoints", "/AP"},
    ),
    "states of a button": (
        lambda made: form(made).AP.__setitem__("/N", Dictionary(Yes=drawing(made), Off=made.make_stream(b""))), {"/Yes", "/Off"},
    ),
    "layers": (layered, {"A layer", "/OCProperties", "/Order", "/PrintState"}),
    "tags for reading aloud": (tagged, {"said aloud", "/StructElem", "/OBJR", "/ParentTree", "/RoleMap", "/Chapter"}),
    "patterns and colours": (patterned, {"/Pattern", "/Shading", "/Gold", "/Function", "/SMask", "/Luminosity"}),
    "a language": (at_root("/Lang", lambda _: String("de-CH")), {"de-CH"}),
    "how it is shown": (at_root("/ViewerPreferences", lambda _: Dictionary(DisplayDocTitle=True)), {"/DisplayDocTitle"}),
    "how a page comes": (at_page("/Trans", lambda _: Dictionary(S=Name.Dissolve)), {"/Dissolve"}),
    "words about scripts": (
        lambda made: (outline(Title=String("/JavaScript /Launch <script> /EmbeddedFile"))(made), act("/URI", URI="https://example.org/JavaScript")(made)),
        {"/JavaScript /Launch <script> /EmbeddedFile", "https://example.org/JavaScript"},
    ),
    "a tree of attached files without any": (at_root("/Names", lambda _: Dictionary(EmbeddedFiles=Dictionary(Names=[]))), {"/Contents"}),
}  # fmt: skip


@pytest.mark.asvs("V5.2.2", "V14.2.8")
@rows("label", sorted(CUT))
def test_what_acts_or_tells_is_cut_and_the_page_stays(label: str) -> None:
    plant, mark = CUT[label]
    sent = document(plant)
    if label != "an object of no use":
        assert mark in what_is_in(sent)
    kept = what_is_in(anew(sent))
    assert mark not in kept
    assert {"/Helvetica", "https://example.org/", "/Contents"} <= kept


@pytest.mark.asvs("V5.2.2")
@rows("label", sorted(REFUSED))
def test_what_cannot_be_cut_unseen_has_the_document_refused(label: str) -> None:
    plant, code = REFUSED[label]
    assert code_of(document(plant)) == code


@rows("label", sorted(KEPT))
def test_what_readers_see_and_use_stays(label: str) -> None:
    plant, marks = KEPT[label]
    sent = document(plant)
    assert marks <= what_is_in(sent)
    assert marks <= what_is_in(anew(sent))
