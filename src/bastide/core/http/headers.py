"""Response headers that hold for every answer, built once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from bastide.core.foundation import ConfigurationError

Header: TypeAlias = tuple[str, str]

NO_STORE: Final[Header] = ("Cache-Control", "no-store, private")
VARY_COOKIE: Final[Header] = ("Vary", "Cookie")
VARY_AUTHORIZATION: Final[Header] = ("Vary", "Authorization")
# Not "cookies": that takes what the same answer sets, the device cookie, and the cookies of sibling domains.
CLEAR_SITE_DATA: Final[Header] = ("Clear-Site-Data", '"cache", "storage"')
MIN_HSTS: Final = timedelta(days=365)

_OFF: Final = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderSettings:
    """Values of the constant headers.

    Attributes:
        hsts: how long browsers insist on HTTPS, at least a year; sent over HTTPS only.
        hsts_preload: ask to be listed in browsers; hard to take back.
        referrer_policy: value of ``Referrer-Policy``.
        allowed_features: browser features to leave on for the site itself.
        cross_origin_embedder: send ``Cross-Origin-Embedder-Policy: require-corp``.

    Spec: V3.4.1, V3.4.4, V3.4.5, V3.4.8, V3.5.8.
    """

    hsts: timedelta = MIN_HSTS
    hsts_preload: bool = False
    referrer_policy: str = "same-origin"
    allowed_features: frozenset[str] = frozenset()
    cross_origin_embedder: bool = False

    def __post_init__(self) -> None:
        if self.hsts < MIN_HSTS:
            msg = "HSTS below a year is no protection; turn HTTPS off by name instead"
            raise ConfigurationError(msg)
        if self.referrer_policy == "no-referrer":
            msg = (
                "under the referrer policy 'no-referrer' browsers send forms with 'Origin: null', and none"
                " would be taken; 'same-origin' tells other sites as little"
            )
            raise ConfigurationError(msg)
        if self.referrer_policy not in {"same-origin", "strict-origin", "strict-origin-when-cross-origin"}:
            msg = f"referrer policy {self.referrer_policy!r} leaks addresses"
            raise ConfigurationError(msg)

    def build(self, *, is_secure: bool) -> tuple[Header, ...]:
        """Return the headers of every response.

        Args:
            is_secure: the request came over HTTPS; only then HSTS means anything (RFC 6797, 7.2).
        """
        features = [f"{name}=()" for name in _OFF if name not in self.allowed_features]
        features += [f"{name}=(self)" for name in sorted(self.allowed_features)]
        headers: list[Header] = [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", self.referrer_policy),
            ("Permissions-Policy", ", ".join(features)),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("X-Frame-Options", "DENY"),
        ]
        if self.cross_origin_embedder:
            headers.append(("Cross-Origin-Embedder-Policy", "require-corp"))
        if is_secure:
            preload = "; preload" if self.hsts_preload else ""
            seconds = int(self.hsts.total_seconds())
            value = f"max-age={seconds}; includeSubDomains{preload}"
            headers.append(("Strict-Transport-Security", value))
        return tuple(headers)
