"""Settings that are for a developer's machine."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from bastide.check.findings import Finding
from bastide.check.source.module import called_name, constant, keyword
from bastide.check.source.place import Place, on_call, on_keyword, on_node

ELSEWHERE: Final = re.compile(
    r"(?:^|_|[a-z])(?:dev|devel|development|local|test|tests|testing|debug)(?:$|_|config|[A-Z])",
    re.IGNORECASE,
)
SETTINGS: Final = re.compile(r"settings|config|production|base|common|defaults|app|wsgi|__init__|main")
RUNNING: Final = {
    "run": ("debug", "use_debugger"),
    "run_simple": ("use_debugger",),
    "DebuggedApplication": ("evalex",),
    "update": ("DEBUG",),
    "from_mapping": ("DEBUG",),
}
DEBUGS: Final = frozenset({"DEBUG", "FLASK_DEBUG"})


@on_keyword("debug", "use_debugger", "evalex", "use_evalex", "DEBUG")
def debug_run(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``app.run(debug=True)``: the debugger runs what a visitor types."""
    name = called_name(call)
    names = RUNNING.get(name, ())
    is_asyncio = place.dotted(call.func).startswith(("asyncio", "anyio", "uvicorn"))
    if not is_asyncio and any(constant(keyword(call, each)) is True for each in names):
        yield place.found("BST193", call, "the debugger runs Python that a visitor types")


@on_node(ast.Assign, ast.AnnAssign)
def debug_set(place: Place, node: ast.Assign | ast.AnnAssign) -> Iterator[Finding]:
    """``DEBUG = True``, ``app.debug = True``, ``app.config["DEBUG"] = True``."""
    if constant(node.value) is not True or ELSEWHERE.search(PurePath(place.module.path).stem):
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        match target:
            case ast.Name(id=name) if name in DEBUGS and _is_setting(place):
                pass
            case ast.Attribute(attr="debug", value=ast.Name(id="app" | "application")):
                pass
            case ast.Subscript(value=ast.Attribute(attr="config"), slice=ast.Constant(value="DEBUG")):
                pass
            case _:
                continue
        yield place.found("BST193", node, "pages of errors show source, settings and variables to everybody")


def _is_setting(place: Place) -> bool:
    within = place.scope.node
    if isinstance(within, ast.ClassDef):
        return "onfig" in within.name and not ELSEWHERE.search(within.name)
    return (
        within is place.module.tree
        and any(
            name in place.scope.values
            for name in ("INSTALLED_APPS", "SECRET_KEY", "ALLOWED_HOSTS", "ROOT_URLCONF", "MIDDLEWARE")
        )
    ) or (within is place.module.tree and bool(re.search(r"settings|config", place.module.path)))


@on_node(ast.Assign)
def any_host(place: Place, node: ast.Assign) -> Iterator[Finding]:
    """``ALLOWED_HOSTS = ["*"]``: mails and redirects carry the host that the visitor sent."""
    for target in node.targets:
        if (
            (
                isinstance(target, ast.Name)
                and target.id == "ALLOWED_HOSTS"
                and isinstance(node.value, (ast.List, ast.Tuple))
            )
            and "*" in [constant(each) for each in node.value.elts]
            and not ELSEWHERE.search(PurePath(place.module.path).stem)
        ):
            yield place.found("BST194", node, "every `Host` header is taken")


@on_keyword("supports_credentials", "allow_credentials")
def any_origin(place: Place, call: ast.Call) -> Iterator[Finding]:
    """CORS for every origin, cookies included."""
    is_with = True in {
        constant(keyword(call, "supports_credentials")),
        constant(keyword(call, "allow_credentials")),
    }
    origins = keyword(call, "origins") or keyword(call, "allow_origins")
    named = (
        [constant(each) for each in origins.elts]
        if isinstance(origins, (ast.List, ast.Tuple))
        else [constant(origins)]
    )
    if is_with and (origins is None or "*" in named):
        yield place.found("BST195", call, "scripts of any site read answers as the visitor who is signed in")


@on_node(ast.Assign)
def any_origin_set(place: Place, node: ast.Assign) -> Iterator[Finding]:
    """``CORS_ALLOW_ALL_ORIGINS = True`` together with credentials."""
    names = {each.id for each in node.targets if isinstance(each, ast.Name)}
    is_every = names & {"CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"} and constant(node.value) is True
    with_cookies = place.scope.values.get("CORS_ALLOW_CREDENTIALS", ())
    if is_every and any(constant(each) is True for each in with_cookies):
        yield place.found("BST195", node, "scripts of any site read answers as the visitor who is signed in")


@on_node(ast.Import, ast.ImportFrom)
def left_behind(place: Place, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
    """Libraries in the path of security that nobody looks after any more."""
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    for name in names:
        instead = LEFT_BEHIND.get(name.split(".")[0])
        if instead is not None:
            yield place.found("BST196", node, f"`{name}` is looked after by nobody: {instead}")


LEFT_BEHIND: Final = {
    "bleach": "nh3 cleans HTML",
    "flask_talisman": '`bastide.flask.Layers("headers")` sets headers',
    "flask_seasurf": "Flask-WTF checks tokens",
    "flask_sslify": 'the server in front, or `Layers("transport")`, redirects to HTTPS',
    "flask_jwt": "PyJWT, or Flask-JWT-Extended",
    "jwt_simple": "PyJWT",
    "passlib": "argon2-cffi hashes passwords",
    "Crypto": "cryptography; PyCrypto ended in 2013, and PyCryptodome is `Cryptodome`",
}


@on_call("utcnow", "utcfromtimestamp")
def naive(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A time without a zone in what expires."""
    name = getattr(place.scope.function().node, "name", "")
    above = [
        each
        for each in place.module.ancestors(call)
        if isinstance(each, (ast.Compare, ast.Assign, ast.keyword))
    ]
    words = name + "".join(ast.unparse(each) for each in above[:1])
    if place.dotted(call.func).startswith("datetime.") and re.search(
        r"expir|lock|valid|token|session|timeout|until", words, re.IGNORECASE
    ):
        yield place.found("BST197", call, "a time without a zone decides when something ends")
