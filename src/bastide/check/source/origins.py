"""Where a value comes from, told within its function and module."""

import ast
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bastide.check.source.module import DEPTH, Function, Located, Module, Scope, called_name, constant

FRAMEWORK_REQUESTS: Final = ("flask.request", "flask.globals.request", "quart.request", "bottle.request")
INPUTS: Final = frozenset({
    "args", "form", "values", "json", "data", "cookies", "headers", "files", "query_string", "get_json",
    "get_data",
    "view_args", "stream", "GET", "POST", "FILES", "COOKIES", "META", "body", "query_params", "referrer",
    "read",
    "user_agent", "user_agent_string", "remote_user",
})  # fmt: skip
# The site's own addresses, as the visitor asked for them.
ADDRESSES: Final = frozenset({
    "path", "full_path", "url", "base_url", "path_info", "get_full_path", "build_absolute_uri", "host",
    "get_host",
})  # fmt: skip
NUMBERS: Final = frozenset({
    "int", "float", "len", "bool", "abs", "round", "sum", "ord", "id", "hash", "range", "enumerate_index",
    "count",
    "time", "now", "utcnow", "today", "uuid4", "uuid7", "token_hex", "token_urlsafe", "timestamp",
    "isoformat",
    "Decimal", "UUID", "date", "datetime", "isinstance", "hasattr", "callable",
})  # fmt: skip
SAME: Final = frozenset({
    "str", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "replace", "get",
    "getlist", "pop",
    "format", "format_map", "join", "encode", "decode", "unquote", "unquote_plus", "split", "rsplit",
    "splitlines",
    "partition", "rpartition", "loads", "b64decode", "urlsafe_b64decode", "get_json", "get_data",
    "to_dict", "items",
    "values", "keys", "list", "tuple", "dict", "sorted", "reversed", "set", "copy", "next", "iter", "dedent",
    "removeprefix", "removesuffix", "read", "cast", "unescape", "casefold", "bytes", "force_str", "smart_str",
    "text_type", "enumerate", "zip", "filter", "map", "lists", "deepcopy", "expandtabs", "zfill", "ljust",
    "rjust",
    "center", "getfirst", "first", "getvalue", "mget", "setdefault", "markdown", "normalize", "urljoin",
})  # fmt: skip
CLEANED: Final = re.compile(
    r"(?:^|_)(?:quote|quoted|escape|escaped|identifier|ident|sanitize|sanitise|clean|bleach|secure_filename|basename"
    r"|slugify|hexdigest|url_for|reverse|safe|literal|placeholders?|valid|validated?)(?:_|$)|^adapt"
    r"|get_valid_filename|quote_?name|Identifier|get_valid_name|get_available_name|safe_join|safestr"
    r"|hash_password|hashpw|compile|db_table|qn$",
    re.IGNORECASE,
)
CHECKING: Final = re.compile(
    r"safe|allowed|valid|check|verify|trusted|is_relative|same_|whitelist|allowlist|fullmatch|startswith|commonpath|permitted",
    re.IGNORECASE,
)
TELLING: Final = frozenset({"isdigit", "isidentifier", "isalnum", "isnumeric", "isdecimal", "isalpha"})
ROUTES: Final = frozenset({"route", "get", "post", "put", "patch", "delete"})
PART: Final = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
BOUNDED_PARTS: Final = frozenset({"int", "float", "uuid", "any"})
VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "dispatch", "get_context_data"})


class Origin(IntEnum):
    """How far a value is from the application's own text."""

    FIXED = 0  # constants, numbers, what a check or an encoder let through
    OWN = 1  # attributes of the object itself, names of other modules
    COMPUTED = 2  # whatever a function returns
    GIVEN = 3  # parameters
    REQUEST = 4  # what a visitor sent


