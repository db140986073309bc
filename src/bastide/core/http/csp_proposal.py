"""From collected reports to the directives that a site needs; what would weaken the policy is only named."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bastide.core.http.csp import CspSettings
from bastide.core.http.ports import ViolationGroup

MAX_PAGES_NAMED: Final = 3
_HOST: Final = re.compile(r"(?:https|wss)://((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)(?::\d{1,5})?", re.IGNORECASE)
_OWN: Final = re.compile(r"https?://([^/:]+)(?::\d{1,5})?")
_ALIASES: Final = {
    "script-src-elem": "script-src", "script-src-attr": "script-src", "style-src-elem": "style-src",
    "style-src-attr": "style-src",
}  # fmt: skip
# Sources may be added to these. Where pages are framed, what embeds plug-ins and what moves every address is
# never a matter of a report.
_OPEN: Final = frozenset({
    "script-src", "style-src", "img-src", "font-src", "connect-src", "media-src", "frame-src", "worker-src",
    "manifest-src", "form-action",
})  # fmt: skip
_CLOSED: Final = frozenset({"object-src", "base-uri", "frame-ancestors", "default-src"})
_KEYWORDS: Final = {
    "inline": "'unsafe-inline'", "eval": "'unsafe-eval'", "wasm-eval": "'wasm-unsafe-eval'", "data": "data:",
    "blob": "blob:",
}  # fmt: skip
_ADVICE: Final = {
    (
        "script-src",
        "inline",
    ): 'give the element nonce="{{ csp_nonce }}"; onclick= and its like move into it',
    ("style-src", "inline"): "move it into a file, and style= attributes into classes",
    ("script-src", "eval"): "take a build of the library that does without",
    ("img-src", "data"): "make it a file; whoever can put markup on a page could put any picture there",
    ("font-src", "data"): "make it a file",
}


@dataclass(slots=True)
class Wanted:
    """One source that pages asked for.

    Attributes:
        directive: as settings name it.
        source: what would let it in.
        count: how many reports.
        pages: paths that it was reported on.
        advice: what to do instead; empty where the source is proposed.
    """

    directive: str
    source: str
    count: int
    pages: set[str]
    advice: str = ""

    @property
    def where(self) -> str:
        """How often and where it was reported, in words."""
        named = ", ".join(sorted(self.pages)[:MAX_PAGES_NAMED])
        more = f" and {len(self.pages) - MAX_PAGES_NAMED} more" if len(self.pages) > MAX_PAGES_NAMED else ""
        return f"{self.count} report{'' if self.count == 1 else 's'}, on {named}{more}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What came of the reports.

    Attributes:
        directives: for the setting ``csp.directives``: those it has, with what is proposed.
        proposed: the sources that were added.
        refused: sources that would weaken the policy, and addresses that a report may have invented.
    """

    directives: Mapping[str, tuple[str, ...]]
    proposed: tuple[Wanted, ...]
    refused: tuple[Wanted, ...]


def propose_directives(
    groups: Iterable[ViolationGroup], settings: CspSettings, *, own_hosts: Collection[str] = ()
) -> Proposal:
    """Return the directives under which what was reported would have been let in.

    Only addresses of hosts by HTTPS are proposed: no keyword, scheme or wildcard. Anybody can send reports,
    so a person has to look at each.

    Args:
        groups: as the store has them.
        settings: those in force.
        own_hosts: the site's own; what they serve is ``'self'``.

    Threat: a policy that is weakened unseen, by habit or by invented reports (V3.4.3).
    """
    policy = settings.full_policy().directives
    hosts = {host.partition(":")[0] for host in own_hosts}
    wanted: dict[tuple[str, str], Wanted] = {}
    for group in groups:
        reported = group.violation
        directive = _ALIASES.get(reported.directive, reported.directive)
        if directive not in _OPEN | _CLOSED:
            continue
        source, advice = _judge(directive, reported.blocked, policy.get(directive, ()), hosts)
        if source in policy.get(directive, ()):
            continue
        entry = wanted.setdefault((directive, source), Wanted(directive, source, 0, set(), advice))
        entry.count += group.count
        entry.pages.add(reported.document or "-")
    found = sorted(wanted.values(), key=lambda each: (each.directive, each.source))
    proposed = tuple(each for each in found if not each.advice)
    directives = {name: tuple(sources) for name, sources in (settings.directives or {}).items()}
    for each in proposed:
        present = directives.get(each.directive, policy.get(each.directive, ()))
        directives[each.directive] = (*(part for part in present if part != "'none'"), each.source)
    return Proposal(directives, proposed, tuple(each for each in found if each.advice))


def _judge(
    directive: str, blocked: str, present: Collection[str], own_hosts: Collection[str]
) -> tuple[str, str]:
    """Return the source that would let it in, and what to do instead of letting it in."""
    own = _OWN.fullmatch(blocked)
    is_own = blocked == "self" or (own is not None and own[1] in own_hosts)
    source = "'self'" if is_own else _KEYWORDS.get(blocked, blocked)
    if directive in _CLOSED:
        return source, "this directive stays closed, whatever is reported"
    if blocked in _KEYWORDS:
        return source, _ADVICE.get((directive, blocked), "it lets in whatever an attacker gets onto the page")
    if directive == "script-src" and "'strict-dynamic'" in present:
        return source, "give the element nonce=\"{{ csp_nonce }}\": beside 'strict-dynamic' no address counts"
    if is_own or _HOST.fullmatch(blocked):
        return source, ""
    return source, "no address of one host by HTTPS"
