"""A Python file as the sinks read it: its calls, names and scopes, after one walk over the tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# What a name may stand for is followed this far.
DEPTH: Final = 12


@dataclass(slots=True, eq=False)
class Scope:
    """The names of a function, class or module, and what is assigned to each."""

    node: ast.AST
    parent: "Scope | None"
    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    parameters: set[str] = field(default_factory=set)
    returns: list[ast.expr] = field(default_factory=list)
    # What is appended to a list of this name.
    additions: dict[str, list[ast.expr]] = field(default_factory=dict)
    checks: list[ast.expr] = field(default_factory=list)
    checked: set[str] | None = None
    # What was found out about names; while it is found out, what circles lead back to.
    origins: dict[str, int] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)

    def owner(self, name: str) -> "Scope | None":
        """Return the scope in which the name is bound, from here outwards."""
        scope: Scope | None = self
        while scope is not None:
            seen_from_inside = scope is self or not isinstance(scope.node, ast.ClassDef)
            if seen_from_inside and (name in scope.values or name in scope.parameters):
                return scope
            scope = scope.parent
        return None

    def function(self) -> "Scope":
        """Return the innermost function that this is in, or the module."""
        scope = self
        while scope.parent is not None and not isinstance(
            scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)
        ):
            scope = scope.parent
        return scope


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """An expression, and the scope in which its names mean something."""

    node: ast.expr
    scope: Scope


class Module:
    """One file, indexed.

    Attributes:
        path: as findings name it.
        lines: its source, line by line.
        tree: its syntax.
        nodes: every call, comparison, assignment, function, class and operator, with its scope.
        parents: the node above each.
        imports: what a name that an import binds stands for, with dots.
        functions: the functions of the module by name.
    """

    def __init__(self, path: str, text: str, tree: ast.Module) -> None:
        self.path = path
        # Form feeds and such end a line for str.splitlines, for Python they do not.
        self.lines = text.split("\n")
        self.tree = tree
        self.nodes: list[tuple[ast.AST, Scope]] = []
        self.parents: dict[ast.AST, ast.AST] = {}
        self.imports: dict[str, str] = {}
        self.functions: dict[str, Scope] = {}
        self.attributes: dict[str, list[Located]] = {}
        self.scope = Scope(tree, None)
        self._index()

    def dotted(self, node: ast.AST, scope: Scope, depth: int = 0) -> str:
        """Return the dotted name that an expression stands for, imports and aliases followed, or nothing.

        ``q.filter`` after ``from db import session as q`` is ``db.session.filter``.
        """
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call) and depth < DEPTH:
            called = self.dotted(node.func, scope, depth + 1)
            return ".".join([f"{called}()", *reversed(parts)]) if called and parts else ""
        if not isinstance(node, ast.Name):
            return ""
        owner, root = scope.owner(node.id), node.id
        if owner is not None and root not in owner.parameters and depth < DEPTH:
            values = owner.values[root]
            if len(values) == 1 and isinstance(values[0], (ast.Name, ast.Attribute)):
                root = self.dotted(values[0], owner, depth + 1) or root
            elif len(values) == 1 and isinstance(values[0], ast.Call):
                called = self.dotted(values[0].func, owner, depth + 1)
                root = f"{called}()" if called else root
        elif owner is None:
            root = self.imports.get(root, root)
        return ".".join([root, *reversed(parts)])

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around one, innermost first."""
        above = self.parents.get(node)
        while above is not None:
            yield above
            above = self.parents.get(above)

    def _index(self) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(self.tree, self.scope)]
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            if kind in INTERESTING:
                self.nodes.append((node, scope))
                scope = self._enter(node, scope)
            children = list(ast.iter_child_nodes(node))
            for child in reversed(children):
                self.parents[child] = node
                stack.append((child, scope))

    def _enter(self, node: ast.AST, scope: Scope) -> Scope:  # noqa: C901, PLR0912 -- one per kind of node
        """Note what the node binds; return the scope of what is in it."""
        match node:
            case ast.Import():
                for alias in node.names:
                    self.imports[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            case ast.ImportFrom():
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (
                        "." * node.level + f"{node.module or ''}.{alias.name}".lstrip(".")
                    )
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return self._enter_function(node, scope)
            case ast.ClassDef():
                return Scope(node, scope)
            case ast.Assign():
                for target in node.targets:
                    self._bind(target, node.value, scope)
            case ast.AnnAssign() | ast.NamedExpr() if node.value is not None:
                self._bind(node.target, node.value, scope)
            case ast.AugAssign():
                self._bind(node.target, node.value, scope)
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                self._bind(node.target, node.iter, scope)
            case ast.withitem() if node.optional_vars is not None:
                self._bind(node.optional_vars, node.context_expr, scope)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add"), args=[added]):
                scope.function().additions.setdefault(name, []).append(added)
            case ast.Return() if node.value is not None:
                scope.returns.append(node.value)
            case ast.If() | ast.IfExp() | ast.While() | ast.Assert():
                scope.function().checks.append(node.test)
            case _:
                pass
        return scope

    def _enter_function(self, node: Function | ast.Lambda, scope: Scope) -> Scope:
        inner = Scope(node, scope)
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        inner.parameters.update(argument.arg for argument in every if argument is not None)
        if not isinstance(node, ast.Lambda):
            self.functions.setdefault(node.name, inner)
        return inner

    def _bind(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        match target:
            case ast.Name():
                scope.values.setdefault(target.id, []).append(value)
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                self.attributes.setdefault(target.attr, []).append(Located(value, scope))
            case ast.Tuple() | ast.List():
                whole = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts)
                for index, one in enumerate(target.elts):
                    part = value.elts[index] if whole and isinstance(value, (ast.Tuple, ast.List)) else value
                    self._bind(one, part, scope)
            case ast.Starred():
                self._bind(target.value, value, scope)
            case _:
                pass


INTERESTING: Final = frozenset({
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Assign,
    ast.AnnAssign, ast.NamedExpr, ast.AugAssign, ast.For, ast.AsyncFor, ast.comprehension, ast.withitem,
    ast.Return,
    ast.If, ast.IfExp, ast.While, ast.Assert, ast.Call, ast.Compare, ast.BinOp, ast.Dict, ast.Subscript,
})  # fmt: skip


def called_name(call: ast.Call) -> str:
    """Return the last name of what is called: ``execute`` of ``db.session.execute(...)``."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument, if it is there."""
    for given in call.keywords:
        if given.arg == name:
            return given.value
    return None


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """Return an argument by its position or by one of its names."""
    if position < len(call.args) and not any(
        isinstance(one, ast.Starred) for one in call.args[: position + 1]
    ):
        return call.args[position]
    return next((value for name in names if (value := keyword(call, name)) is not None), None)


def constant(node: ast.AST | None) -> object:
    """Return the value of a literal, else None."""
    return node.value if isinstance(node, ast.Constant) else None
