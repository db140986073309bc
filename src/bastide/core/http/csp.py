"""Content Security Policy: immutable, strict by default, one nonce per response that asks."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from bastide.core.foundation import ConfigurationError, Entropy, InvalidInput, encode_token
from bastide.core.http.ports import Violation
from bastide.core.security_log import neutralise

NONCE: Final = "'nonce'"
NONCE_SIZE_BYTES: Final = 16
MAX_REPORT_SIZE_BYTES: Final = 16_384
MAX_REPORTS_PER_REQUEST: Final = 20
_TOKEN: Final = re.compile(r"/[\w.~-]{32,}(?=/|$)")
REPORTING_GROUP: Final = "bastide"

_DEFAULT: Final[Mapping[str, tuple[str, ...]]] = {
    "default-src": ("'none'",),
    "script-src": (NONCE, "'strict-dynamic'"),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "manifest-src": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
    "base-uri": ("'none'",),
    "object-src": ("'none'",),
}
_NEVER: Final[Mapping[str, frozenset[str]]] = {
    "script-src": frozenset({"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:", "http:"}),
    "style-src": frozenset({"'unsafe-inline'", "*"}),
    "object-src": frozenset({"'self'", "*", "data:"}),
    "base-uri": frozenset({"*"}),
    "default-src": frozenset({"'unsafe-inline'", "'unsafe-eval'", "*"}),
}


@dataclass(frozen=True, slots=True)
class ContentSecurityPolicy:
    """One policy; merging makes another and changes neither.

    Attributes:
        directives: directive name to sources; ``NONCE`` stands for the response's nonce.
        report_path: path of the report endpoint, or empty for none.

    Spec: CSP Level 3; V3.4.3, V3.4.6, V3.4.7.
    """

    directives: Mapping[str, tuple[str, ...]]
    report_path: str = ""

    def __post_init__(self) -> None:
        for name, sources in self.directives.items():
            unsafe = _NEVER.get(name, frozenset()) & set(sources)
            if unsafe:
                msg = f"{name} must not hold {sorted(unsafe)}"
                raise ConfigurationError(msg)
            if any(char in part for part in (name, *sources) for char in ";,\r\n\t "):
                msg = f"{name} holds a separator inside a source"
                raise ConfigurationError(msg)

    @classmethod
    def strict(cls, *, report_path: str = "") -> "ContentSecurityPolicy":
        """Return the default policy: scripts by nonce only, nothing framed, nothing embedded."""
        return cls(_DEFAULT, report_path)

    def merged(self, overrides: Mapping[str, Sequence[str]]) -> "ContentSecurityPolicy":
        """Return a policy in which the named directives are replaced."""
        replaced = {name: tuple(sources) for name, sources in overrides.items()}
        return ContentSecurityPolicy({**self.directives, **replaced}, self.report_path)

    def header(self, nonce: str | None, *, is_secure: bool, mount: str = "") -> str:
        """Return the header's value.

        Args:
            nonce: the response's nonce; without one, ``'none'`` stands where only the nonce would
                have let scripts in.
            is_secure: the answer goes over HTTPS. Over plain HTTP ``report-to`` is left out: browsers send
                such reports over HTTPS only, and where they know the directive, ``report-uri`` is ignored.
            mount: path that the application is mounted below, percent-encoded.
        """
        parts = [f"{name} {' '.join(_sources(values, nonce))}" for name, values in self.directives.items()]
        if self.report_path:
            parts.append(f"report-uri {mount}{self.report_path}")
            if is_secure:
                parts.append(f"report-to {REPORTING_GROUP}")
        return "; ".join(parts)


def _sources(values: tuple[str, ...], nonce: str | None) -> tuple[str, ...]:
    if NONCE not in values:
        return values
    if nonce is None:
        return ("'none'",)
    return tuple(f"'nonce-{nonce}'" if value == NONCE else value for value in values)


def issue_nonce(entropy: Entropy) -> str:
    """Return a fresh nonce of 128 bits."""
    return encode_token(entropy.token_bytes(NONCE_SIZE_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class CspSettings:
    """How the policy is sent.

    Attributes:
        is_enforced: browsers refuse what the policy does not name; otherwise they only report it, but for
            what a single answer states itself.
        directives: replacements in the strict policy; unsafe sources stop the start-up.
        report_only: a second policy that only reports, as replacements in the enforced one.
        report_path: path of the endpoint that takes violation reports.
        max_groups: most distinct violations that are kept.
    """

    is_enforced: bool = True
    directives: Mapping[str, Sequence[str]] | None = None
    report_only: Mapping[str, Sequence[str]] | None = None
    report_path: str = "/csp-reports"
    max_groups: int = 500

    def enforced_policy(self) -> ContentSecurityPolicy:
        """Return the policy that browsers enforce; it has no directives where they only report."""
        return self.full_policy() if self.is_enforced else ContentSecurityPolicy({}, self.report_path)

    def report_only_policy(self) -> ContentSecurityPolicy | None:
        """Return the policy that browsers only report on, if there is one."""
        if self.report_only is None and self.is_enforced:
            return None
        return self.full_policy().merged(self.report_only or {})

    def full_policy(self) -> ContentSecurityPolicy:
        """Return the policy of every answer, enforced or only reported on."""
        return ContentSecurityPolicy.strict(report_path=self.report_path).merged(self.directives or {})


def parse_reports(body: bytes, content_type: str) -> tuple[Violation, ...]:
    """Return the violations in a browser's report, of either format.

    Args:
        body: as sent, untrusted.
        content_type: ``application/csp-report`` or ``application/reports+json``.

    Raises:
        InvalidInput: too large, another type, not JSON or of another shape.
    """
    if len(body) > MAX_REPORT_SIZE_BYTES:
        raise InvalidInput("report", "too_long", max=MAX_REPORT_SIZE_BYTES)
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in {"application/csp-report", "application/reports+json"}:
        raise InvalidInput("report", "content_type")
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInput("report", "not_json") from None
    if kind == "application/csp-report":
        reports = [parsed.get("csp-report")] if isinstance(parsed, dict) else []
        names = ("effective-directive", "violated-directive", "blocked-uri", "document-uri")
    else:
        entries = parsed if isinstance(parsed, list) else []
        reports = [
            entry.get("body") for entry in entries[:MAX_REPORTS_PER_REQUEST]
            if isinstance(entry, dict) and entry.get("type") == "csp-violation"
        ]  # fmt: skip
        names = ("effectiveDirective", "effectiveDirective", "blockedURL", "documentURL")
    if not reports or not all(isinstance(report, dict) for report in reports):
        raise InvalidInput("report", "shape")
    return tuple(_violation(report, names) for report in reports if isinstance(report, dict))


def _violation(report: Mapping[str, Any], names: tuple[str, str, str, str]) -> Violation:
    directive, fallback, blocked, document = (str(report.get(name) or "") for name in names)
    return Violation(
        directive=neutralise((directive or fallback).partition(" ")[0]),
        blocked=neutralise(_origin_of(blocked)),
        document=neutralise(_path_of(document)),
    )


def _origin_of(address: str) -> str:
    if "://" not in address:
        return address.partition(":")[0]
    scheme, _, rest = address.partition("://")
    authority = rest.partition("/")[0].partition("?")[0].partition("#")[0]
    return f"{scheme}://{authority.rpartition('@')[2]}"


def _path_of(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    # What is not a path could pass for something else in the log, such as an account; a segment as long as
    # a token may be a mailed link that still opens something.
    return _TOKEN.sub("/…", path) if path.startswith("/") else ""
