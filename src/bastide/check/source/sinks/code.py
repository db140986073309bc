"""Data that is run."""

import ast
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.rules import Confidence, Severity
from bastide.check.source.module import argument, called_name, constant, keyword
from bastide.check.source.origins import Origin
from bastide.check.source.place import Place, on_call, on_keyword

LOADERS: Final = frozenset({
    "pickle.loads", "pickle.load", "pickle.Unpickler", "cPickle.loads", "cPickle.load", "dill.loads",
    "dill.load",
    "marshal.loads", "marshal.load", "shelve.open", "jsonpickle.decode", "cloudpickle.loads",
    "cloudpickle.load",
    "joblib.load", "pandas.read_pickle", "_pickle.loads", "torch.load",
})  # fmt: skip
SAFE_LOADERS: Final = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")
SHELLS: Final = frozenset({"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "popen2.popen2",
                           "asyncio.create_subprocess_shell", "commands.getoutput"})  # fmt: skip


@on_call("loads", "load", "Unpickler", "open", "decode", "read_pickle")
def unpickled(place: Place, call: ast.Call) -> Iterator[Finding]:
    """Loaders that run what they load."""
    name = place.dotted(call.func)
    if name not in LOADERS or not call.args or isinstance(call.args[0], ast.Constant):
        return
    loaded = call.args[0]
    if isinstance(loaded, ast.Call) and called_name(loaded) == "dumps":
        return
    origin = place.origin(loaded)
    if origin < Origin.GIVEN and _writes_too(place, name):
        return  # what the module itself wrote
    if origin is Origin.REQUEST:
        yield place.found("BST170", call, f"what a visitor sent is loaded by `{name}`, which runs it")
    else:
        yield place.found(
            "BST170",
            call,
            f"`{name}` runs what it loads",
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )


def _writes_too(place: Place, loader: str) -> bool:
    writers = {f"{loader.partition('.')[0]}.{each}" for each in ("dumps", "dump")}
    return any(
        isinstance(node, ast.Call) and place.dotted(node.func) in writers for node, _ in place.module.nodes
    )


@on_call("load", "load_all", "unsafe_load", "full_load", "unsafe_load_all", "full_load_all")
def yaml_loaded(place: Place, call: ast.Call) -> Iterator[Finding]:
    """YAML that may name any class."""
    name = place.dotted(call.func)
    if not name.startswith(("yaml.", "ruamel.yaml.")) or name.count(".") != 1 + name.startswith("ruamel"):
        return
    loader = argument(call, 1, "Loader")
    if (
        loader is not None
        and called_name(call).startswith("load")
        and place.dotted(loader).endswith(SAFE_LOADERS)
    ):
        return
    yield place.found("BST171", call, f"`{name}` makes objects of any class that the document names")


@on_call("eval", "exec", "compile")
def evaluated(place: Place, call: ast.Call) -> Iterator[Finding]:
    """Text that is run as Python."""
    name = called_name(call)
    if (
        not isinstance(call.func, ast.Name)
        or place.scope.owner(name) is not None
        or name in place.module.imports
    ):
        return
    if not call.args or name == "compile":
        return
    text = place.text(call.args[0])
    origins = [place.origins.of(value.node, value.scope) for value in text.values]
    if Origin.REQUEST in origins:
        yield place.found("BST172", call, f"what a visitor sent is run by `{name}()`")
    elif origins and max(origins) >= Origin.COMPUTED and not _is_compiled(call.args[0]):
        yield place.found(
            "BST172", call, f"`{place.told(call.args[0])}` is run by `{name}()`", confidence=Confidence.MEDIUM
        )


def _is_compiled(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and called_name(node) == "compile"


@on_keyword("shell")
def shelled(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``shell=True`` with values in the command."""
    if constant(keyword(call, "shell")) is True and call.args:
        yield from _command(place, call, "shell=True")


@on_call("system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell", "popen2")
def systemed(place: Place, call: ast.Call) -> Iterator[Finding]:
    """Functions that hand their text to a shell."""
    name = place.dotted(call.func)
    if name in SHELLS and call.args:
        yield from _command(place, call, name)


def _command(place: Place, call: ast.Call, where: str) -> Iterator[Finding]:
    command = call.args[0]
    text = place.text(command)
    for value in text.values:
        node = value.node
        if isinstance(node, ast.Call) and place.module.dotted(node.func, value.scope) in {
            "shlex.quote",
            "shlex.join",
            "pipes.quote",
        }:
            continue
        origin = place.origins.of(node, value.scope)
        if origin >= Origin.COMPUTED:
            sure = Confidence.HIGH if origin >= Origin.GIVEN else Confidence.MEDIUM
            yield place.found(
                "BST173", call, f"`{place.told(node)}` reaches a shell by `{where}`", confidence=sure
            )
            return


@on_call("import_module", "__import__", "import_string")
def imported(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A module that the visitor chooses."""
    if call.args and place.origin(call.args[0]) is Origin.REQUEST:
        yield place.found(
            "BST172", call, f"what a visitor sent chooses the module that `{called_name(call)}()` runs"
        )
