"""What a sink is given, and how sinks are told about nodes."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from bastide.check.findings import Edit, Finding, found
from bastide.check.rules import Confidence, Severity
from bastide.check.source.module import Module, Scope
from bastide.check.source.origins import Origin, Origins
from bastide.check.source.texts import Text, Texts

Sink: TypeAlias = Callable[["Place", Any], Iterator[Finding]]

WIDTH: Final = 60
# By the last name of what is called, by a keyword of any call, by the kind of node.
CALLS: Final[dict[str, list[Sink]]] = {}
KEYWORDS: Final[dict[str, list[Sink]]] = {}
NODES: Final[dict[type[ast.AST], list[Sink]]] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """A node's surroundings."""

    module: Module
    scope: Scope
    origins: Origins
    texts: Texts

    def dotted(self, node: ast.AST) -> str:
        """Return the dotted name that an expression stands for, or nothing."""
        return self.module.dotted(node, self.scope)

    def origin(self, node: ast.expr) -> Origin:
        """Return where a value comes from."""
        return self.origins.of(node, self.scope)

    def text(self, node: ast.expr) -> Text:
        """Return the parts of a string that code puts together."""
        return self.texts.of(node, self.scope)

    def told(self, node: ast.expr) -> str:
        """Return the source of an expression, short enough for a message."""
        text = " ".join(ast.unparse(node).split())
        return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"

    def found(
        self,
        rule_id: str,
        node: ast.AST,
        message: str,
        *,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        edits: tuple[Edit, ...] = (),
    ) -> Finding:
        """Return a finding at the node."""
        line = getattr(node, "lineno", 1)
        return found(
            rule_id, self.module.path, line, message, severity=severity, confidence=confidence, edits=edits
        )


def on_call(*names: str) -> Callable[[Sink], Sink]:
    """Ask the sink about calls whose last name is one of these."""
    return _under(CALLS, names)


def on_keyword(*names: str) -> Callable[[Sink], Sink]:
    """Ask the sink about calls with one of these keywords."""
    return _under(KEYWORDS, names)


def on_node(*kinds: type[ast.AST]) -> Callable[[Sink], Sink]:
    """Ask the sink about nodes of these kinds."""
    return _under(NODES, kinds)


def _under(table: dict[Any, list[Sink]], keys: tuple[Any, ...]) -> Callable[[Sink], Sink]:
    def register(sink: Sink) -> Sink:
        for key in keys:
            table.setdefault(key, []).append(sink)
        return sink

    return register


def replace(node: ast.expr | ast.stmt, text: str, module: Module) -> Edit:
    """Return the edit that puts a text in the place of a node."""
    lines = module.lines
    first, last = node.lineno, node.end_lineno or node.lineno
    return Edit(
        line=first,
        column=_letters(lines[first - 1], node.col_offset),
        end_line=last,
        end_column=_letters(lines[last - 1], node.end_col_offset or 0),
        text=text,
    )


def _letters(line: str, offset: int) -> int:
    """Return a column in letters, where the tree counts bytes."""
    return offset if line.isascii() else len(line.encode()[:offset].decode(errors="ignore"))
