"""Strings that code puts together, names and the module's own functions followed."""

import ast
import re
from dataclasses import dataclass
from typing import Final

from bastide.check.source.module import DEPTH, Located, Module, Scope, called_name, constant
from bastide.check.source.origins import Origins


@dataclass(frozen=True, slots=True)
class Text:
    """A string that code puts together.

    Attributes:
        pieces: the constant parts and, where values stand, None.
        values: what stands there.
        is_built: whether formatting or joining made it; a lone name or call is not.
    """

    pieces: tuple[str | None, ...]
    values: tuple[Located, ...]
    is_built: bool

    @property
    def fixed(self) -> str:
        """The constant parts, with a NUL for each value."""
        return "".join("\0" if piece is None else piece for piece in self.pieces)

    def __add__(self, other: "Text") -> "Text":
        if len(self.pieces) > LONGEST:
            return self
        return Text(self.pieces + other.pieces, self.values + other.values, self.is_built or other.is_built)


# Nobody reads further, and names that stand for each other would grow for ever.
LONGEST: Final = 500
EMPTY: Final = Text((), (), is_built=False)
FIELD: Final = re.compile(r"\{(\w*)(?:[.\[][^}]*)?(?:![rsa])?(?::[^}]*)?\}")
PERCENT: Final = re.compile(r"%(?:\((\w+)\))?[-#0 +]*[\d*]*(?:\.\d+)?[sdifrxuegac]")
EMPTY_STRING: Final = ast.Constant("")


