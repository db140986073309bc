"""Cross-site request forgery: a token bound to the session, and the browser's own word on origin."""

from typing import Final

from bastide.core.foundation import (
    TAG_SIZE_BYTES,
    Entropy,
    Secret,
    Signer,
    VerificationFailed,
    decode_token,
    encode_token,
)

CSRF_PURPOSE: Final = "csrf"
VISITOR_ID_SIZE_BYTES: Final = 16
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Csrf:
    """Issues and verifies tokens; keeps no state.

    A signed-in visitor's token is bound to the session's digest and dies with the session's id. A
    stranger's is bound to a visitor cookie that this server signed, so that an id invented by
    somebody else binds nothing. Tokens are masked afresh each time (BREACH).

    Spec: V3.5.1, V7.6.2; OWASP signed double submit, HMAC-SHA256.
    """

    def __init__(self, *, signer: Signer, entropy: Entropy) -> None:
        self._signer = signer
        self._entropy = entropy

    def issue_token(self, binding: bytes) -> str:
        """Return a token for ``binding``: 64 bytes as base64url, different every time."""
        mask = self._entropy.token_bytes(TAG_SIZE_BYTES)
        return encode_token(mask + _xor(mask, self._signer.tag(b"token:" + binding)))

    def verify_token(self, presented: str | None, binding: bytes) -> None:
        """Raise ``VerificationFailed`` unless ``presented`` was issued for ``binding``."""
        if not presented:
            raise VerificationFailed("csrf_missing")
        raw = decode_token(presented, size_bytes=2 * TAG_SIZE_BYTES)
        if raw is None:
            raise VerificationFailed("csrf_malformed")
        tag = _xor(raw[:TAG_SIZE_BYTES], raw[TAG_SIZE_BYTES:])
        if not self._signer.matches(b"token:" + binding, tag):
            raise VerificationFailed("csrf_mismatch")

    def issue_visitor(self) -> Secret:
        """Return a cookie value that strangers' tokens are bound to."""
        visitor_id = self._entropy.token_bytes(VISITOR_ID_SIZE_BYTES)
        return Secret(encode_token(visitor_id + self._signer.tag(b"visitor:" + visitor_id)))

    def match_visitor(self, presented: str | None) -> bytes | None:
        """Return what to bind to if this server made the cookie, else None."""
        raw = decode_token(presented or "", size_bytes=VISITOR_ID_SIZE_BYTES + TAG_SIZE_BYTES)
        if raw is None:
            return None
        visitor_id, tag = raw[:VISITOR_ID_SIZE_BYTES], raw[VISITOR_ID_SIZE_BYTES:]
        return visitor_id if self._signer.matches(b"visitor:" + visitor_id, tag) else None


def verify_origin(
    *, own_origin: str, origin: str | None, referer: str | None, fetch_site: str | None
) -> None:
    """Raise ``VerificationFailed`` when the browser says that another site sent the request.

    1. ``Sec-Fetch-Site``: only ``same-origin`` and ``none`` (typed address) pass.
    2. ``Origin``: must be this site's own; ``null`` is somebody else's.
    3. ``Referer``, only where there is no ``Origin``: must lie below this site's origin.
    4. A client that sends none of the three is no browser that carries somebody's cookies; the token
       still decides.

    Args:
        own_origin: origin that the request was sent to, as browsers spell it.
        origin: header as sent, or None.
        referer: header as sent, or None.
        fetch_site: header as sent, or None.

    Spec: W3C Fetch Metadata; RFC 6454; V3.5.1.
    """
    if fetch_site is not None and fetch_site not in {"same-origin", "none"}:
        raise VerificationFailed("cross_site")
    if origin is not None:
        if origin != own_origin:
            raise VerificationFailed("foreign_origin")
    elif referer is not None and not (referer + "/").startswith(own_origin + "/"):
        raise VerificationFailed("foreign_referer")


def is_own_page(*, own_origin: str, origin: str | None, fetch_site: str | None) -> bool:
    """Tell whether the browser says that a page of this site sent the request; silence does not say so.

    For what a wrong token alone must not decide: ``verify_origin`` lets pass who says nothing.

    Args:
        own_origin: see ``verify_origin``.
        origin: see there.
        fetch_site: see there.
    """
    if origin is not None and origin != own_origin:
        return False
    return origin == own_origin if fetch_site is None else fetch_site == "same-origin"


def _xor(left: bytes, right: bytes) -> bytes:
    size = len(left)
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(size, "big")