@dataclass(frozen=True, slots=True)
class Origins:
    """Answers where the values of one module come from."""

    module: Module

    def of(  # noqa: C901, PLR0911, PLR0912 -- one per kind of node
        self, node: ast.expr, scope: Scope, depth: int = 0
    ) -> Origin:
        """Return where the value comes from; of several parts, the farthest counts."""
        if depth > DEPTH:
            return Origin.COMPUTED
        match node:
            case ast.Constant() | ast.Compare() | ast.Lambda():
                return Origin.FIXED
            case ast.Name():
                return self._of_name(node, scope)
            case ast.Attribute():
                return self._of_attribute(node, scope, depth)
            case ast.Call():
                return self._of_call(node, scope, depth)
            case ast.Subscript():
                return self.of(node.value, scope, depth + 1)
            case ast.BinOp(op=ast.Mult(), left=ast.Constant(value=str())):
                return Origin.FIXED
            case ast.BinOp(op=ast.Mult(), left=ast.BinOp(op=ast.Mult())):
                return self.of(node.left, scope, depth + 1)
            case ast.BinOp():
                return self._most([node.left, node.right], scope, depth)
            case ast.BoolOp():
                return self._most(node.values, scope, depth)
            case ast.IfExp():
                return self._most([node.body, node.orelse], scope, depth)
            case ast.JoinedStr():
                return self._most(
                    [part.value for part in node.values if isinstance(part, ast.FormattedValue)], scope, depth
                )
            case ast.List() | ast.Tuple() | ast.Set():
                return self._most(node.elts, scope, depth)
            case ast.Dict():
                return self._most(node.values, scope, depth)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self.of(node.elt, scope, depth + 1)
            case ast.Starred() | ast.Await() | ast.NamedExpr() | ast.FormattedValue():
                return self.of(node.value, scope, depth + 1)
            case ast.UnaryOp(op=ast.Not() | ast.USub()):
                return Origin.FIXED
            case _:
                return Origin.COMPUTED

    def is_checked(self, node: ast.expr, scope: Scope) -> bool:
        """Tell whether the function asks somewhere if this very value is one of those that it allows."""
        key = self._key(node)
        return bool(key) and key in self._checked(scope.function())

    def _most(self, nodes: list[ast.expr], scope: Scope, depth: int) -> Origin:
        found = Origin.FIXED
        for node in nodes:
            found = max(found, self.of(node, scope, depth + 1))
            if found is Origin.REQUEST:
                break
        return found

    def _of_name(self, node: ast.Name, scope: Scope) -> Origin:
        if self.is_checked(node, scope):
            return Origin.FIXED
        owner = scope.owner(node.id)
        if owner is None:
            return Origin.FIXED if node.id.isupper() else Origin.OWN
        known = owner.origins.get(node.id)
        if known is None:
            owner.origins[node.id] = Origin.FIXED
            known = owner.origins[node.id] = self._of_bound(node.id, owner)
        return Origin(known)

    def _of_bound(self, name: str, owner: Scope) -> Origin:
        found = self._of_parameter(name, owner) if name in owner.parameters else Origin.FIXED
        values = owner.values.get(name, [])
        if owner is self.module.scope and name.isupper() and values:
            return min(Origin.OWN, self._most(values, owner, 0))
        return max(found, self._most(values, owner, 0))

    def _of_parameter(self, name: str, owner: Scope) -> Origin:
        if name in {"self", "cls"}:
            return Origin.OWN
        node = owner.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Origin.COMPUTED
        bounded, sent = parts_of_route(node)
        if name in bounded:
            return Origin.FIXED
        if name in sent:
            return Origin.REQUEST
        names = [argument.arg for argument in node.args.args]
        in_class = names[:1] == ["self"]
        if names[in_class : in_class + 1] == ["request"] and name != "request":
            is_view = not in_class or node.name in VERBS
            return (
                Origin.REQUEST
                if is_view and name not in {"form", "obj", "queryset", "response"}
                else Origin.GIVEN
            )
        return Origin.GIVEN

    def _of_attribute(  # noqa: PLR0911 -- one per kind of object
        self, node: ast.Attribute, scope: Scope, depth: int
    ) -> Origin:
        if self.is_checked(node, scope):
            return Origin.FIXED
        if self.is_request(node.value, scope):
            return Origin.REQUEST if node.attr in INPUTS else Origin.OWN
        if node.attr in {"cleaned_data", "validated_data"}:
            return Origin.REQUEST
        if node.attr in {"_meta", "db_table", "db_column", "column", "attname", "table"}:
            return Origin.OWN
        base = node.value
        if isinstance(base, ast.Name) and base.id in {"self", "cls"}:
            if node.attr == "kwargs":
                return Origin.REQUEST
            values = self.module.attributes.get(node.attr, ())
            given = [self.of(each.node, each.scope, depth + 2) for each in values]
            return Origin.REQUEST if Origin.REQUEST in given else Origin.OWN
        if node.attr == "data" and "form" in self.module.dotted(base, scope).partition(".")[0].lower():
            return Origin.REQUEST
        return self.of(base, scope, depth + 1)

    def _of_call(self, node: ast.Call, scope: Scope, depth: int) -> Origin:
        name = called_name(node)
        if name in NUMBERS or CLEANED.search(name):
            return Origin.FIXED
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        if base is not None and self.is_request(base, scope):
            return Origin.REQUEST if name in INPUTS else Origin.OWN
        if name in SAME:
            parts = [*node.args, *(given.value for given in node.keywords)]
            if base is not None and name in {"get", "pop", "setdefault"}:
                parts = node.args[1:]
            if base is not None and not self._is_module(base, scope):
                parts.append(base)
            return self._most(parts, scope, depth)
        if base is None and name in self.module.functions and depth < DEPTH // 2:
            return self._of_own_function(node, self.module.functions[name], scope, depth)
        return Origin.COMPUTED

    def _of_own_function(self, call: ast.Call, inner: Scope, scope: Scope, depth: int) -> Origin:
        if not inner.returns:
            return Origin.COMPUTED
        found = self._most(inner.returns, inner, depth + 1)
        if found is not Origin.GIVEN:
            return found
        return self._most([*call.args, *(given.value for given in call.keywords)], scope, depth)

    def _is_module(self, node: ast.expr, scope: Scope) -> bool:
        return isinstance(node, ast.Name) and scope.owner(node.id) is None and node.id in self.module.imports

    def is_request(self, node: ast.expr, scope: Scope) -> bool:
        """Tell whether this is the request itself."""
        if isinstance(node, ast.Name):
            if node.id not in {"request", "req"} and node.id not in self.module.imports:
                return False
            return node.id == "request" or self.module.dotted(node, scope) in FRAMEWORK_REQUESTS
        if isinstance(node, ast.Attribute) and node.attr == "request":
            return isinstance(node.value, ast.Name) and node.value.id in {"self", "flask", "view", "info"}
        return False

    def _checked(self, scope: Scope) -> set[str]:
        if scope.checked is None:
            scope.checked = set()  # while it is made, nothing is
            found: set[str] = set()
            for test in scope.checks:
                for node in ast.walk(test):
                    found.update(self._checks_of(node, scope))
            scope.checked = found
        return scope.checked

    def _checks_of(self, node: ast.AST, scope: Scope) -> set[str]:
        match node:
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[allowed]):
                fixed = self.of(allowed, scope) <= Origin.OWN
                return {self._key(left)} if fixed else set()
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in TELLING:
                return {self._key(value)}
            case ast.Call() if CHECKING.search(called_name(node)):
                return {
                    self._key(one)
                    for top in (*node.args, *(given.value for given in node.keywords), node.func)
                    for one in ast.walk(top)
                    if isinstance(one, (ast.Name, ast.Attribute))
                }
            case _:
                return set()

    def _key(self, node: ast.AST) -> str:
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def parts_of_route(node: Function) -> tuple[set[str], set[str]]:
    """Return the parameters that the address of a Flask view fills: with numbers, and with any text."""
    bounded: set[str] = set()
    sent: set[str] = set()
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and called_name(decorator) in ROUTES and decorator.args:
            address = decorator.args[0]
            if isinstance(address, ast.Constant) and isinstance(address.value, str):
                for converter, name in PART.findall(address.value):
                    (bounded if converter in BOUNDED_PARTS else sent).add(name)
    return bounded, sent


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
