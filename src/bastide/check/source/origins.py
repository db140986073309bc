"""Where a value comes from, told within its function and module."""

import ast
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bastide.check.source.module import DEPTH, Function, Module, Scope, called_name

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
