"""Requests that are taken without asking where they come from."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.source.module import Function, called_name, constant, keyword
from bastide.check.source.place import Place, on_call, on_keyword, on_node

PROVES: Final = re.compile(
    r"signature|compare_digest|construct_event|verify|authenticat|api_?key|token|hmac|bearer|csp|webhook_secret",
    re.IGNORECASE,
)
FORWARDED: Final = re.compile(
    r"^(?:HTTP_)?X[-_](?:FORWARDED[-_](?:FOR|PROTO|HOST)|REAL[-_]IP)$", re.IGNORECASE
)


@on_node(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
def exempted(place: Place, node: Function | ast.ClassDef) -> Iterator[Finding]:
    """A view that asks for no token, and proves its caller by nothing else that can be seen."""
    for decorator in node.decorator_list:
        if _is_exemption(decorator) and not _proves(node):
            yield place.found("BST190", decorator, f"`{node.name}` takes requests from any site")


def _is_exemption(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="csrf_exempt"):
            return True
        case ast.Attribute(attr="csrf_exempt"):
            return True
        case ast.Attribute(attr="exempt", value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return "csrf" in name.lower()
        case ast.Call(func=ast.Name(id="method_decorator"), args=[first, *_]):
            decorators = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
            return any(_is_exemption(each) for each in decorators)
        case _:
            return False


def _proves(node: ast.AST) -> bool:
    for inner in ast.walk(node):
        name = ""
        match inner:
            case ast.Call():
                name = called_name(inner)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                pass
            case ast.Constant(value=str(name)):
                pass
            case _:
                continue
        if name != "csrf_exempt" and PROVES.search(name) and "csrf" not in name.lower():
            return True
    return False


@on_call("csrf_exempt", "exempt")
def exempted_by_call(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``csrf_exempt(View.as_view())`` and ``csrf.exempt(blueprint)``."""
    if not _is_exemption(call.func) or not call.args:
        return
    parent = place.module.parents.get(call)
    if isinstance(parent, (ast.Return, ast.Call, ast.keyword)) and not (
        isinstance(parent, ast.Call) and called_name(parent) in {"path", "re_path", "url"}
    ):
        return
    yield place.found("BST190", call, f"`{place.told(call.args[0])}` takes requests from any site")


@on_node(ast.Assign)
def protection_off(place: Place, node: ast.Assign) -> Iterator[Finding]:
    """``WTF_CSRF_ENABLED = False`` and ``class Meta: csrf = False``."""
    if constant(node.value) is not False:
        return
    for target in node.targets:
        match target:
            case (
                ast.Name(id="WTF_CSRF_ENABLED" | "WTF_CSRF_CHECK_DEFAULT")
                | ast.Attribute(attr="WTF_CSRF_ENABLED")
            ):
                pass
            case ast.Subscript(slice=ast.Constant(value="WTF_CSRF_ENABLED" | "WTF_CSRF_CHECK_DEFAULT")):
                pass
            case ast.Name(id="csrf") if (
                isinstance(place.scope.node, ast.ClassDef) and place.scope.node.name == "Meta"
            ):
                pass
            case _:
                continue
        if not _is_of_tests(place):
            yield place.found("BST191", node, "forms ask for no token")


@on_keyword("WTF_CSRF_ENABLED", "meta", "csrf_enabled")
def protection_off_by_call(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``app.config.update(WTF_CSRF_ENABLED=False)`` and ``Form(meta={"csrf": False})``."""
    meta = keyword(call, "meta")
    is_off = any(constant(keyword(call, name)) is False for name in ("WTF_CSRF_ENABLED", "csrf_enabled"))
    if isinstance(meta, ast.Dict):
        pairs = zip(meta.keys, meta.values, strict=True)
        is_off |= any(constant(key) == "csrf" and constant(value) is False for key, value in pairs)
    if is_off:
        yield place.found("BST191", call, "forms ask for no token")


def _is_of_tests(place: Place) -> bool:
    return isinstance(place.scope.node, ast.ClassDef) and "test" in place.scope.node.name.lower()


@on_node(ast.ClassDef)
def bare_form(place: Place, node: ast.ClassDef) -> Iterator[Finding]:
    """A form of WTForms itself, in a Flask application: there is no token in it."""
    if not any(name.split(".")[0] in {"flask", "flask_wtf"} for name in place.module.imports.values()):
        return
    for base in node.bases:
        if place.dotted(base) in {"wtforms.Form", "wtforms.form.Form"}:
            yield place.found("BST191", node, f"`{node.name}` has no token: it is a plain form of WTForms")


@on_node(ast.Subscript)
def forwarded(place: Place, node: ast.Subscript) -> Iterator[Finding]:
    """``request.headers["X-Forwarded-For"]``: whoever asks wrote it."""
    name = constant(node.slice)
    if (
        isinstance(node.ctx, ast.Load)
        and isinstance(name, str)
        and FORWARDED.match(name)
        and _is_of_request(place, node.value)
    ):
        yield place.found("BST192", node, f"`{name}` is what whoever asks says")


@on_call("get")
def forwarded_got(place: Place, call: ast.Call) -> Iterator[Finding]:
    """The same by ``get``."""
    name = constant(call.args[0]) if call.args else None
    if not isinstance(name, str) or not FORWARDED.match(name) or not isinstance(call.func, ast.Attribute):
        return
    if _is_of_request(place, call.func.value):
        yield place.found("BST192", call, f"`{name}` is what whoever asks says")


def _is_of_request(place: Place, node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in {"headers", "META", "environ"}
        and place.origins.is_request(node.value, place.scope)
    )
