"""Files by names that visitors choose."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.source.module import argument, called_name, keyword
from bastide.check.source.origins import Origin
from bastide.check.source.place import Place, on_call, on_node

JOINING: Final = frozenset({"join", "open", "BytesIO", "StringIO", "joinpath"})
OF_PYTHON: Final = re.compile(r"exc|err|frame|record|template|code|info$|^self$", re.IGNORECASE)
CLOCKS: Final = re.compile(r"^(?:int|str|round)?\(?(?:time\.)?time(?:_ns)?\(|(?:utc)?now\(")
PATHS: Final = re.compile(r"(?:^|\.)(?:Path|PurePath|PosixPath)$")


@on_call("join", "joinpath")
def joined(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``os.path.join(folder, name)`` and ``folder.joinpath(name)``."""
    name = place.dotted(call.func)
    if name.endswith(("path.join", ".joinpath")) and not name.endswith("urllib.path.join"):
        for part in call.args:
            yield from _outside(place, part, called_name(call))


@on_node(ast.BinOp)
def divided(place: Place, node: ast.BinOp) -> Iterator[Finding]:
    """``folder / name``."""
    if isinstance(node.op, ast.Div):
        yield from _outside(place, node.right, "/")


@on_call("open", "save", "send_file", "FileResponse", "Path", "remove", "unlink", "copyfileobj", "rmtree",
    "read_text",
         "read_bytes", "write_bytes", "write_text", "listdir")  # fmt: skip
def opened(place: Place, call: ast.Call) -> Iterator[Finding]:
    """What opens, sends, stores or removes a file by a path."""
    name, dotted = called_name(call), place.dotted(call.func)
    path = argument(call, 0, "path_or_file", "filename_or_fp", "dst", "file")
    if path is None or "storage" in dotted or dotted.startswith(("webbrowser", "self.")):
        return
    is_of_files = dotted in {"os.remove", "os.unlink"} if name in {"remove", "unlink"} else True
    is_of_files = is_of_files and (name != "Path" or bool(PATHS.search(dotted)))
    if is_of_files and not _is_told_elsewhere(place, path) and not _is_the_file(place, path):
        yield from _outside(place, path, f"{name}()")


def _known(place: Place, node: ast.expr) -> list[ast.expr]:
    """Return what a name stands for, or the expression itself."""
    if not isinstance(node, ast.Name):
        return [node]
    owner = place.scope.owner(node.id)
    return owner.values.get(node.id, []) if owner is not None else []


def _is_told_elsewhere(place: Place, path: ast.expr) -> bool:
    """Tell whether the path is put together by what has a sink of its own."""
    return any(
        (isinstance(each, ast.BinOp) and isinstance(each.op, ast.Div))
        or (isinstance(each, ast.Call) and called_name(each) in JOINING)
        for each in _known(place, path)
    )


def _is_the_file(place: Place, path: ast.expr) -> bool:
    """Tell whether this is the upload itself: ``Image.open(request.files["photo"])``."""
    return any(
        re.search("files|cleaned_data", ast.unparse(each), re.IGNORECASE) for each in _known(place, path)
    ) and not (isinstance(path, ast.Attribute))


def _outside(place: Place, part: ast.expr, where: str) -> Iterator[Finding]:
    text = place.text(part)
    for value in text.values:
        node = value.node
        told = place.told(node)
        if place.origins.is_checked(node, value.scope) or isinstance(node, ast.Await):
            continue
        if isinstance(node, ast.Attribute) and node.attr in {"filename", "name"}:
            base = node.value
            is_upload = (
                place.origins.of(base, value.scope) is Origin.REQUEST
                or (
                    node.attr == "filename"
                    and place.origins.of(base, value.scope) is Origin.GIVEN
                    and not OF_PYTHON.search(ast.unparse(base))
                )
                or (isinstance(base, ast.Name) and _is_read_in_chunks(place, base.id))
            )
            if is_upload:
                yield place.found(
                    "BST140", part, f"`{told}`, as whoever uploads names it, goes into `{where}`"
                )
                return
        elif place.origins.of(node, value.scope) is Origin.REQUEST:
            yield place.found("BST141", part, f"`{told}` chooses a file in `{where}`")
            return


def _is_read_in_chunks(place: Place, name: str) -> bool:
    return any(
        isinstance(node, ast.Call)
        and called_name(node) == "chunks"
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
        and scope.function() is place.scope.function()
        for node, scope in place.module.nodes
    )


@on_call("save")
def named_by_time(place: Place, call: ast.Call) -> Iterator[Finding]:
    """An upload that is stored under the time at which it came."""
    path = argument(call, 0, "dst")
    if path is None or not isinstance(call.func, ast.Attribute):
        return
    parts = path.args if isinstance(path, ast.Call) and called_name(path) in JOINING else [path]
    for part in parts:
        for value in place.text(part).values:
            if CLOCKS.search(ast.unparse(value.node)):
                yield place.found("BST143", path, f"`{place.told(value.node)}` is the name of the file")
                return


@on_call("extractall", "unpack_archive")
def unpacked(place: Place, call: ast.Call) -> Iterator[Finding]:
    """An archive whose members choose where they are written."""
    name = place.dotted(call.func)
    if called_name(call) == "unpack_archive":
        archive = argument(call, 0, "filename")
        if archive is not None and place.origin(archive) >= Origin.GIVEN and keyword(call, "filter") is None:
            yield place.found("BST142", call, "members of the archive choose where they are written")
    elif "tarfile" in name and keyword(call, "filter") is None and keyword(call, "members") is None:
        yield place.found("BST142", call, "members of the archive choose where they are written")
