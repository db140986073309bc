"""Spam defence that never punishes honest text: it scores, and what scores goes to a queue."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from bastide.core.foundation import (
    TAG_SIZE_BYTES,
    ConfigurationError,
    Entropy,
    Signer,
    decode_token,
    encode_token,
)

_LINK: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_TIME_SIZE_BYTES: Final = 8
_NONCE_SIZE_BYTES: Final = 16
_STAMP_SIZE_BYTES: Final = _TIME_SIZE_BYTES + _NONCE_SIZE_BYTES
SPAM_PURPOSE: Final = "form-started"
Spend: TypeAlias = Callable[[str, timedelta], bool]


class Verdict(StrEnum):
    """What to do with a message; nothing is dropped."""

    DELIVER = "deliver"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpamSettings:
    """What counts against a message.

    Attributes:
        min_fill_time: a form that comes back faster was not read by a person.
        max_fill_time: a stamp older than this says nothing any more.
        phrases: phrase to score; compared after folding.
        max_links: more links than this count.
        threshold: score from which a message is queued.
    """

    min_fill_time: timedelta = timedelta(seconds=3)
    max_fill_time: timedelta = timedelta(hours=12)
    phrases: tuple[tuple[str, int], ...] = (
        ("buy now", 2), ("casino", 2), ("cheap pills", 3), ("click here", 1), ("crypto giveaway", 3),
        ("earn money fast", 3), ("free money", 2), ("guest post", 1), ("limited offer", 1),
        ("seo service", 2), ("viagra", 3), ("work from home", 1),
    )  # fmt: skip
    max_links: int = 2
    threshold: int = 3

    def __post_init__(self) -> None:
        if self.threshold < 1 or not timedelta() <= self.min_fill_time < self.max_fill_time:
            msg = "spam settings need a threshold of 1 or more and min_fill_time < max_fill_time"
            raise ConfigurationError(msg)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict and what led to it, for the person who reads the queue."""

    verdict: Verdict
    score: int
    reasons: tuple[str, ...]


class SpamFilter:
    """Stamps forms and judges what comes back (V4).

    Args:
        signer: of the stamps.
        entropy: makes each stamp one of its own.
        spend: keeps a short name for so long; False where it is kept already. Atomic.
        settings: what counts.

    Threat: forms sent by programs, faster than people write or many for one that was opened (V2.4.1, V2.4.2).
    """

    def __init__(self, *, signer: Signer, entropy: Entropy, spend: Spend, settings: SpamSettings) -> None:
        self._signer = signer
        self._entropy = entropy
        self._spend = spend
        self._settings = settings

    def issue_stamp(self, now: datetime) -> str:
        """Return a signed stamp of when the form was shown; it is good for one message."""
        time = int(now.timestamp()).to_bytes(_TIME_SIZE_BYTES, "big")
        raw = time + self._entropy.token_bytes(_NONCE_SIZE_BYTES)
        return encode_token(raw + self._signer.tag(raw))

    def judge(
        self, *texts: str, stamp: str, honeypot: str, now: datetime, name: str = "", email: str = ""
    ) -> Judgement:
        """Judge a message by its fields, its stamp and the field that nobody sees; the stamp is used up.

        Args:
            texts: what was written.
            stamp: what ``issue_stamp`` made, as it came back.
            honeypot: what the unseen field holds.
            now: aware UTC.
            name: how the sender is called, where the form asks. One that is the address, or what stands
                before its ``@``, counts: programs fill both fields from one list of addresses.
            email: the sender's address, where the form asks.

        Raises:
            StoreUnavailable: nobody can tell whether the stamp was used before.
        """
        settings = self._settings
        reasons: list[str] = []
        score = 0
        if honeypot:
            reasons.append("honeypot")
            score += settings.threshold
        timing = self._judge_stamp(stamp, now)
        if timing:
            reasons.append(timing)
            score += settings.threshold
        if name and _fold(name) in {_fold(email), _fold(email).rpartition("@")[0]}:
            reasons.append("the name is the address's")
            score += settings.threshold
        folded = " ".join(_fold(text) for text in (*texts, name))
        for phrase, weight in settings.phrases:
            if _fold(phrase) in folded:
                reasons.append(f"phrase: {phrase}")
                score += weight
        if len(_LINK.findall(folded)) > settings.max_links:
            reasons.append("links")
            score += settings.threshold
        verdict = Verdict.QUEUE if score >= settings.threshold else Verdict.DELIVER
        return Judgement(verdict, score, tuple(reasons))

    def _judge_stamp(self, stamp: str, now: datetime) -> str:
        raw = decode_token(stamp, size_bytes=_STAMP_SIZE_BYTES + TAG_SIZE_BYTES)
        if raw is None or not self._signer.matches(raw[:_STAMP_SIZE_BYTES], raw[_STAMP_SIZE_BYTES:]):
            return "stamp"
        settings, age = self._settings, now.timestamp() - int.from_bytes(raw[:_TIME_SIZE_BYTES], "big")
        if age < settings.min_fill_time.total_seconds():
            return "too fast"
        if age > settings.max_fill_time.total_seconds():
            return "stale"
        nonce = raw[_TIME_SIZE_BYTES:_STAMP_SIZE_BYTES].hex()
        return "" if self._spend(nonce, settings.max_fill_time) else "used"


def _fold(text: str) -> str:
    """Fold look-alike spellings: width, case, invisible characters and runs of white space."""
    visible = "".join(
        char for char in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(char) != "Cf"
    )
    return " ".join(visible.split())
