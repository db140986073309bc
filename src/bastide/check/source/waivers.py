"""Comments that let a finding stand, and say why."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Waiver

MARK: Final = "bastide: allow"
ALLOW: Final = re.compile(
    r"bastide: allow\s+(BST\d{3}(?:\s*,\s*BST\d{3})*)(?:\s+because\b\s*(.*?))?\s*(?:#\}|-->|%\}|$)",
    re.MULTILINE,
)
COMPOUND: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.AsyncFor,
    ast.While,
                   ast.With, ast.AsyncWith, ast.Try, ast.Match, ast.Module)  # fmt: skip


def waivers_of_python(path: str, text: str, tree: ast.Module) -> Iterator[Waiver]:
    """Yield the waivers of a Python file; in strings there are none."""
    if MARK not in text:
        return
    spans = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.stmt) and not isinstance(statement, COMPOUND)
        for node in _parts(statement)
    ]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        match = ALLOW.search(token.string) if token.type == tokenize.COMMENT else None
        if match is not None:
            line = token.start[0]
            is_alone = token.line.lstrip().startswith("#")
            first = line + 1 if is_alone else line
            covers = {line, first}
            covers.update(number for span in spans if first in span for number in span)
            yield _waiver(path, line, covers, match)


def _parts(statement: ast.stmt) -> list[ast.stmt] | list[ast.expr]:
    """Return the elements where a list is kept under a name, else the statement.

    What is let stand of one of a hundred routes or settings is not let stand of the others.
    """
    kept = getattr(statement, "value", None)
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        if isinstance(kept, (ast.List, ast.Tuple, ast.Set)):
            return kept.elts
        if isinstance(kept, ast.Dict):
            return kept.values
    return [statement]


def waivers_of_template(path: str, text: str) -> Iterator[Waiver]:
    """Yield the waivers of a template: its line and the next one."""
    if MARK in text:
        for number, line in enumerate(text.split("\n"), start=1):
            match = ALLOW.search(line)
            if match is not None:
                yield _waiver(path, number, {number, number + 1}, match)


def _waiver(path: str, line: int, covers: set[int], match: re.Match[str]) -> Waiver:
    ids = tuple(each.strip() for each in match[1].split(","))
    return Waiver(path=path, line=line, covers=frozenset(covers), ids=ids, reason=(match[2] or "").strip())
