"""Markup that values are written into, and templates that are made of them."""

import ast
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.rules import Confidence
from bastide.check.source.module import Located, argument, called_name, constant, keyword
from bastide.check.source.origins import Origin
from bastide.check.source.place import Place, on_call, on_keyword, on_node

MARKS: Final = ("Markup", "mark_safe", "SafeString", "SafeText", "format_html")
ESCAPING: Final = frozenset({*MARKS, "escape", "conditional_escape", "format_html_join", "html_params"})
OWNERS: Final = ("markupsafe", "flask", "jinja2", "django", "wtforms", "werkzeug")
HTML_ANSWERS: Final = frozenset({"HttpResponse", "Response", "make_response", "HTMLResponse"})


@on_call(*MARKS)
def marked_safe(place: Place, call: ast.Call) -> Iterator[Finding]:
    """Text that is declared to be markup although values are in it."""
    name = called_name(call)
    if not call.args or place.dotted(call.func).partition(".")[0] not in OWNERS:
        return
    marked = call.args[0]
    text = place.text(marked)
    if name == "format_html" and not text.is_built:
        return
    for value in text.values:
        confidence = _harm(place, value, is_alone=not text.is_built)
        if confidence is not None:
            told = place.told(value.node)
            yield place.found(
                "BST120", call, f"`{told}` is declared safe by `{name}()`", confidence=confidence
            )
            return


def _harm(place: Place, value: Located, *, is_alone: bool) -> Confidence | None:
    origin = place.origins.of(value.node, value.scope)
    node = value.node
    if _is_marked(value):
        return None
    if origin is Origin.REQUEST:
        return Confidence.HIGH
    if origin is Origin.GIVEN:
        if is_alone and isinstance(node, ast.Name):
            return Confidence.MEDIUM
        return (
            Confidence.HIGH
            if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript))
            else Confidence.MEDIUM
        )
    if origin is Origin.OWN and isinstance(node, ast.Attribute):
        is_of_self = isinstance(node.value, (ast.Name, ast.Attribute)) and place.module.dotted(
            node, value.scope
        ).startswith("self.")
        return Confidence.MEDIUM if is_of_self and node.attr not in place.module.attributes else None
    return None


def _is_marked(value: Located) -> bool:
    """Tell whether the value is markup already, or is escaped by whoever made it."""
    node = value.node
    if isinstance(node, ast.Call):
        return called_name(node) in ESCAPING
    if isinstance(node, ast.Name):
        owner = value.scope.owner(node.id)
        known = owner.values.get(node.id, ()) if owner is not None else ()
        # Where one branch escapes, the other has what need not be.
        return any(
            isinstance(inner, ast.Call) and called_name(inner) in ESCAPING
            for each in known
            for inner in ast.walk(each)
        )
    return False


@on_call("render_template_string", "stream_template_string", "from_string", "Template")
def template_of_values(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A template whose text holds values: they are run as template code."""
    name = called_name(call)
    source = argument(call, 0, "source", "template_string", "template_code")
    if source is None:
        return
    dotted = place.dotted(call.func)
    if name == "Template" and not dotted.startswith(("jinja2", "django.template", "mako")):
        return
    text = place.text(source)
    for value in text.values:
        origin = place.origins.of(value.node, value.scope)
        if origin is Origin.REQUEST or (origin is Origin.GIVEN and text.is_built):
            message = f"`{place.told(value.node)}` is compiled as a template by `{name}()`"
            yield place.found("BST122", source, message)
            return


@on_keyword("autoescape")
def autoescape_off(place: Place, call: ast.Call) -> Iterator[Finding]:
    """An environment whose templates escape nothing."""
    if constant(keyword(call, "autoescape")) is False and called_name(call) in {
        "Environment",
        "SandboxedEnvironment",
        "Template",
        "Engine",
        "dict",
    }:
        yield place.found("BST123", call, "templates of this environment escape nothing")


@on_call("Environment", "SandboxedEnvironment")
def autoescape_left_off(place: Place, call: ast.Call) -> Iterator[Finding]:
    """Jinja's own environment escapes nothing unless it is told to."""
    is_told = any(given.arg in {None, "autoescape"} for given in call.keywords)
    if not is_told and place.dotted(call.func).startswith("jinja2"):
        yield place.found("BST123", call, "Jinja escapes nothing here: `autoescape` is left at its default")


@on_node(ast.Assign)
def autoescape_set_off(place: Place, node: ast.Assign) -> Iterator[Finding]:
    """``app.jinja_env.autoescape = False``, or ``{"autoescape": False}`` of ``TEMPLATES``."""
    target = node.targets[0]
    is_own = isinstance(target, ast.Attribute) and place.dotted(target) == "self.autoescape"
    is_off = (
        isinstance(target, ast.Attribute) and target.attr == "autoescape" and constant(node.value) is False
    )
    if is_off and not is_own:
        yield place.found("BST123", node, "templates of this environment escape nothing")
    if isinstance(target, ast.Name) and target.id == "TEMPLATES":
        for inner in ast.walk(node.value):
            if isinstance(inner, ast.Dict):
                for key, value in zip(inner.keys, inner.values, strict=True):
                    if constant(key) == "autoescape" and constant(value) is False:
                        yield place.found("BST123", value, "Django's templates escape nothing")


@on_call(*HTML_ANSWERS)
def answered(place: Place, call: ast.Call) -> Iterator[Finding]:
    """An answer in HTML that a view writes itself."""
    kind = argument(call, 1, "content_type") if called_name(call) == "HttpResponse" else None
    kinds = [kind, keyword(call, "mimetype"), keyword(call, "content_type"), keyword(call, "media_type")]
    told = [each for each in kinds if each is not None]
    body = argument(call, 0, "content", "response")
    if body is not None and (not told or any("html" in str(constant(each)) for each in told)):
        yield from _reflected(place, body)


@on_node(ast.Return)
def returned(place: Place, node: ast.Return) -> Iterator[Finding]:
    """What a Flask view returns is HTML."""
    function = place.scope.function().node
    is_view = isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
        isinstance(each, ast.Call)
        and called_name(each) in {"route", "get", "post", "errorhandler"}
        and isinstance(each.func, ast.Attribute)
        for each in function.decorator_list
    )
    if is_view and node.value is not None:
        body = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
        yield from _reflected(place, body)


def _reflected(place: Place, body: ast.expr) -> Iterator[Finding]:
    if isinstance(body, ast.Call) and called_name(body) in HTML_ANSWERS:
        return
    text = place.text(body)
    is_alone = not text.is_built and (
        isinstance(body, (ast.Subscript, ast.Attribute))
        or (
            isinstance(body, ast.Call) and called_name(body) in {"get", "strip", "lower", "upper", "get_data"}
        )
    )
    if not is_alone and "<" not in text.fixed and not isinstance(body, ast.JoinedStr):
        return
    for value in text.values:
        is_text = not isinstance(value.node, ast.Call) or called_name(value.node) not in {
            "get_json",
            "to_dict",
        }
        if is_text and place.origins.of(value.node, value.scope) is Origin.REQUEST and not _is_marked(value):
            yield place.found("BST124", body, f"`{place.told(value.node)}` is sent back as HTML, as it came")
            return
