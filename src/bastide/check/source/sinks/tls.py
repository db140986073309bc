"""Connections and tokens whose other end is not checked."""

import ast
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.source.module import argument, called_name, constant, keyword
from bastide.check.source.origins import Origin
from bastide.check.source.place import Place, on_call, on_keyword, on_node

ASKING: Final = frozenset({
    "get", "post", "put", "patch", "delete", "head", "options", "request", "Client", "AsyncClient",
    "Session", "stream",
    "send", "urlopen", "TCPConnector", "ClientSession", "client", "resource", "Elasticsearch",
})  # fmt: skip
CLIENTS: Final = ("requests.", "httpx.", "urllib.request.", "aiohttp.", "urllib3.")
FETCHES: Final = ("get", "post", "put", "head", "request", "urlopen", "stream", "patch", "delete", "options")


@on_keyword("verify", "cert_reqs", "ssl", "verify_ssl", "verify_certs")
def not_verified(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``verify=False`` and its like."""
    for name in ("verify", "ssl", "verify_ssl", "verify_certs"):
        value = keyword(call, name)
        if value is not None and constant(value) is False and (called_name(call) in ASKING):
            yield place.found("BST160", call, f"`{name}=False`: anybody may answer")
    value = keyword(call, "cert_reqs")
    if value is not None and ("CERT_NONE" in (str(constant(value)), place.dotted(value).rpartition(".")[2])):
        yield place.found("BST160", call, "`CERT_NONE`: anybody may answer")


@on_node(ast.Assign)
def verification_off(place: Place, node: ast.Assign) -> Iterator[Finding]:
    """``session.verify = False``, ``context.verify_mode = CERT_NONE`` and their like."""
    for target in node.targets:
        if not isinstance(target, ast.Attribute):
            continue
        is_off = target.attr in {"verify", "check_hostname"} and constant(node.value) is False
        is_off |= target.attr == "verify_mode" and place.dotted(node.value).endswith("CERT_NONE")
        is_off |= target.attr == "_create_default_https_context"
        if is_off:
            yield place.found("BST160", node, f"`{place.told(target)}` is off: anybody may answer")


@on_call("_create_unverified_context", "AutoAddPolicy")
def unverified(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A context that takes any certificate."""
    parent = place.module.parents.get(call)
    if (
        not isinstance(parent, ast.Assign)
        or called_name(call) == "AutoAddPolicy"
        or not any(isinstance(each, ast.Attribute) for each in parent.targets)
    ):
        yield place.found("BST160", call, f"`{called_name(call)}()`: anybody may answer")


@on_call("decode")
def token_not_verified(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``jwt.decode`` that takes any signature, or the one that the token names."""
    if not place.dotted(call.func).endswith("jwt.decode"):
        return
    options = keyword(call, "options")
    is_off = constant(keyword(call, "verify")) is False
    if isinstance(options, ast.Dict):
        pairs = zip(options.keys, options.values, strict=True)
        is_off |= any(
            constant(key) == "verify_signature" and constant(value) is False for key, value in pairs
        )
    algorithms = argument(call, 2, "algorithms")
    names = (
        [constant(each) for each in algorithms.elts] if isinstance(algorithms, (ast.List, ast.Tuple)) else []
    )
    if is_off or "none" in [str(name).lower() for name in names]:
        yield place.found("BST161", call, "the signature of the token is not checked")


@on_call(*FETCHES)
def fetched(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A request that the server makes to where the visitor says."""
    if not place.dotted(call.func).startswith(CLIENTS):
        return
    position = 1 if called_name(call) in {"request", "stream"} else 0
    address = argument(call, position, "url")
    if address is None:
        return
    text = place.text(address)
    start = text.pieces[0] if text.pieces else None
    if text.is_built and start and "/" in start.split("://", 1)[-1]:
        return
    for value in text.values:
        if place.origins.of(value.node, value.scope) is Origin.REQUEST:
            yield place.found("BST162", address, f"`{place.told(value.node)}` says what the server fetches")
            return
