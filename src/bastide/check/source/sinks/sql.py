"""Statements that values are written into."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Edit, Finding
from bastide.check.rules import Confidence
from bastide.check.source.module import Located, argument, called_name, keyword
from bastide.check.source.origins import Origin
from bastide.check.source.place import Place, on_call, replace
from bastide.check.source.texts import Text

STATEMENT: Final = re.compile(
    r"^[\s(\0]*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|MERGE|WITH|DROP|CREATE|ALTER|TRUNCATE|GRANT|REVOKE|EXEC|CALL|SET"
    r"|PRAGMA|EXPLAIN|VACUUM|COPY|SHOW|DECLARE|UNION|ATTACH)\b",
    re.IGNORECASE,
)
A_NAME_FOLLOWS: Final = re.compile(
    r"(?:\b(?:FROM|JOIN|INTO|TABLE|UPDATE|INDEX|ON|EXISTS|VIEW|SEQUENCE|SCHEMA|COLUMN|DATABASE|USER|ROLE|ROLES|SAVEPOINT"
    r"|PRAGMA|SET|SELECT|DISTINCT|TRUNCATE|CURSOR|CONSTRAINT|TABLESPACE|USING|AS|TO|FOR|BY|ALTER|ANALYZE|COLLATE|DESCRIBE"
    r"|TRIGGER|ONLY|EXPLAIN|DECLARE|MODIFY|RENAME|KEY|INSERT|IF|REINDEX|WITH|HOLD|DUPLICATE|COUNT|GROUP|CAST|SHOW|DROP"
    r"|CREATE|DELETE)\s*[(\"`\[]*|[\"`\[.]|::)$",
    re.IGNORECASE,
)
A_TABLE_FOLLOWS: Final = re.compile(r"\b(?:FROM|JOIN|INTO|TABLE|UPDATE)\s+[\"`\[]?$", re.IGNORECASE)
SORTED_BY: Final = re.compile(r"\b(?:ORDER|GROUP)\s+BY\s+[^()]*$", re.IGNORECASE)
A_VALUE_FOLLOWS: Final = re.compile(
    r"(?:['%]|(?:[=<>]|\b(?:LIKE|ILIKE|IN|VALUES|BETWEEN|AND|LIMIT|OFFSET|WHERE)\b)\s*\(?\s*)$", re.IGNORECASE
)
TEXTS_OF_SQLALCHEMY: Final = re.compile(
    r"sqlalchemy.*\.(?:text|literal_column|TextClause)$|(?:^|\.)(?:db|sa|sqla)\.(?:text|literal_column)$"
)
COUNTED: Final = re.compile(r"_(?:ms|seconds|bytes|count|limit|size|days)$")
PLAIN: Final = re.compile(r"(?:=|<|>|LIKE)\s*$", re.IGNORECASE)


@on_call("execute", "executemany", "executescript", "exec_driver_sql", "read_sql", "read_sql_query", "fetch",
         "fetchrow", "fetchval", "fetch_all", "fetch_one", "mogrify", "scalar", "scalars", "query", "exec",
         "run_sql",
         "execute_sql", "copy_expert", "sql")  # fmt: skip
def formatted_statement(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A statement that reaches the driver with values in its text."""
    statement = argument(call, 0, "sql", "statement", "query", "operation", "clause")
    if statement is None or isinstance(statement, ast.Constant):
        return
    text = place.text(statement)
    if not text.is_built or not STATEMENT.match(text.fixed):
        return
    worst = _worst(place, text)
    if worst is not None:
        value, confidence = worst
        edits = _parameters(place, call, statement)
        yield place.found(
            "BST110",
            statement,
            f"`{place.told(value.node)}` is written into the text of a statement",
            confidence=confidence,
            edits=edits,
        )


