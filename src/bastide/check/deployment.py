"""The deployment: its environment and gunicorn's configuration, read and never run."""

import ast
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bastide.check.findings import Finding, found
from bastide.check.live.places import Place
from bastide.check.live.secret_keys import weakness

LINE: Final = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")
DEBUG: Final = re.compile(r"(?i)(^|_)(DEBUG|TESTING)$|^FLASK_ENV$|^(DJANGO_)?DEVELOPMENT$")
ON: Final = frozenset({"1", "true", "yes", "on", "development"})
KEY: Final = re.compile(r"(?i)(^|_)(SECRET_KEY|JWT_SECRET|SIGNING_KEY|SECURITY_PASSWORD_SALT)(_KEY)?$")
DATABASE: Final = re.compile(r"(?i)^(postgres(ql)?|mysql|mariadb)(\+\w+)?://")
HERE: Final = re.compile(r"://([^@/]*@)?(/|localhost|127\.0\.0\.1|\[::1\]|%2F|$)")
WITH_TLS: Final = re.compile(r"(?i)(sslmode=(verify-full|verify-ca)|ssl_mode=VERIFY|ssl_ca=|sslrootcert=)")
NO_BOUND: Final = ("limit_request_line", "limit_request_field_size")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What is known of where the application runs.

    Attributes:
        variables: of its environment.
        workers: how many processes serve it; 1 where nothing says.
        findings: what the files leave open.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    workers: int = 1
    findings: tuple[Finding, ...] = ()


def read_deployment(*, env: Path | None = None, gunicorn: Path | None = None) -> Deployment:
    """Return what an environment file and a configuration of gunicorn say.

    Args:
        env: lines of ``NAME=value``, as systemd, Docker and dotenv read them.
        gunicorn: a Python file, of which only plain values are read.

    Raises:
        OSError: a file cannot be read.
    """
    lines = {} if env is None else _lines_of(env)
    variables = {name: value for name, (value, _) in lines.items()}
    settings = {} if gunicorn is None else _settings_of(gunicorn)
    findings = [*_check_env(env, lines), *_check_gunicorn(gunicorn, settings)]
    given = settings.get("workers", (variables.get("WEB_CONCURRENCY", 1), 0))[0]
    return Deployment(variables=variables, workers=_count(given), findings=tuple(findings))


def _count(value: Any) -> int:
    try:
        return max(int(value), 1)
    except (TypeError, ValueError):
        # As many as there are processors, or so; in any case not one.
        return 2


def _lines_of(path: Path) -> dict[str, tuple[str, int]]:
    lines = {}
    for number, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = LINE.match(text)
        if match is not None:
            lines[match[1]] = (_unquoted(match[2]), number)
    return lines


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return re.sub(r"\s+#.*$", "", text)


def _settings_of(path: Path) -> dict[str, tuple[Any, int]]:
    """Return the plain values of a configuration; what is computed counts as neither one nor none."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return {}
    settings = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                value = None
            settings[node.targets[0].id] = (value, node.lineno)
    return settings


def _check_env(path: Path | None, lines: Mapping[str, tuple[str, int]]) -> list[Finding]:
    if path is None:
        return []
    findings = []
    others = stat.S_IMODE(path.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH)
    if others & stat.S_IROTH and any(KEY.search(name) for name in lines):
        message = "everybody on the machine can read the secrets in this file"
        findings.append(found("BST305", path.as_posix(), 1, message))
    for name, (value, line) in lines.items():
        place = Place(path.as_posix(), line)
        if DEBUG.search(name) and value.lower() in ON:
            findings.append(found("BST303", *place, f"{name} is on where the application is deployed"))
        if KEY.search(name) and value and weakness(value):
            findings.append(found("BST304", *place, f"the key of {name} {weakness(value)}"))
        if DATABASE.search(value) and not HERE.search(value) and not WITH_TLS.search(value):
            message = f"{name} reaches a database elsewhere, and nothing says who it has to be"
            findings.append(found("BST306", *place, message))
    return findings


def _check_gunicorn(path: Path | None, settings: Mapping[str, tuple[Any, int]]) -> list[Finding]:
    if path is None:
        return []
    findings = []
    for name, (value, line) in settings.items():
        place = Place(path.as_posix(), line)
        if name in {"forwarded_allow_ips", "proxy_allow_ips"} and value == "*":
            findings.append(found("BST302", *place, f"{name} believes the headers of whoever connects"))
        if name == "reload" and value:
            findings.append(found("BST303", *place, "gunicorn starts anew with each change of a file"))
        if name in NO_BOUND and value == 0:
            findings.append(found("BST307", *place, f"{name} is 0: a request line or header has no bound"))
    return findings
