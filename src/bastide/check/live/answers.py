"""What answers really carry, as browsers get them."""

import re
from dataclasses import dataclass
from typing import Final

from bastide.check.findings import Finding, found
from bastide.check.live.places import Place
from bastide.check.live.routes import SeenRoute, is_named_for_change
from bastide.check.rules import Severity

STRANGE_HOST: Final = "check.invalid"
STRANGE_ORIGIN: Final = "https://check.invalid"
NO_PAGE: Final = "/bastide-check-asks-for-a-page-that-is-not-there"
YEAR_SECONDS: Final = 31_536_000
MOST_ASKED: Final = 4
# Where reading a page may do more than show one.
DOING: Final = re.compile(
    r"(?i)(cron|task|job|hook|callback|oauth|sync|import|send|mail|trigger|export|start|stop|run|init|setup|seed|"
    r"backup|restore|shutdown|restart|flush|clear|reload|download|stream|sse|events|socket|debug)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer.

    Attributes:
        status: of HTTP.
        headers: as they were sent.
    """

    status: int
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """Return the header's value, several joined; empty where it is missing."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def cookies(self) -> list[str]:
        """What the answer sets."""
        return [value for key, value in self.headers if key.lower() == "set-cookie"]

    @property
    def is_given(self) -> bool:
        """Whether it is one of the application's own, even if it is that there is no such page."""
        return self.status < 400 or self.status == 404  # noqa: PLR2004

    @property
    def is_shown(self) -> bool:
        """Whether it is neither a redirect nor a refusal."""
        return self.status < 300 or self.status == 404  # noqa: PLR2004

    @property
    def is_page(self) -> bool:
        """Whether a browser shows it as HTML."""
        return "html" in self.get("content-type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was answered to a stranger.

    Attributes:
        over_https: to requests of safe pages, or of one that is not there, with an origin of another site.
        over_http: to one in clear, or None.
        under_strange_host: to one with a host that is not the application's, or None.
        as_forwarded: to one in clear that says of itself to have come over HTTPS, or None where the
            application is set up to believe a proxy.
    """

    over_https: tuple[Answer, ...]
    over_http: Answer | None = None
    under_strange_host: Answer | None = None
    as_forwarded: Answer | None = None


def safe_paths(routes: list[SeenRoute]) -> list[str]:
    """Return addresses that a stranger may read without changing anything: public, GET, without values."""
    found_ones = [
        route.path
        for route in routes
        if route.method == "GET" and route.is_own and not route.has_arguments
        and (route.is_open or not route.decided_by)
        and not is_named_for_change(route) and not DOING.search(route.words)
    ]  # fmt: skip
    return sorted(dict.fromkeys(found_ones), key=lambda path: (path != "/", len(path)))[:MOST_ASKED]


def check_answers(asked: Asked, place: Place) -> list[Finding]:
    """Return what the answers leave to browsers."""
    pages = [answer for answer in asked.over_https if answer.is_page and answer.status < 500]  # noqa: PLR2004
    judged = pages or list(asked.over_https)
    if not judged:
        return []
    return [
        *_check_policy(judged[0], place),
        *_check_headers(judged[0], place),
        *_check_transport(asked, judged[0], place),
        *_check_origins(asked, place),
        *_check_cookies(asked, place),
    ]


def _check_policy(answer: Answer, place: Place) -> list[Finding]:
    policy = answer.get("content-security-policy")
    if not policy:
        tried = answer.get("content-security-policy-report-only")
        return [
            found("BST230", *place, f"answers carry no policy{' but one that only reports' if tried else ''}")
        ]
    faults, leaks = policy_faults(policy), policy_leaks(policy)
    severity = None if faults else Severity.LOW
    message = f"the policy {', '.join([*faults, *leaks])}"
    return [found("BST231", *place, message, severity=severity)] if faults or leaks else []


def policy_faults(policy: str) -> list[str]:
    """Return how scripts of others run under a content security policy all the same."""
    directives = _directives(policy)
    scripts = directives.get("script-src", directives.get("default-src"))
    faults = []
    if scripts is None:
        faults.append("says nothing of scripts")
        scripts = []
    trusts = [
        source for source in scripts if source.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-"))
    ]
    if "'unsafe-inline'" in scripts and not trusts:
        faults.append("lets scripts in the page run ('unsafe-inline')")
    if "'unsafe-eval'" in scripts:
        faults.append("lets text become code ('unsafe-eval')")
    wide = {"*", "http:", "https:", "data:", "blob:"} & set(scripts)
    if wide and not (trusts and "'strict-dynamic'" in scripts):
        faults.append(f"takes scripts from anywhere ({' '.join(sorted(wide))})")
    if directives.get("object-src", directives.get("default-src", ["*"])) != ["'none'"]:
        faults.append("lets plugins in (object-src)")
    if directives.get("base-uri", ["*"])[0] not in {"'none'", "'self'"}:
        faults.append("lets addresses be redirected (base-uri)")
    if "form-action" not in directives:
        faults.append("lets forms be sent anywhere (form-action)")
    return faults


def policy_leaks(policy: str) -> list[str]:
    """Return how a page tells other hosts that it is looked at."""
    directives = _directives(policy)
    sources = directives.get("img-src", directives.get("default-src", ["*"]))
    wide = sorted({"*", "http:", "https:"} & set(sources))
    return [f"lets pictures come from anywhere (img-src {' '.join(wide)})"] if wide else []


def _directives(policy: str) -> dict[str, list[str]]:
    directives: dict[str, list[str]] = {}
    for part in policy.split(",", maxsplit=1)[0].split(";"):
        name, *sources = part.split() or [""]
        directives.setdefault(name.lower(), [source.lower() for source in sources])
    return directives


def _check_headers(answer: Answer, place: Place) -> list[Finding]:
    findings = []
    if answer.get("x-content-type-options").lower() != "nosniff":
        findings.append(found("BST232", *place, "answers lack X-Content-Type-Options: nosniff"))
    policy, frame = answer.get("content-security-policy").lower(), answer.get("x-frame-options").lower()
    if "frame-ancestors" not in policy and frame not in {"deny", "sameorigin"}:
        findings.append(found("BST233", *place, "other sites may show pages in a frame"))
    elif "frame-ancestors 'none'" in policy and frame == "sameorigin":
        findings.append(
            found("BST233", *place, "X-Frame-Options: SAMEORIGIN contradicts frame-ancestors 'none'")
        )
    lacks = [
        name for name in ("Referrer-Policy", "Cross-Origin-Opener-Policy") if not answer.get(name.lower())
    ]
    if lacks:
        findings.append(found("BST235", *place, f"answers lack {' and '.join(lacks)}"))
    return findings


def _check_transport(asked: Asked, answer: Answer, place: Place) -> list[Finding]:
    findings = []
    age = re.search(r"max-age=\"?(\d+)", answer.get("strict-transport-security"))
    if age is None or int(age[1]) < YEAR_SECONDS:
        lasts = f"lasts {age[1]} seconds" if age else "is not sent"
        findings.append(found("BST227", *place, f"Strict-Transport-Security {lasts}"))
    in_clear = asked.over_http
    if in_clear is not None and in_clear.is_given and not in_clear.get("location").startswith("https:"):
        findings.append(found("BST226", *place, "pages are answered over plain HTTP too"))
    if (
        in_clear is not None
        and not in_clear.is_shown
        and asked.as_forwarded is not None
        and asked.as_forwarded.is_shown
    ):
        message = "who says so in X-Forwarded-Proto is taken to have come over HTTPS"
        findings.append(found("BST228", *place, message))
    strange = asked.under_strange_host
    if strange is not None and STRANGE_HOST in strange.get("location"):
        message = "an answer redirects to whatever host the request names"
        findings.append(found("BST229", *place, message))
    return findings


def _check_origins(asked: Asked, place: Place) -> list[Finding]:
    for answer in asked.over_https:
        allowed = answer.get("access-control-allow-origin")
        with_cookies = answer.get("access-control-allow-credentials").lower() == "true"
        if allowed == STRANGE_ORIGIN or (allowed == "*" and with_cookies):
            whose = "with the cookies of whoever is signed in" if with_cookies else "whichever asks"
            return [found("BST234", *place, f"scripts of every site may read answers, {whose}")]
    return []


def _check_cookies(asked: Asked, place: Place) -> list[Finding]:
    findings = {}
    for answer in asked.over_https:
        for cookie in answer.cookies:
            name, words = cookie.partition("=")[0], cookie.lower()
            lacks = [flag for flag in ("Secure", "SameSite") if flag.lower() not in words]
            if lacks:
                message = f"a stranger gets the cookie {name} without {' and '.join(lacks)}"
                findings[name] = found("BST236", *place, message)
    return list(findings.values())