@dataclass(frozen=True, slots=True)
class Texts:
    """Reads strings that code puts together, names and the module's own functions followed."""

    module: Module
    origins: Origins

    def of(  # noqa: C901, PLR0911, PLR0912 -- one per kind of node
        self, node: ast.expr, scope: Scope, depth: int = 0
    ) -> Text:
        """Return the string's parts."""
        one = Text((None,), (Located(node, scope),), is_built=False)
        if depth > DEPTH:
            return one
        match node:
            case ast.Constant(value=str(text)):
                return Text((text,), (), is_built=False)
            case ast.Constant():
                return Text(("",), (), is_built=False)
            case ast.JoinedStr():
                return self._of_joined(node, scope, depth)
            case ast.BinOp(op=ast.Add()):
                return self._of_sum(node, scope, depth)
            case ast.BinOp(op=ast.Mod()):
                left = self.of(node.left, scope, depth + 1)
                return (
                    self._filled(left, PERCENT, percent_operands(node.right), scope, depth)
                    if text_of(left)
                    else one
                )
            case ast.Call(func=ast.Attribute(attr="format" | "format_map", value=base)):
                left = self.of(base, scope, depth + 1)
                return (
                    self._filled(left, FIELD, format_arguments(node), scope, depth) if text_of(left) else one
                )
            case ast.Call(func=ast.Attribute(attr="join", value=base), args=[joined]) if not isinstance(
                base, ast.Name
            ) or isinstance(self._lone(base, scope), ast.Constant):
                return self._of_join(joined, scope, depth)
            case ast.Call(
                func=ast.Attribute(attr="strip" | "dedent" | "lower" | "upper" | "replace", value=base)
            ):
                return self._of_same(node, base, scope, depth)
            case ast.Name():
                return self._of_name(node, scope, depth) or one
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                values = self.module.attributes.get(name, ())
                return self._any([self.of(each.node, each.scope, depth + 1) for each in values]) or one
            case ast.Call(func=ast.Name(id=name)) if name in self.module.functions:
                inner = self.module.functions[name]
                return self._any([self.of(each, inner, depth + 2) for each in inner.returns]) or one
            case ast.IfExp():
                both = [self.of(each, scope, depth + 1) for each in (node.body, node.orelse)]
                return self._any(both) or one
            case ast.NamedExpr() | ast.Await():
                return self.of(node.value, scope, depth + 1)
            case _:
                return one

    def _lone(self, node: ast.Name, scope: Scope) -> ast.expr | None:
        owner = scope.owner(node.id)
        values = owner.values.get(node.id, []) if owner is not None else []
        return values[0] if len(values) == 1 else None

    def _any(self, texts: list[Text]) -> Text | None:
        """Return all texts as one, if any of them is a string that can be read."""
        if not any(text.is_built or text.fixed.strip("\0") for text in texts):
            return None
        return sum(texts, EMPTY)

    def _of_name(self, node: ast.Name, scope: Scope, depth: int) -> Text | None:
        owner = scope.owner(node.id)
        if owner is None or self.origins.is_checked(node, scope):
            return None
        if node.id not in owner.texts:
            owner.texts[node.id] = None  # what circles lead back to
            values = owner.values.get(node.id, ())
            owner.texts[node.id] = self._any([self.of(value, owner, depth + 1) for value in values])
        known: Text | None = owner.texts[node.id]
        return known

    def _of_joined(self, node: ast.JoinedStr, scope: Scope, depth: int) -> Text:
        found = EMPTY
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                found += self.of(part.value, scope, depth + 2)
            else:
                found += self.of(part, scope, depth + 1)
        return Text(found.pieces, found.values, is_built=True)

    def _of_sum(self, node: ast.BinOp, scope: Scope, depth: int) -> Text:
        terms: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            terms.append(left.right)
            left = left.left
        terms.append(left)
        found = EMPTY
        for term in reversed(terms):
            found += self.of(term, scope, depth + 1)
        return Text(found.pieces, found.values, is_built=bool(found.fixed.strip("\0")))

    def _of_join(self, joined: ast.expr, scope: Scope, depth: int) -> Text:
        if isinstance(joined, (ast.List, ast.Tuple)):
            parts = [self.of(each, scope, depth + 1) for each in joined.elts]
            found = sum(parts, EMPTY)
            return Text(found.pieces, found.values, is_built=True)
        if isinstance(joined, ast.Name) and (added := scope.function().additions.get(joined.id)):
            found = sum((self.of(each, scope, depth + 1) for each in added), EMPTY)
            if found.is_built:
                return Text(found.pieces, found.values, is_built=True)
        return Text((None,), (Located(joined, scope),), is_built=True)

    def _of_same(self, node: ast.Call, base: ast.expr, scope: Scope, depth: int) -> Text:
        called = called_name(node)
        inner = self.of(node.args[0] if called == "dedent" and node.args else base, scope, depth + 1)
        if called == "replace" and len(node.args) == 2:  # noqa: PLR2004 -- old and new
            put_in = self.of(node.args[1], scope, depth + 1)
            return Text(inner.pieces + put_in.pieces, inner.values + put_in.values, is_built=True)
        return inner

    def _filled(
        self, left: Text, gap: re.Pattern[str], given: dict[str, ast.expr], scope: Scope, depth: int
    ) -> Text:
        """Return a template with its gaps filled, each by the value of its name or place."""
        rest = iter(left.values)
        whole = Text((None,), (Located(next(iter(given.values()), EMPTY_STRING), scope),), is_built=True)
        found, place = EMPTY, 0
        for piece in left.pieces:
            if piece is None:
                found += Text((None,), (next(rest),), is_built=True)
                continue
            end = 0
            for match in gap.finditer(piece):
                name = match[1] or str(place)
                place += not match[1]
                value = self.of(given[name], scope, depth + 2) if name in given else whole
                is_number = gap is PERCENT and match[0][-1] in "difxueg"
                found += Text((piece[end : match.start()],), (), is_built=True)
                found += Text(("0",), (), is_built=True) if is_number else value
                end = match.end()
            found += Text((piece[end:],), (), is_built=True)
        return Text(found.pieces, found.values, is_built=True)


def percent_operands(node: ast.expr) -> dict[str, ast.expr]:
    """Return what stands right of ``%`` by name or place."""
    if isinstance(node, ast.Tuple):
        return {str(place): each for place, each in enumerate(node.elts)}
    if isinstance(node, ast.Dict):
        return {str(constant(key)): each for key, each in zip(node.keys, node.values, strict=True)}
    return {"0": node}


def format_arguments(call: ast.Call) -> dict[str, ast.expr]:
    """Return what ``str.format`` is given by name or place."""
    named = {given.arg: given.value for given in call.keywords if given.arg}
    return {str(place): each for place, each in enumerate(call.args)} | named


def text_of(text: Text) -> bool:
    """Tell whether anything of the string can be read."""
    return text.is_built or any(text.pieces)
