"""Checks that let through more than they seem to."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.source.module import argument, called_name, constant, keyword
from bastide.check.source.place import Place, on_call, on_node
from bastide.check.source.words import parts

BREAKS: Final = re.compile(r"(?<!\\)(?:\\\\)*\\s")
END: Final = re.compile(r"(?<!\\)(?:\\\\)*\$\)*$")
VALIDATES: Final = frozenset({"valid", "validate", "validator", "check", "clean", "allowed", "verify"})


@on_call("RegexValidator", "Regexp", "RegexField")
def pattern_of_validator(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A pattern that ends with ``$``: one more line break passes."""
    pattern = argument(call, 0, "regex")
    flags = keyword(call, "flags")
    if pattern is None or constant(keyword(call, "inverse_match")) is True:
        return
    if flags is None:
        yield from _open_end(place, pattern)
    if BREAKS.search(place.text(pattern).fixed):
        yield place.found("BST186", pattern, "`\\s` matches line breaks")


@on_call("match", "search")
def pattern_of_check(place: Place, call: ast.Call) -> Iterator[Finding]:
    """The same where a function checks by ``re.match``."""
    if not _decides(place, call):
        return
    if place.dotted(call.func) in {"re.match", "re.search"}:
        if len(call.args) == 2 and place.text(call.args[0]).fixed.startswith("^"):  # noqa: PLR2004 -- no flags
            yield from _open_end(place, call.args[0])
    elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        owner = place.scope.owner(call.func.value.id)
        values = owner.values.get(call.func.value.id, []) if owner is not None else []
        for value in values:
            is_compiled = isinstance(value, ast.Call) and place.dotted(value.func) == "re.compile"
            if is_compiled and _is_whole(place, value, called_name(call)):
                yield place.found("BST180", call, "`$` lets one more line break pass")


def _is_whole(place: Place, compiled: ast.expr, how: str) -> bool:
    """Tell whether a compiled pattern stands for a whole value, and ends with ``$``."""
    if not isinstance(compiled, ast.Call) or len(compiled.args) != 1:
        return False
    is_anchored = how == "match" or place.text(compiled.args[0]).fixed.startswith("^")
    return is_anchored and any(_open_end(place, compiled.args[0]))


def _decides(place: Place, call: ast.Call) -> bool:
    """Tell whether the match is only asked for yes or no, in what validates."""
    function = place.scope.function().node
    name = getattr(function, "name", "")
    parent = place.module.parents.get(call)
    is_asked = isinstance(parent, (ast.If, ast.UnaryOp, ast.BoolOp, ast.IfExp, ast.Assert)) or (
        isinstance(parent, ast.Compare) or (isinstance(parent, ast.Call) and called_name(parent) == "bool")
    )
    is_asked = is_asked or isinstance(parent, ast.Return)
    return is_asked and not VALIDATES.isdisjoint(parts(name))


def _open_end(place: Place, pattern: ast.expr) -> Iterator[Finding]:
    text = place.text(pattern)
    fixed = text.fixed
    if isinstance(pattern, ast.Call) and called_name(pattern) == "compile" and len(pattern.args) == 1:
        fixed = place.text(pattern.args[0]).fixed
    if END.search(fixed) and "(?m" not in fixed:
        yield place.found("BST180", pattern, "`$` lets one more line break pass")


@on_node(ast.Return)
def error_returned(place: Place, node: ast.Return) -> Iterator[Finding]:
    """``return ValidationError(...)``: nobody looks at what a validator returns."""
    if isinstance(node.value, ast.Call) and called_name(node.value) == "ValidationError":
        function = place.scope.function().node
        if not VALIDATES.isdisjoint(parts(getattr(function, "name", ""))):
            yield place.found("BST181", node, "the error is returned, not raised: everything is valid")
