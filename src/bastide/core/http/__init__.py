"""HTTP: what every request must show and every answer carries.

Hosts, proxies and HTTPS; forgery checks; cross-origin rules; content security policy and headers; the cookies
of Bastide's own.
"""

from bastide.core.http.answer_headers import AnswerHeaders
from bastide.core.http.cookies import (
    DEVICE_LIFETIME,
    DROPPED,
    Cookie,
    CookieSettings,
    find_cookie,
    format_cookie,
)
from bastide.core.http.cors import CorsSettings, cors_headers, preflight_headers
from bastide.core.http.csp import MAX_REPORT_SIZE_BYTES, CspSettings, issue_nonce, parse_reports
from bastide.core.http.csp_images import hidden_images
from bastide.core.http.csp_proposal import Proposal, propose_directives
from bastide.core.http.csrf import CSRF_PURPOSE, SAFE_METHODS, Csrf, is_own_page, verify_origin
from bastide.core.http.former_cookies import FormerCookie, FormerKind
from bastide.core.http.headers import (
    CLEAR_SITE_DATA,
    NO_STORE,
    VARY_AUTHORIZATION,
    VARY_COOKIE,
    Header,
    HeaderSettings,
)
from bastide.core.http.ports import Violation, ViolationGroup, ViolationStore
from bastide.core.http.transport import (
    Peer,
    Proceed,
    RedirectToHttps,
    TransportOutcome,
    TransportRefused,
    TransportSettings,
    check_transport,
    resolve_peer,
)

__all__ = [
    "CLEAR_SITE_DATA",
    "CSRF_PURPOSE",
    "DEVICE_LIFETIME",
    "DROPPED",
    "MAX_REPORT_SIZE_BYTES",
    "NO_STORE",
    "SAFE_METHODS",
    "VARY_AUTHORIZATION",
    "VARY_COOKIE",
    "AnswerHeaders",
    "Cookie",
    "CookieSettings",
    "CorsSettings",
    "CspSettings",
    "Csrf",
    "FormerCookie",
    "FormerKind",
    "Header",
    "HeaderSettings",
    "Peer",
    "Proceed",
    "Proposal",
    "RedirectToHttps",
    "TransportOutcome",
    "TransportRefused",
    "TransportSettings",
    "Violation",
    "ViolationGroup",
    "ViolationStore",
    "check_transport",
    "cors_headers",
    "find_cookie",
    "format_cookie",
    "hidden_images",
    "is_own_page",
    "issue_nonce",
    "parse_reports",
    "preflight_headers",
    "propose_directives",
    "resolve_peer",
    "verify_origin",
]
