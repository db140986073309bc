"""Redirects to where the visitor says."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.source.module import argument, called_name, constant
from bastide.check.source.origins import Origin
from bastide.check.source.place import Place, on_call, on_node

ADDRESS: Final = re.compile(
    r"ur[il]|next|target|path|link|location|goto|where|return|dest|redirect", re.IGNORECASE
)
REDIRECTS: Final = ("redirect", "HttpResponseRedirect", "HttpResponsePermanentRedirect", "RedirectResponse")


@on_call(*REDIRECTS)
def redirected(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A redirect whose host the visitor may choose."""
    target = argument(call, 0, "location", "to", "redirect_to", "url")
    if target is not None:
        yield from _open(place, target, f"{called_name(call)}()")


@on_node(ast.Assign)
def location_set(place: Place, node: ast.Assign) -> Iterator[Finding]:
    """``response["Location"] = ...`` and ``response.headers["Location"] = ...``."""
    for target in node.targets:
        if isinstance(target, ast.Subscript) and constant(target.slice) == "Location":
            yield from _open(place, node.value, "Location")
        if isinstance(target, ast.Attribute) and target.attr == "location":
            yield from _open(place, node.value, "Location")


def _open(place: Place, target: ast.expr, where: str) -> Iterator[Finding]:
    text = place.text(target)
    start = text.pieces[0] if text.pieces else None
    if text.is_built and start and (start.rstrip("/") or "?" in start):
        host = start.split("://", 1)[-1]
        if "/" in host or "?" in host or "://" not in start:
            return  # a value after a path of the site's own does not choose the host
    for value in text.values:
        is_sent = place.origins.of(value.node, value.scope) is Origin.REQUEST
        if is_sent and not _is_checked(place, value.node) and not _is_an_object(place, value.node):
            message = f"`{place.told(value.node)}` says where `{where}` leads"
            yield place.found("BST130", target, message)
            return


def _is_an_object(place: Place, node: ast.expr) -> bool:
    """Tell whether this is a parameter of a view that may as well be what was looked up."""
    if not isinstance(node, ast.Name) or ADDRESS.search(node.id):
        return False
    owner = place.scope.owner(node.id)
    return owner is not None and node.id in owner.parameters and node.id not in owner.values


def _is_checked(place: Place, node: ast.expr) -> bool:
    return place.origins.is_checked(node, place.scope)