@on_call("text", "literal_column", "TextClause", "SQL")
def formatted_text(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A text that SQLAlchemy or psycopg hands to the database as it is."""
    name = place.dotted(call.func)
    is_psycopg = name.endswith("sql.SQL") and name.startswith(("psycopg", "sql."))
    fragment = argument(call, 0, "text")
    if fragment is None or not (is_psycopg or TEXTS_OF_SQLALCHEMY.search(name)):
        return
    text = place.text(fragment)
    is_sent = not text.is_built and place.origin(fragment) is Origin.REQUEST
    worst = _worst(place, text) if text.is_built or is_sent else None
    if worst is not None:
        value, confidence = worst
        yield place.found(
            "BST111",
            fragment,
            f"`{place.told(value.node)}` is written into `{called_name(call)}()`",
            confidence=confidence,
        )


@on_call("raw", "RawSQL", "extra")
def formatted_raw(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A text that Django's models hand to the database as it is."""
    name = called_name(call)
    if name == "extra":
        given = [
            each.value for each in call.keywords if each.arg in {"where", "select", "tables", "order_by"}
        ]
    else:
        raw = argument(call, 0, "raw_query", "sql")
        given = [] if raw is None else [raw]
    for node in given:
        for fragment in _fragments(node):
            text = place.text(fragment)
            is_sent = place.origin(fragment) is Origin.REQUEST
            if (not text.is_built and not is_sent) or (
                name == "raw" and text.is_built and not STATEMENT.match(text.fixed)
            ):
                continue
            worst = _worst(place, text)
            if worst is not None:
                value, confidence = worst
                message = f"`{place.told(value.node)}` is written into the SQL of `{name}()`"
                yield place.found("BST112", fragment, message, confidence=confidence)


@on_call("like", "ilike", "contains", "startswith", "endswith")
def wildcards(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A search in which the visitor's ``%`` and ``_`` match anything."""
    name, term = called_name(call), argument(call, 0, "other")
    if term is None or not isinstance(call.func, ast.Attribute) or keyword(call, "escape") is not None:
        return
    if name not in {"like", "ilike"} or keyword(call, "autoescape") is not None:
        return
    text = place.text(term)
    if not text.is_built or "%" not in text.fixed:
        return
    for value in text.values:
        if place.origins.of(value.node, value.scope) >= Origin.GIVEN:
            message = f"wildcards in `{place.told(value.node)}` count as wildcards"
            yield place.found("BST113", term, message)
            return


def _fragments(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
            return list(parts)
        case _:
            return [node]


def _worst(place: Place, text: Text) -> tuple[Located, Confidence] | None:
    """Return the value that is farthest from the application's own text, if any is where it can do harm."""
    worst: tuple[Located, Confidence] | None = None
    before, rest = "", iter(text.values)
    for piece in text.pieces:
        if piece is not None:
            before += piece
            continue
        value = next(rest)
        confidence = _harm(place, value, before)
        if confidence is not None and (worst is None or confidence > worst[1]):
            worst = value, confidence
        before += "\0"
    return worst


def _harm(  # noqa: PLR0911 -- one per origin
    place: Place, value: Located, before: str
) -> Confidence | None:
    origin = place.origins.of(value.node, value.scope)
    if origin is Origin.REQUEST:
        return Confidence.HIGH
    if origin is Origin.FIXED:
        return None
    if A_NAME_FOLLOWS.search(before) and not SORTED_BY.search(before):
        is_table = (
            origin is Origin.GIVEN and isinstance(value.node, ast.Name) and A_TABLE_FOLLOWS.search(before)
        )
        return Confidence.LOW if is_table else None
    follows = A_VALUE_FOLLOWS.search(before)
    if origin is Origin.OWN:
        is_own = isinstance(value.node, ast.Attribute) and not value.node.attr.isupper()
        return Confidence.MEDIUM if is_own and before.endswith("'") else None
    if origin is Origin.GIVEN:
        return (
            Confidence.HIGH
            if follows or SORTED_BY.search(before)
            else Confidence.MEDIUM
            if before.strip("\0 (,")
            else None
        )
    if COUNTED.search(ast.unparse(value.node)):
        return None
    return (
        Confidence.MEDIUM
        if before.endswith("'") or (follows and not isinstance(value.node, ast.Call))
        else None
    )


def _parameters(place: Place, call: ast.Call, statement: ast.expr) -> tuple[Edit, ...]:
    """Return the edits that bind the values of a plain f-string, where the driver's sign is known."""
    sign = _sign(place)
    if sign is None or not isinstance(statement, ast.JoinedStr) or len(call.args) != 1 or call.keywords:
        return ()
    if called_name(call) != "execute" or statement.lineno != statement.end_lineno:
        return ()
    pieces: list[str] = []
    values: list[str] = []
    for part in statement.values:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            pieces.append(part.value)
        elif isinstance(part, ast.FormattedValue) and part.format_spec is None and part.conversion == -1:
            if not isinstance(part.value, (ast.Name, ast.Attribute, ast.Subscript)):
                return ()
            pieces.append("\0")
            values.append(ast.unparse(part.value))
    written = "".join(pieces).replace("'\0'", "\0")
    around = written.split("\0")
    if "'" in written or "%" in written or not all(PLAIN.search(piece) for piece in around[:-1]):
        return ()
    if not all(re.match(r"\s|$|[),;]", piece) for piece in around[1:]):
        return ()
    bound = repr(written.replace("\0", sign))
    if bound.startswith("'") and '"' not in bound:
        bound = f'"{bound[1:-1]}"'
    tuple_text = f"({', '.join(values)}{',' if len(values) == 1 else ''})"
    return (replace(statement, f"{bound}, {tuple_text}", place.module),)


def _sign(place: Place) -> str | None:
    """Return how the driver that the module uses marks a parameter."""
    imported = set(place.module.imports.values())
    signs = set()
    if any(name.split(".")[0] == "sqlite3" for name in imported):
        signs.add("?")
    if any(name.startswith(("django.db.", "psycopg", "MySQLdb", "pymysql")) for name in imported):
        signs.add("%s")
    return signs.pop() if len(signs) == 1 else None
