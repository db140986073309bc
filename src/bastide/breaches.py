"""The breach check by k-anonymity: five hex digits leave the process, nothing else."""

import hashlib
import urllib.request
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bastide.core.foundation import ConfigurationError, Secret
from bastide.core.sign_in import BreachVerdict

PREFIX_LENGTH: Final = 5
MAX_ANSWER_SIZE_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeBreachChecker:
    """Asks a range service for all digests that share a prefix and compares here.

    Attributes:
        range_url: address to which the prefix is appended; https, or this machine.
        timeout_seconds: longest wait; after it the verdict is unknown.

    Spec: V6.2.12. SHA-1 is the services' index, not a protection.
    """

    range_url: str
    timeout_seconds: float = 2.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.range_url)
        if parts.scheme != "https" and parts.hostname != "127.0.0.1":
            msg = "the breach service must be asked over https"
            raise ConfigurationError(msg)

    def check(self, password: Secret) -> BreachVerdict:
        """Return the verdict; see ``BreachChecker``."""
        text = password.reveal().encode("utf-8", "surrogatepass")
        index = hashlib.sha1(text, usedforsecurity=False).hexdigest().upper()
        prefix, suffix = index[:PREFIX_LENGTH], index[PREFIX_LENGTH:]
        request = urllib.request.Request(  # noqa: S310 -- the scheme is checked at construction
            self.range_url + prefix, headers={"Add-Padding": "true", "User-Agent": "bastide"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_seconds) as answer:  # noqa: S310
                body = answer.read(MAX_ANSWER_SIZE_BYTES).decode("ascii", "replace")
        except (OSError, ValueError):
            return BreachVerdict.UNKNOWN
        for line in body.splitlines():
            found, _, count = line.partition(":")
            if found.strip().upper() == suffix and count.strip() != "0":
                return BreachVerdict.BREACHED
        return BreachVerdict.CLEAN
