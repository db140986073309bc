"""Cookies that others read."""

import ast
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Edit, Finding
from bastide.check.source.module import Module, constant, keyword
from bastide.check.source.place import Place, on_call, on_keyword, on_node, replace
from bastide.check.source.words import parts

SETTINGS: Final = frozenset({
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE",
    "REMEMBER_COOKIE_HTTPONLY", "LANGUAGE_COOKIE_SECURE",
})  # fmt: skip
READ_BY_SCRIPTS: Final = frozenset(
    {"csrf", "csrftoken", "xsrf", "theme", "language", "lang", "locale", "consent"}
)


@on_call("set_cookie")
def cookie_set(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A cookie without Secure, or without HttpOnly where no script needs it."""
    if any(given.arg is None for given in call.keywords) or any(
        isinstance(each, ast.Starred) for each in call.args
    ):
        return
    name = constant(call.args[0]) if call.args else constant(keyword(call, "key"))
    if constant(keyword(call, "max_age")) == 0 or constant(keyword(call, "expires")) == 0:
        return
    wanted = {"secure": "True"}
    if not isinstance(name, str) or READ_BY_SCRIPTS.isdisjoint(parts(name)):
        wanted["httponly"] = "True"
    missing = [
        each for each in wanted if constant(keyword(call, each)) is False or keyword(call, each) is None
    ]
    if missing:
        edits = _flags(place.module, call, missing)
        yield place.found("BST198", call, f"the cookie lacks {' and '.join(missing)}", edits=edits)


@on_node(ast.Assign)
def cookie_setting(place: Place, node: ast.Assign) -> Iterator[Finding]:
    """``SESSION_COOKIE_SECURE = False`` and its like."""
    for target in node.targets:
        name = target.id if isinstance(target, ast.Name) else None
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            name = str(target.slice.value)
        is_off = name in SETTINGS and constant(node.value) is False
        is_off |= (
            name in {"SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE"}
            and str(constant(node.value)) in {"None", "False"}
            and isinstance(node.value, ast.Constant)
        )
        if is_off:
            edits = (replace(node.value, "True" if name in SETTINGS else '"Lax"', place.module),)
            yield place.found("BST198", node, f"`{name}` is off", edits=edits)


@on_keyword(*sorted(SETTINGS))
def cookie_configured(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``app.config.update(SESSION_COOKIE_SECURE=False)``."""
    for given in call.keywords:
        if given.arg in SETTINGS and constant(given.value) is False:
            edits = (replace(given.value, "True", place.module),)
            yield place.found("BST198", given.value, f"`{given.arg}` is off", edits=edits)


def _flags(module: Module, call: ast.Call, missing: list[str]) -> tuple[Edit, ...]:
    edits: list[Edit] = []
    absent = []
    for name in missing:
        value = keyword(call, name)
        if value is None:
            absent.append(f"{name}=True")
        else:
            edits.append(replace(value, "True", module))
    if keyword(call, "samesite") is None:
        absent.append('samesite="Lax"')
    last = max(
        [*call.args, *(given.value for given in call.keywords)],
        key=lambda each: (each.end_lineno or 0, each.end_col_offset or 0),
        default=None,
    )
    if last is None or len(call.args) > 2:  # noqa: PLR2004 -- beyond name and value, places have meanings
        return ()
    if absent:
        at = replace(last, "", module)
        edits.append(
            Edit(
                line=at.end_line,
                column=at.end_column,
                end_line=at.end_line,
                end_column=at.end_column,
                text=", " + ", ".join(absent),
            )
        )
    return tuple(edits)
