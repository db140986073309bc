"""The headers of every answer, worked out once: constant ones, content security policy, caching."""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote

from bastide.core.http.csp import REPORTING_GROUP, CspSettings
from bastide.core.http.headers import Header, HeaderSettings


class AnswerHeaders:
    """Composes the constant headers and the policies of one application.

    Spec: V3.4.1 to V3.4.8.
    """

    def __init__(self, headers: HeaderSettings, csp: CspSettings) -> None:
        plain, secure = headers.build(is_secure=False), headers.build(is_secure=True)
        self._constant = {False: plain, True: secure}
        self._names = frozenset(name.lower() for name, _ in secure)
        self._policies = [("Content-Security-Policy", csp.enforced_policy())]
        report_only = csp.report_only_policy()
        if report_only is not None:
            self._policies.append(("Content-Security-Policy-Report-Only", report_only))
        self._report_path = csp.report_path
        self._plain_csp = {
            is_secure: self._policy_headers(None, {}, is_secure=is_secure, mount="")
            for is_secure in (False, True)
        }

    def constant(self, present: Collection[str], *, is_secure: bool) -> tuple[Header, ...]:
        """Return the headers that hold for every answer, but for those that the view set itself.

        Args:
            present: names of the answer's headers, lower case.
            is_secure: the request came over HTTPS.
        """
        if self._names.isdisjoint(present):
            return self._constant[is_secure]
        return tuple(header for header in self._constant[is_secure] if header[0].lower() not in present)

    def csp(
        self,
        nonce: str | None,
        overrides: Mapping[str, tuple[str, ...]],
        *,
        is_secure: bool,
        mount: str = "",
    ) -> tuple[Header, ...]:
        """Return the policy headers of one answer.

        Args:
            nonce: what the page's scripts carry, or None for a page without.
            overrides: directives that this answer states otherwise; shared state is never changed.
            is_secure: the request came over HTTPS.
            mount: path that the application is mounted below, as the server says it; reports go there too.
        """
        if nonce is None and not overrides and not mount:
            return self._plain_csp[is_secure]
        # No separator of the header stands in it, and it leads to no other host.
        prefix = "/" + quote(mount.strip("/")) if mount.strip("/") else ""
        return self._policy_headers(nonce, overrides, is_secure=is_secure, mount=prefix)

    def image_sources(self, overrides: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        """Return whose pictures an answer shows; ``*`` where browsers only report on them."""
        enforced = self._policies[0][1].merged(overrides).directives
        return enforced.get("img-src", enforced.get("default-src", ("*",)))

    def _policy_headers(
        self, nonce: str | None, overrides: Mapping[str, tuple[str, ...]], *, is_secure: bool, mount: str
    ) -> tuple[Header, ...]:
        policies = [
            (name, policy.merged(overrides) if overrides else policy) for name, policy in self._policies
        ]
        headers = tuple(
            (name, policy.header(nonce, is_secure=is_secure, mount=mount))
            for name, policy in policies
            if policy.directives
        )
        if not is_secure or not self._report_path:
            return headers
        return (*headers, ("Reporting-Endpoints", f'{REPORTING_GROUP}="{mount}{self._report_path}"'))
