"""What is looked for in templates, of Jinja and of Django alike."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from bastide.check.findings import Finding, found
from bastide.check.rules import Confidence
from bastide.check.source.templates.reading import Output, Template, Where, between, read_template

ESCAPED: Final = frozenset({
    "e", "escape", "force_escape", "forceescape", "tojson", "json_script", "length", "count", "urlencode",
    "date",
    "time", "linebreaks", "linebreaksbr", "urlize", "striptags", "int", "float", "round", "filesizeformat",
    "escapejs",
    "yesno", "pluralize", "xmlattr", "slugify", "floatformat", "timesince", "timeuntil", "intcomma",
    "add_class",
})  # fmt: skip
CLEANING: Final = re.compile(r"sanit|bleach|clean|nh3|safe_|escape|purif", re.IGNORECASE)
LITERAL: Final = re.compile(
    r"^(?:\"[^\"]*\"|'[^']*'|\d+|_\(.*\)|gettext\(.*\)|ngettext\(.*\)|[A-Z_]+)$", re.DOTALL
)
CALL: Final = re.compile(r"^[\w.]*\(")
METHOD: Final = re.compile(r"^\w+(?:\.\w+)+\(\)$")
OF_THE_SITE: Final = re.compile(r"^(?:config|settings)\.|csrf|nonce|_json$", re.IGNORECASE)
IN_SCRIPT: Final = frozenset({
    "tojson", "json_script", "escapejs", "length", "count", "int", "float", "round", "yesno",
    "unlocalize", "date", "json", "to_json", "jsonify", "floatformat", "stringformat",
    "htmlsafe_json_dumps", "forceescapejs",
})  # fmt: skip
NUMBERS: Final = re.compile(
    r"(?:^|[._])(?:id|pk|loop\.\w+|index0?|count|counter0?|total|page|nonce|size|year|port|length|width|height)$|^forloop\."
)
WEBSITES: Final = re.compile(r"\.(?:website|homepage|home_page|web_site|blog_url|site_url|web)$")
ADDRESSES: Final = frozenset({"href", "src", "action", "formaction", "xlink:href"})
FIELD: Final = re.compile(r"csrf|hidden_tag|token|management_form", re.IGNORECASE)


def check_template(path: str, text: str) -> Iterator[Finding]:
    """Yield what a template leaves open."""
    template = read_template(text)
    if template.fault is not None and _is_surely_one(path, template):
        line, what = template.fault
        yield found("BST103", path, line, f"{what}: the rest was not read")
    for output in template.outputs:
        yield from _declared_safe(path, output)
        yield from _misplaced(path, output)
    if re.search(r"<[a-zA-Z]", text):
        yield from _switched_off(path, template)
    yield from _without_token(path, text, template)


def _is_surely_one(path: str, template: Template) -> bool:
    parts = PurePath(path)
    return bool(template.tags or {"templates", "jinja2"} & set(parts.parts)) or parts.suffix in {
        ".j2",
        ".jinja",
        ".jinja2",
    }


def _declared_safe(path: str, output: Output) -> Iterator[Finding]:
    names = [each.split("(")[0].split(":")[0].strip() for each in output.filters]
    if not {"safe", "safeseq"} & set(names) or LITERAL.match(output.value) or output.where is Where.COMMENT:
        return
    before = names[: next(place for place, name in enumerate(names) if name in {"safe", "safeseq"})]
    is_clean = any(name in ESCAPED or CLEANING.search(name) for name in before) or CLEANING.search(
        output.value
    )
    if is_clean or "e" in names or "escape" in names:
        return
    is_made = CALL.match(output.value) and not METHOD.match(output.value)
    if (
        not is_made
        and "csrf" not in output.value
        and not re.match(r"(?:\w*form|field|widget)\b", output.value)
    ):
        yield found("BST121", path, output.line, f"`{output.value}` comes out as markup by `|safe`")


def _misplaced(path: str, output: Output) -> Iterator[Finding]:
    value, names = output.value, {each.split("(")[0].split(":")[0].strip() for each in output.filters}
    if LITERAL.match(value) or not value:
        return
    if output.where is Where.UNQUOTED and not NUMBERS.search(value) and not CALL.match(value):
        yield found(
            "BST125",
            path,
            output.line,
            f"`{value}` stands in the attribute `{output.attribute}` without quotes",
        )
    is_script = output.where is Where.SCRIPT or (
        output.where is Where.QUOTED and re.match(r"on[a-z]+$", output.attribute)
    )
    if (
        is_script
        and not OF_THE_SITE.search(value)
        and not names & IN_SCRIPT
        and not NUMBERS.search(value)
        and not CALL.match(value)
    ):
        confidence = Confidence.HIGH if re.match(r"request\b", value) else None
        yield found(
            "BST126", path, output.line, f"`{value}` is put into a script as text", confidence=confidence
        )
    if (
        output.where is Where.QUOTED
        and output.attribute in ADDRESSES
        and WEBSITES.search(value)
        and not names
    ):
        yield found(
            "BST127", path, output.line, f"`{value}` is a link to wherever it says, `javascript:` included"
        )


def _switched_off(path: str, template: Template) -> Iterator[Finding]:
    for tag, outputs in between(template, "autoescape", "endautoescape"):
        bare = [each for each in outputs if not LITERAL.match(each.value) and not _is_escaped(each)]
        if tag.rest in {"off", "false", "False"} and bare:
            yield found("BST121", path, tag.line, f"`{bare[0].value}` comes out as markup: escaping is off")


def _is_escaped(output: Output) -> bool:
    names = {each.split("(")[0].split(":")[0].strip() for each in output.filters}
    return bool(names & ESCAPED) or any(CLEANING.search(name) for name in names)


def _without_token(path: str, text: str, template: Template) -> Iterator[Finding]:
    if re.search(r"x-csrf|csrf_?header", text, re.IGNORECASE):
        return
    for form in template.forms:
        may_hold = any(
            FIELD.search(inside)
            or re.match(r"include\b|call\b|block\b|import\b|component|render|crispy", inside)
            or "(" in inside
            for inside in form.inside
        )
        if not may_hold and form.inside is not None:
            yield found("BST199", path, form.line, "the form sends no token")
