"""What may be a password: long, not common, not about its owner."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bastide.core.foundation import ConfigurationError, InvalidInput, Secret
from bastide.core.sign_in.passwords.common import CommonPasswords

_LEET: Final = str.maketrans("013457@$!", "oleastasi")
_EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_MIN_WORD_LENGTH: Final = 3


class PolicyPreset(StrEnum):
    """Ready policies.

    ``default``: 15 characters of any kind, or 12 of all four classes. ``strict_composition``: 12 and
    all four classes, always. ``nist``: 15 of any kind, or 8 where a second factor is required.
    """

    DEFAULT = "default"
    STRICT_COMPOSITION = "strict_composition"
    NIST = "nist"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """The rules.

    Attributes:
        preset: see ``PolicyPreset``.
        max_length: in code points; longer is refused, never cut.
        site_words: names of the site; none may be the whole password.
    """

    preset: PolicyPreset = PolicyPreset.DEFAULT
    max_length: int = 256
    site_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.max_length < 128:  # noqa: PLR2004 -- the least that P2 promises
            msg = "passwords of 128 characters must be allowed"
            raise ConfigurationError(msg)

    @property
    def min_length(self) -> int:
        """The shortest length that any password may have."""
        return 8 if self.preset is PolicyPreset.NIST else 12


class PasswordPolicy:
    """Judges new passwords.

    Spec: NIST SP 800-63B-4 3.1.1.2; V6.2.1, V6.2.4, V6.2.5, V6.2.9, V6.2.11.
    """

    def __init__(self, *, settings: PolicySettings, common: CommonPasswords) -> None:
        self.settings = settings
        self._common = common

    def check(self, password: Secret, *, context: Iterable[str], has_second_factor: bool = False) -> None:
        """Raise ``InvalidInput`` unless the password passes.

        Args:
            password: as typed; counted in code points, never trimmed or normalised.
            context: the person's names and addresses; none may be the whole password.
            has_second_factor: lowers the floor of the ``nist`` preset.

        Raises:
            InvalidInput: ``too_short``, ``too_long``, ``needs_classes``, ``common`` or ``context``.
        """
        text = password.reveal()
        if len(text) > self.settings.max_length:
            raise InvalidInput("password", "too_long", max=self.settings.max_length)
        self._check_length(text, has_second_factor=has_second_factor)
        forms = _simple_forms(text)
        if any(form in self._common for form in forms):
            raise InvalidInput("password", "common")
        words = {word for source in (*context, *self.settings.site_words) for word in _words_of(source)}
        if forms & words:
            raise InvalidInput("password", "context")

    def _check_length(self, text: str, *, has_second_factor: bool) -> None:
        preset, length = self.settings.preset, len(text)
        long_enough = 8 if preset is PolicyPreset.NIST and has_second_factor else 15
        if preset is not PolicyPreset.STRICT_COMPOSITION and length >= long_enough:
            return
        if preset is PolicyPreset.NIST or length < self.settings.min_length:
            least = self.settings.min_length if preset is PolicyPreset.STRICT_COMPOSITION else long_enough
            raise InvalidInput("password", "too_short", min=least)
        if not _has_all_classes(text):
            raise InvalidInput("password", "needs_classes", min=long_enough)


def _has_all_classes(text: str) -> bool:
    kinds = {unicodedata.category(char)[0] for char in text}
    return (
        any(char.isupper() for char in text)
        and any(char.islower() for char in text)
        and "N" in kinds
        and bool(kinds & {"P", "S", "Z"})
    )


def _simple_forms(text: str) -> set[str]:
    """Return the password and the words it is a simple dressing of.

    Case, digits and symbols around a word, look-alike digits inside it, and a word said twice.
    """
    folded = text.casefold()
    bare = _EDGES.sub("", folded)
    forms = {text, folded, bare, folded.translate(_LEET), bare.translate(_LEET)}
    forms.add(_EDGES.sub("", folded.translate(_LEET)))
    forms |= {half for form in forms for half in [form[: len(form) // 2]] if half and form == half * 2}
    return {form for form in forms if form}


def _words_of(source: str) -> set[str]:
    folded = source.casefold().strip()
    local, _, domain = folded.partition("@")
    words = {folded, folded.replace(" ", ""), local, domain, domain.partition(".")[0]}
    words |= {part for part in re.split(r"[\W_]+", folded) if part}
    words |= {word.translate(_LEET) for word in words}
    return {word for word in words if len(word) >= _MIN_WORD_LENGTH}
