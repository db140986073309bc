"""The table of what a document is made anew from: the keys that stand at each place, and what is under them.

A key that its place does not have is cut, whatever is under it; ``REFUSED`` names what cannot be cut without
changing what a reader sees or gets. Words, wherever they stand, are no part of this.
"""

from collections.abc import Mapping
from typing import Final

# Words, numbers, names, and lists of them; a dictionary or a stream is cut.
PLAIN: Final = "plain"
# Points back at what stands elsewhere in the document; kept if that is kept.
BACK: Final = "back"
# Any key of the dictionary.
ANY: Final = "*"


def _plain(names: str) -> dict[str, str]:
    return dict.fromkeys((f"/{name}" for name in names.split()), PLAIN)


# 7.3.8.2; the length is the writer's.
STREAM: Final[Mapping[str, str]] = {**_plain("Length Filter"), "/DecodeParms": "parameters"}
_TREE: Final[Mapping[str, str]] = _plain("Limits")
_FIELD: Final[Mapping[str, str]] = {
    **_plain("FT T TU Ff V DV DA DS Q MaxLen Opt TI I"),
    "/Parent": BACK, "/Kids": "field",
}  # fmt: skip
_ANNOTATION: Final[Mapping[str, str]] = {
    **_plain("Type Subtype Rect Contents F C Border StructParent AS Lang BM CA ca"),
    "/P": BACK, "/BS": "words", "/BE": "words", "/AP": "appearances", "/OC": "layer",
}  # fmt: skip
_IMAGE: Final[Mapping[str, str]] = {
    **_plain("Width Height BitsPerComponent Intent ImageMask Decode Interpolate SMaskInData Matte"),
    "/ColorSpace": "colour", "/Mask": "drawing", "/SMask": "drawing",
}  # fmt: skip

