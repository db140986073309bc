"""Secrets from a generator that can be guessed."""

import ast
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Edit, Finding
from bastide.check.source.module import Module, called_name
from bastide.check.source.place import Place, on_call, replace
from bastide.check.source.words import names_chance

DRAWS: Final = ("choice", "choices", "randint", "randrange", "random", "sample", "getrandbits", "shuffle",
    "uniform",
                "randbytes")  # fmt: skip


@on_call(*DRAWS, "uuid1")
def guessable(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``random`` where nobody may guess what comes out."""
    name = place.dotted(call.func)
    is_uuid = name == "uuid.uuid1"
    if not is_uuid and not (name.startswith("random.") and name.count(".") == 1):
        return
    meant = next((word for word in _meant(place, call) if names_chance(word)), None)
    if meant is not None:
        edits = () if is_uuid else _secrets(place.module, call)
        yield place.found(
            "BST154", call, f"`{meant}` is drawn from `{name}`, which can be guessed", edits=edits
        )


def _meant(place: Place, call: ast.Call) -> Iterator[str]:  # noqa: C901 -- one per kind of node
    """Yield the names that say what the draw is for, nearest first."""
    inner: ast.AST = call
    for above in place.module.ancestors(call):
        match above:
            case ast.keyword(arg=str(name)):
                yield name
            case ast.Assign(targets=targets):
                for target in targets:
                    for each in ast.walk(target):
                        if isinstance(each, (ast.Name, ast.Attribute)):
                            yield each.id if isinstance(each, ast.Name) else each.attr
                        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
                            yield each.value
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.NamedExpr(target=ast.Name(id=name)):
                yield name
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name
            case ast.Dict(keys=keys, values=values):
                yield from (
                    key.value
                    for key, value in zip(keys, values, strict=True)
                    if value is inner and isinstance(key, ast.Constant) and isinstance(key.value, str)
                )
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
                return
            case _:
                pass
        inner = above


def _secrets(module: Module, call: ast.Call) -> tuple[Edit, ...]:
    """Return the edits that draw from the system's generator instead."""
    name = called_name(call)
    if name == "randbytes":
        drawn = "secrets.token_bytes"
    elif name == "choice":
        drawn = "secrets.choice"
    elif name == "getrandbits":
        drawn = "secrets.randbits"
    else:
        drawn = f"secrets.SystemRandom().{name}"
    edits = [replace(call.func, drawn, module)]
    if "secrets" not in module.imports:
        first = next(
            (
                each
                for each in module.tree.body
                if isinstance(each, (ast.Import, ast.ImportFrom))
                and getattr(each, "module", "") != "__future__"
            ),
            None,
        )
        if first is None or module.imports.get("secrets", "secrets") != "secrets":
            return ()
        edits.append(
            Edit(line=first.lineno, column=0, end_line=first.lineno, end_column=0, text="import secrets\n")
        )
    return tuple(edits)
