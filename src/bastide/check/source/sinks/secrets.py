"""Secrets that whoever reads the source has."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from bastide.check.findings import Finding
from bastide.check.rules import Confidence
from bastide.check.source.module import argument, called_name, constant
from bastide.check.source.place import Place, on_call, on_keyword, on_node
from bastide.check.source.words import names_a_password, names_a_secret

KNOWN: Final = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bsk_live_[0-9A-Za-z]{16,}|\bxox[abpr]-[0-9A-Za-z-]{10,}|\bAIza[0-9A-Za-z_-]{35}\b|\bglpat-[0-9A-Za-z_-]{20}"
)
ADDRESS: Final = re.compile(r"^[a-z][a-z0-9+]*://[^:/?#\s{}%<]*:([^@/?#\s{}%<]+)@", re.IGNORECASE)
STAND_INS: Final = re.compile(r"[{}<>%\s]|\.\.\.|^(?:\*+|x+|your[-_ ].*|change[-_]?this)$", re.IGNORECASE)
TELLING: Final = re.compile(r"\d|[^A-Za-z0-9_.:/-]")
SITE_KEYS: Final = frozenset(
    {"SECRET_KEY", "secret_key", "JWT_SECRET_KEY", "WTF_CSRF_SECRET_KEY", "SECURITY_PASSWORD_SALT"}
)
KEYWORDS: Final = ("password", "passwd", "secret_key", "api_key", "token", "secret", "SECRET_KEY",
    "access_token",
                   "client_secret", "aws_secret_access_key")  # fmt: skip


@on_node(ast.Assign, ast.AnnAssign)
def assigned(place: Place, node: ast.Assign | ast.AnnAssign) -> Iterator[Finding]:
    """A literal that is assigned to what bears the name of a secret."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        name = _name(target)
        if name and node.value is not None:
            yield from _literal(place, name, node.value)
            yield from _default(place, name, node.value)


@on_node(ast.Dict)
def listed(place: Place, node: ast.Dict) -> Iterator[Finding]:
    """A literal beside a key that is the name of a secret."""
    for key, value in zip(node.keys, node.values, strict=True):
        name = constant(key)
        if isinstance(name, str) and name.isidentifier():
            yield from _literal(place, name, value)


@on_keyword(*KEYWORDS)
def handed_over(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A literal that is handed over by the name of a secret."""
    if called_name(call) in {
        "Field",
        "field",
        "Column",
        "add_argument",
        "option",
        "CharField",
        "getpass",
        "render",
    }:
        return
    for given in call.keywords:
        if given.arg in KEYWORDS:
            yield from _literal(place, given.arg, given.value)
            yield from _default(place, given.arg, given.value)


@on_node(ast.Compare)
def compared(place: Place, node: ast.Compare) -> Iterator[Finding]:
    """A password that the code compares with."""
    left, right = node.left, node.comparators[0]
    name = _name(left)
    if len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq)) and name and name not in SITE_KEYS:
        value = constant(right)
        if (
            (
                isinstance(value, str)
                and (names_a_password(name) or "secret" in name.lower())
                and len(value) >= MIN_LENGTH
            )
            and "hash" not in name
            and _is_telling(name, value)
        ):
            yield _of(place, right, name)


@on_node(ast.Assign, ast.AnnAssign)
def known(place: Place, node: ast.Assign | ast.AnnAssign) -> Iterator[Finding]:
    """A key of a known service, a private key, an address with a password in it, whatever its name is."""
    value = node.value
    texts = (
        [value] if isinstance(value, ast.Constant) else value.values if isinstance(value, ast.Dict) else []
    )
    for each in texts:
        text = constant(each)
        if isinstance(text, str) and (KNOWN.search(text) or _address(text)):
            yield place.found(
                "BST156", each, "a secret is written into the source", confidence=Confidence.HIGH
            )


MIN_LENGTH: Final = 4


def _address(text: str) -> bool:
    match = ADDRESS.search(text)
    return match is not None and match[1].lower() not in {
        "password",
        "pass",
        "user",
        "pw",
        "passwd",
        "pwd",
        "secret",
    }


def _literal(place: Place, name: str, value: ast.expr) -> Iterator[Finding]:
    text = constant(value)
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    if not isinstance(text, str) or not (names_a_secret(name) or name in SITE_KEYS) or KNOWN.search(text):
        return
    if name in SITE_KEYS:
        if text and "{" not in text and not text.startswith("<"):
            yield _of(place, value, name)
    elif len(text) >= MIN_LENGTH and _is_telling(name, text):
        yield _of(place, value, name)


def _is_telling(name: str, text: str) -> bool:
    if (
        STAND_INS.search(text)
        or text.lower().replace("-", "_") == name.lower()
        or text.startswith(("/", "http", "bearer"))
    ):
        return False
    return bool(TELLING.search(text)) or (
        names_a_password(name)
        and text.islower()
        and text.isalpha()
        and "pass" not in text
        and len(text) > MIN_LENGTH
    )


def _default(place: Place, name: str, value: ast.expr) -> Iterator[Finding]:
    """``os.environ.get("SECRET_KEY", "dev")``: where the variable is missing, everybody knows the key."""
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        last = value.values[-1]
        if any(_is_environment(place, each) for each in value.values):
            yield from _literal(place, name, last)
    if isinstance(value, ast.Call) and _is_environment(place, value):
        fallback = argument(value, 1, "default")
        if fallback is not None:
            yield from _literal(place, name, fallback)


def _is_environment(place: Place, node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    dotted = place.dotted(node.func)
    return dotted in {
        "os.environ.get",
        "os.getenv",
        "environ.get",
        "env",
        "config",
        "decouple.config",
        "environ.Env()",
    } or dotted.startswith(("env.", "environ."))


def _of(place: Place, node: ast.expr, name: str) -> Finding:
    is_sure = name in SITE_KEYS
    confidence = Confidence.HIGH if is_sure else Confidence.MEDIUM
    return place.found("BST156", node, f"`{name}` is written into the source", confidence=confidence)


def _name(target: ast.expr) -> str:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name if name.isidentifier() else ""
        case _:
            return ""


@on_call("encode", "decode", "Fernet", "URLSafeTimedSerializer", "URLSafeSerializer", "Serializer", "Signer")
def signed(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A key that is written where something is signed: ``jwt.encode(claims, "secret")``."""
    name = place.dotted(call.func)
    position = 1 if name.endswith(("jwt.encode", "jwt.decode")) else 0
    if position == 0 and not name.startswith(("itsdangerous", "cryptography.fernet", "django.core.signing")):
        return
    key = argument(call, position, "key", "secret_key")
    if key is not None and isinstance(constant(key), (str, bytes)):
        yield _of(place, key, "key")


@on_call("setdefault", "from_mapping", "update", "configure")
def configured(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``app.config.setdefault("SECRET_KEY", "dev")``."""
    if called_name(call) == "setdefault" and len(call.args) == 2:  # noqa: PLR2004 -- key and value
        name = constant(call.args[0])
        if isinstance(name, str) and name in SITE_KEYS:
            yield from _literal(place, name, call.args[1])
