"""Secrets that are compared letter by letter."""

import ast
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.source.module import called_name
from bastide.check.source.origins import Origin
from bastide.check.source.place import Place, on_node
from bastide.check.source.words import names_a_password, names_what_is_compared, parts

QUERIES: Final = frozenset(
    {"where", "filter", "having", "and_", "or_", "not_", "join", "outerjoin", "when", "case"}
)


@on_node(ast.Compare)
def compared(place: Place, node: ast.Compare) -> Iterator[Finding]:
    """``==`` on a secret, and a password that is stored as it is."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        return
    left, right = node.left, node.comparators[0]
    if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
        return
    if _stored_plain(place, left, right) or _stored_plain(place, right, left):
        yield place.found("BST152", node, f"`{place.told(node)}`: the password is kept as it was typed")
        return
    sides = [_name(left), _name(right)]
    if any(not {"type", "kind"}.isdisjoint(parts(side)) for side in sides) or _is_no_check(place, node):
        return
    if sides[0] == sides[1] and isinstance(left, ast.Attribute) and isinstance(right, ast.Attribute):
        return  # two objects that are compared as such
    is_mac = any(_is_mac(place, side) for side in (left, right))
    secret = [side for side in sides if names_what_is_compared(side)]
    is_sent = Origin.REQUEST in {place.origin(left), place.origin(right)}
    is_plain_token = all(
        parts(side)[-1] in {"token", "mac", "digest", "sig"} and len(parts(side)) == 1 for side in secret
    )
    if is_mac or (secret and (is_sent or not is_plain_token)):
        yield place.found("BST153", node, f"`{place.told(node)}` takes longer the more of it is right")


def _is_no_check(place: Place, node: ast.Compare) -> bool:
    """Tell whether this is a condition of a query, or what equality of an object means."""
    function = getattr(place.scope.function().node, "name", "")
    return function in {"__eq__", "__ne__"} or any(
        isinstance(each, ast.Call) and called_name(each) in QUERIES for each in place.module.ancestors(node)
    )


def _stored_plain(place: Place, stored: ast.expr, typed: ast.expr) -> bool:
    if not isinstance(stored, ast.Attribute) or stored.attr not in {"password", "passwd", "pwd", "pin"}:
        return False
    base = _name(stored.value)
    if "form" in parts(base) or isinstance(stored.value, ast.Attribute):
        return False
    is_self = base == "self"
    return (names_a_password(_name(typed)) and not isinstance(typed, ast.Attribute)) or (
        not is_self and place.origin(typed) is Origin.REQUEST
    )


def _is_mac(place: Place, node: ast.expr) -> bool:
    """Tell whether this is the digest of an HMAC, made here or kept in a name."""
    if isinstance(node, ast.Name):
        owner = place.scope.owner(node.id)
        values = owner.values.get(node.id, []) if owner is not None else []
        return len(values) == 1 and not isinstance(values[0], ast.Name) and _is_mac(place, values[0])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in {"hexdigest", "digest"}:
            return any(
                isinstance(each, ast.Call) and place.dotted(each.func) in {"hmac.new", "hmac.HMAC"}
                for each in ast.walk(node.func.value)
            )
        return place.dotted(node.func) == "hmac.digest"
    return False


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(args=[ast.Constant(value=str(name)), *_]) if called_name(node) == "get":
            return name
        case _:
            return ""