# Sections are those of ISO 32000-2.
PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    # The document (7.7.2, 7.7.4, 12.2, 12.3, 14.8, 14.11.5).
    "catalogue": {
        **_plain("Type PageMode PageLayout Lang"),
        "/ViewerPreferences": "words", "/MarkInfo": "words", "/PageLabels": "labels", "/Outlines": "outline",
        "/OpenAction": "opening", "/Dests": "named places", "/Names": "names", "/AcroForm": "form",
        "/OCProperties": "layers", "/OutputIntents": "intent", "/StructTreeRoot": "tags",
    },
    "words": {ANY: PLAIN},
    "names": {"/Dests": "names of places"},
    "names of places": {**_TREE, "/Names": "destinations", "/Kids": "names of places"},
    "named places": {ANY: "destination"},
    "destinations": {},
    "destination": {"/D": "destination"},
    "labels": {**_TREE, "/Nums": "label", "/Kids": "labels"},
    "label": _plain("Type S P St"),
    "outline": {
        **_plain("Type Count Title C F"),
        "/First": "outline", "/Last": BACK, "/Next": "outline", "/Prev": BACK, "/Parent": BACK,
        "/Dest": "destination", "/A": "action",
    },
    "intent": {
        **_plain("Type S OutputCondition OutputConditionIdentifier RegistryName Info"),
        "/DestOutputProfile": "profile",
    },
    "profile": _plain("N Range"),
    "layers": {"/OCGs": "layer", "/D": "layer states", "/Configs": "layer states"},
    "layer states": {
        **_plain("Name BaseState Intent ListMode"),
        "/ON": "layer", "/OFF": "layer", "/Order": "layer", "/RBGroups": "layer", "/Locked": "layer",
        "/AS": "layer use",
    },
    "layer use": {**_plain("Event Category"), "/OCGs": "layer"},
    "layer": {**_plain("Type Name Intent P"), "/Usage": "layer uses", "/OCGs": "layer", "/VE": "layer"},
    "layer uses": dict.fromkeys(
        ("/Language", "/Export", "/Zoom", "/Print", "/View", "/PageElement"), "words"
    ),
    # Tags, by which documents are read aloud (14.7).
    "tags": {
        **_plain("Type ParentTreeNextKey"),
        "/K": "tag", "/IDTree": "tags by name", "/ParentTree": "tags by number", "/RoleMap": "words",
        "/ClassMap": "tag looks",
    },
    "tags by name": {**_TREE, "/Names": "tag", "/Kids": "tags by name"},
    "tags by number": {**_TREE, "/Nums": "tag", "/Kids": "tags by number"},
    "tag": {
        **_plain("Type S ID C R T Lang Alt E ActualText MCID"),
        "/P": BACK, "/Pg": BACK, "/Stm": BACK, "/Obj": BACK, "/K": "tag", "/A": "words",
    },
    "tag looks": {ANY: "words"},
    # Pages (7.7.3.3, 12.4.4).
    "page": {
        **_plain("Type MediaBox CropBox BleedBox TrimBox ArtBox Rotate StructParents Tabs UserUnit Dur"),
        "/Parent": BACK, "/Resources": "resources", "/Contents": "content", "/Group": "group",
        "/Annots": "annotation", "/Trans": "words",
    },
    "content": {},
    # What pages draw with (7.8.3, 8, 9, 11).
    "resources": {
        **_plain("ProcSet"),
        "/ExtGState": "states", "/ColorSpace": "colours", "/Pattern": "patterns", "/Shading": "shadings",
        "/XObject": "drawings", "/Font": "fonts", "/Properties": "properties",
        # Of forms alone.
        "/Encoding": "encodings",
    },
    "states": {ANY: "state"},
    "state": {
        **_plain("Type LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK UseBlackPtComp"),
        "/Font": "font", "/SMask": "mask", "/BG": "function", "/BG2": "function", "/UCR": "function",
        "/UCR2": "function", "/TR": "function", "/TR2": "function",
    },
    "mask": {**_plain("Type S BC"), "/G": "drawing", "/TR": "function"},
    "function": {
        **_plain("FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N Bounds"),
        "/Functions": "function",
    },
    "colours": {ANY: "colour"},
    # Lists of names, streams, functions and what these four kinds of dictionaries hold.
    "colour": {
        **_plain("WhitePoint BlackPoint Gamma Matrix Range N Subtype Components Solidities PrintingOrder"),
        **_plain("FunctionType Domain Size BitsPerSample Order Encode Decode C0 C1 Bounds"),
        "/Functions": "function", "/Alternate": "colour", "/Colorants": "colours", "/Process": "colour",
        "/ColorSpace": "colour",
    },
    "patterns": {ANY: "pattern"},
    "pattern": {
        **_plain("Type PatternType PaintType TilingType BBox XStep YStep Matrix"),
        "/Resources": "resources", "/Shading": "shading", "/ExtGState": "state",
    },
    "shadings": {ANY: "shading"},
    "shading": {
        **_plain("ShadingType Background BBox AntiAlias Coords Domain Extend Matrix BitsPerCoordinate"),
        **_plain("BitsPerComponent BitsPerFlag Decode VerticesPerRow"),
        "/ColorSpace": "colour", "/Function": "function",
    },
    "drawings": {ANY: "drawing"},
    "drawing": {
        **_IMAGE, **_plain("Type Subtype Name BBox Matrix FormType StructParent StructParents"),
        "/Resources": "resources", "/Group": "group", "/OC": "layer",
    },
    "group": {**_plain("Type S I K"), "/CS": "colour"},
    "properties": {ANY: "property"},
    "property": {
        **_plain("Type Name Intent P MCID ActualText Alt E Lang BBox Attached Subtype O"),
        "/Usage": "layer uses", "/OCGs": "layer", "/VE": "layer",
    },
    "fonts": {ANY: "font"},
    "font": {
        **_plain("Type Subtype BaseFont Name FirstChar LastChar Widths DW W DW2 W2 FontBBox FontMatrix"),
        "/FontDescriptor": "font description", "/Encoding": "encoding", "/ToUnicode": "encoding",
        "/DescendantFonts": "font", "/CIDSystemInfo": "words", "/CIDToGIDMap": "content",
        "/CharProcs": "glyphs", "/Resources": "resources",
    },
    "glyphs": {ANY: "content"},
    "encodings": {ANY: "encoding"},
    "encoding": {
        **_plain("Type BaseEncoding Differences CMapName WMode"),
        "/CIDSystemInfo": "words", "/UseCMap": "encoding",
    },
    "font description": {
        **_plain("Type FontName FontFamily FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent"),
        **_plain("Leading CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth CharSet Lang"),
        "/FontFile": "font program", "/FontFile2": "font program", "/FontFile3": "font program",
        "/CIDSet": "content", "/Style": "words", "/FD": "font descriptions",
    },
    "font descriptions": {ANY: "font description"},
    "font program": _plain("Length1 Length2 Length3 Subtype"),
    "parameters": {
        **_plain("Predictor Colors BitsPerComponent Columns EarlyChange K EndOfLine EncodedByteAlign Rows"),
        **_plain("EndOfBlock BlackIs1 DamagedRowsBeforeError ColorTransform"),
        "/JBIG2Globals": "content",
    },
    # Links, forms and remarks (12.5, 12.6, 12.7).
    "link": {**_ANNOTATION, **_plain("H QuadPoints"), "/A": "action", "/Dest": "destination"},
    "field": {**_ANNOTATION, **_FIELD, **_plain("H"), "/MK": "looks", "/A": "action"},
    "remark": {
        **_ANNOTATION,
        **_plain("QuadPoints L LE IC LL LLE LLO Cap CP CO Vertices InkList DA DS Q RD CL IT Open Name Sy"),
        **_plain("RT State StateModel OverlayText Repeat"),
        "/Popup": "annotation", "/Parent": BACK, "/IRT": BACK,
    },
    "appearances": {"/N": "appearance", "/R": "appearance", "/D": "appearance"},
    # One drawing, or one for each state.
    "appearance": {ANY: "drawing"},
    "looks": {
        **_plain("R BC BG CA RC AC TP"),
        "/I": "drawing", "/RI": "drawing", "/IX": "drawing", "/IF": "words",
    },
    "form": {**_plain("NeedAppearances DA Q"), "/Fields": "field", "/DR": "resources"},
    "action": {**_plain("Type S URI IsMap N"), "/D": "destination"},
    "opening": {**_plain("Type S"), "/D": "destination"},
}  # fmt: skip

_REMARKS: Final = (
    "/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
    "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Popup", "/Redact", "/Watermark",
)  # fmt: skip
# What an annotation's kind makes of it; other kinds are cut.
ANNOTATIONS: Final[Mapping[str, str]] = {
    "/Link": "link",
    "/Widget": "field",
    **dict.fromkeys(_REMARKS, "remark"),
}

# Place and key (or kind): the rule by which the document is refused.
REFUSED: Final[Mapping[tuple[str, str], str]] = {
    ("catalogue", "/Collection"): "file_attached",
    ("names", "/EmbeddedFiles"): "file_attached",
    ("annotation", "/FileAttachment"): "file_attached",
    **{
        ("annotation", f"/{name}"): "file_media"
        for name in ("Movie", "Sound", "Screen", "RichMedia", "3D")
    },
}  # fmt: skip
# Of actions by name; a link that leads elsewhere or does something else leads nowhere.
NAMED: Final = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})
