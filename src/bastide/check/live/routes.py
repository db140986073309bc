"""Routes of an application, and what can be said of them whatever framework they are of."""

import re
from dataclasses import dataclass
from typing import Any, Final

from bastide.check.findings import Finding, found
from bastide.check.live.places import Place
from bastide.check.rules import Confidence, Severity
from bastide.core.access import Rule

READING: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Where strangers send something by design.
OPEN_BY_DESIGN: Final = re.compile(
    r"(?i)(log_?in|log_?on|sign_?in|sign_?up|sign_?on|regist|log_?out|log_?off|sign_?out|forgot|reset|recover|"
    r"password|confirm|verif|activat|invitation|contact|subscri|newsletter|feedback|csp|report|webhook|hook|callback|"
    r"notify|ipn|token|oauth|saml|authori[sz]e|authenticat|auth(?![a-z])|search|static|media|health|metrics|ping|"
    r"graphql|language|lang|i18n|locale|theme|cookie|consent|jsi18n|captcha|challenge|passkey|webauthn|schema|docs|"
    r"swagger|error)"
)
SIGN_IN: Final = re.compile(r"(?i)(^|[^a-z])(log_?in|log_?on|sign_?in|sign_?on|authenticate)([^a-z]|$)")
CHANGING: Final = re.compile(
    r"(?i)(^|[^a-z])(delete|remove|destroy|purge|disable|enable|approve|reject|ban|unban|promote|demote|grant|"
    r"revoke|unpublish|unlike|upvote|downvote|unfollow|log_?out|sign_?out)([^a-z]|$)"
)
# Of one thing they are done; without one they may be a page about it.
CHANGING_ONE: Final = re.compile(
    r"(?i)(^|[^a-z])(like|vote|follow|publish|cancel|transfer|toggle|accept)([^a-z]|$)"
)
SIGNING_OUT: Final = re.compile(r"(?i)(log|sign)_?out")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRoute:
    """One route and one method.

    Attributes:
        path: its pattern.
        name: of the endpoint or pattern; may be empty.
        method: one that it answers.
        place: where its view is written.
        rule: Bastide's, or None.
        decided_by: what asks who acts: a decorator, a mixin, a hook, a middleware, the view's own code; empty
            where nothing was seen.
        is_sure: that asks for certain; a view's own code may ask something else.
        is_open: somebody declared that everybody may come in.
        is_own: the view is the application's own, not a library's.
        has_arguments: the path holds values.
        view: what answers.
    """

    path: str
    name: str
    method: str
    place: Place
    rule: Rule | None = None
    decided_by: str = ""
    is_sure: bool = True
    is_open: bool = False
    is_own: bool = True
    has_arguments: bool = False
    view: Any = None

    @property
    def is_guarded(self) -> bool:
        """Whether something asks who acts."""
        return bool(self.decided_by) and not self.is_open

    @property
    def is_change(self) -> bool:
        """Whether the method is one that changes something."""
        return self.method not in READING

    @property
    def words(self) -> str:
        """What the route is called, as its names are searched for meaning."""
        fixed = re.sub(r"[<(].*?[>)]", "", self.path)
        return f"{fixed} {self.name.rpartition('.')[2].rpartition(':')[2]}"


def check_routes(routes: list[SeenRoute]) -> list[Finding]:
    """Return routes that change something for anybody, or when a link is merely followed."""
    findings = _check_halves(routes)
    halves = {finding.message.partition(":")[0] for finding in findings}
    knows_people = any(route.is_guarded for route in routes)
    for route in routes:
        if not route.is_own:
            continue
        is_open = route.is_change and not route.decided_by and not route.is_open
        if is_open and route.path not in halves and not OPEN_BY_DESIGN.search(route.words):
            findings.append(
                found(
                    "BST216", *route.place,
                    f"{route.method} {route.path} changes something, and nothing was seen that asks who acts",
                    confidence=Confidence.MEDIUM if knows_people else Confidence.LOW,
                )
            )  # fmt: skip
        if route.method == "GET" and is_named_for_change(route) and not _answers_others(route, routes):
            message = f"GET {route.path} is named for a change and is done by a link"
            severity = Severity.LOW if SIGNING_OUT.search(route.words) else None
            findings.append(found("BST217", *route.place, message, severity=severity))
    return findings


def is_named_for_change(route: SeenRoute) -> bool:
    """Tell whether the route is called after something that it does."""
    return bool(CHANGING.search(route.words) or (route.has_arguments and CHANGING_ONE.search(route.words)))


def _answers_others(route: SeenRoute, routes: list[SeenRoute]) -> bool:
    """Tell whether the path also answers a method for changes: then GET shows the form."""
    return any(other.path == route.path and other.is_change for other in routes)


def _check_halves(routes: list[SeenRoute]) -> list[Finding]:
    """Return routes whose reading is guarded and whose writing, by the same view, is not."""
    read = {(route.path, route.name): route for route in routes if route.method == "GET" and route.is_guarded}
    return [
        found(
            "BST219", *route.place,
            f"{route.path}: {read[route.path, route.name].decided_by} guards GET, and nothing {route.method}",
        )
        for route in routes
        if route.is_own and route.is_change and not route.decided_by and (route.path, route.name) in read
    ]  # fmt: skip
