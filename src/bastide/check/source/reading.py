"""One file, read and told about; nothing in it makes the check fail."""

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

import bastide.check.source.sinks as _  # noqa: F401 -- registers every sink
from bastide.check.findings import Finding, Report, found
from bastide.check.source.files import TEMPLATES
from bastide.check.source.module import Module, called_name
from bastide.check.source.origins import Origins
from bastide.check.source.place import CALLS, KEYWORDS, NODES, Place, Sink
from bastide.check.source.templates import check_template
from bastide.check.source.texts import Texts
from bastide.check.source.waivers import waivers_of_python, waivers_of_template


def read_file(path: Path, name: str) -> Report:
    """Return what a file leaves open, under the name that findings give it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return unread(name, 1, error.strerror or str(error))
    if path.suffix in TEMPLATES:
        return _read_template(name, content)
    return _read_python(name, content)


def unread(name: str, line: int, why: str) -> Report:
    """Return the finding that a file was not read."""
    return Report(findings=(found("BST100", name, line, f"not read: {why}"),))


def _read_template(name: str, content: bytes) -> Report:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return unread(name, 1, "it is not UTF-8")
    return Report(findings=tuple(check_template(name, text)), waivers=tuple(waivers_of_template(name, text)))


def _read_python(name: str, content: bytes) -> Report:
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding).removeprefix("\ufeff")
        text = re.sub("\r\n?", "\n", text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the file's own, which its author sees elsewhere
            tree = ast.parse(text)
        module = Module(name, text, tree)
        findings = tuple(_findings(module))
        return Report(findings=findings, waivers=tuple(waivers_of_python(name, text, tree)))
    except SyntaxError as error:
        return unread(name, error.lineno or 1, f"Python cannot parse it ({error.msg})")
    except UnicodeDecodeError as error:
        return unread(name, content[: error.start].count(b"\n") + 1, "its bytes are not of its encoding")
    except (ValueError, LookupError) as error:
        return unread(name, 1, f"Python cannot parse it ({error})")
    except (RecursionError, MemoryError):
        return unread(name, 1, "it is nested too deeply")


def _findings(module: Module) -> Iterator[Finding]:
    origins = Origins(module)
    texts = Texts(module, origins)
    seen: set[tuple[str, int]] = set()
    for node, scope in module.nodes:
        for sink in _sinks(node):
            for finding in sink(Place(module, scope, origins, texts), node):
                if (finding.id, finding.line) not in seen:
                    seen.add((finding.id, finding.line))
                    yield finding


def _sinks(node: ast.AST) -> Iterator[Sink]:
    yield from NODES.get(type(node), ())
    if isinstance(node, ast.Call):
        yield from CALLS.get(called_name(node), ())
        asked: set[Sink] = set()
        for given in node.keywords:
            for sink in KEYWORDS.get(given.arg or "", ()):
                if sink not in asked:
                    asked.add(sink)
                    yield sink
