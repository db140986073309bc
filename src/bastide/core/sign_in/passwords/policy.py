"""What may be a password: long, not common, not about its owner."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from bastide.core.foundation import ConfigurationError, InvalidInput, Secret
from bastide.core.sign_in.passwords.common import CommonPasswords

_LEET: Final = str.maketrans("013457@$!", "oleastasi")
_EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_MIN_WORD_LENGTH: Final = 3
# What P2 promises at least, and what is taken in at most wherever a secret is typed.
_LEAST_MAX_LENGTH: Final = 128
MAX_SECRET_LENGTH: Final = 1024


class PasswordPreset(StrEnum):
    """Ready policies.

    ``default``: 15 characters of any kind, or 12 of all four classes. ``strict_composition``: 12 and
    all four classes, always. ``nist``: 15 of any kind, or 8 where a second factor is required.
    """

    DEFAULT = "default"
    STRICT_COMPOSITION = "strict_composition"
    NIST = "nist"


class PasswordLengths(NamedTuple):
    """How long a new password has to be, in code points.

    Attributes:
        plain: with characters of any kind; None where no length makes up for missing ones.
        mixed: with capitals, small letters, digits and signs; the shortest that any password may be.
    """

    plain: int | None
    mixed: int


_LENGTHS: Final = {
    PasswordPreset.DEFAULT: PasswordLengths(plain=15, mixed=12),
    PasswordPreset.STRICT_COMPOSITION: PasswordLengths(plain=None, mixed=12),
    PasswordPreset.NIST: PasswordLengths(plain=15, mixed=15),
}
_NIST_BESIDE_A_FACTOR: Final = PasswordLengths(plain=8, mixed=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSettings:
    """The rules.

    Attributes:
        preset: see ``PasswordPreset``.
        max_length: in code points (128 to 1024); longer is refused, never cut.
        site_words: names of the site; none may be the whole password.
    """

    preset: PasswordPreset = PasswordPreset.DEFAULT
    max_length: int = 256
    site_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _LEAST_MAX_LENGTH <= self.max_length <= MAX_SECRET_LENGTH:
            msg = f"the longest password has {_LEAST_MAX_LENGTH} to {MAX_SECRET_LENGTH} characters"
            raise ConfigurationError(msg)

    def lengths(self, *, has_second_factor: bool = False) -> PasswordLengths:
        """Return how long a new password has to be.

        Args:
            has_second_factor: lowers the floor of the ``nist`` preset.
        """
        if has_second_factor and self.preset is PasswordPreset.NIST:
            return _NIST_BESIDE_A_FACTOR
        return _LENGTHS[self.preset]


class PasswordPolicy:
    """Judges new passwords.

    Spec: NIST SP 800-63B-4 3.1.1.2; V6.2.1, V6.2.4, V6.2.5, V6.2.9, V6.2.11.
    """

    def __init__(self, *, settings: PasswordSettings, common: CommonPasswords) -> None:
        self.settings = settings
        self._common = common

    def check(self, password: Secret, *, context: Iterable[str], has_second_factor: bool = False) -> None:
        """Raise ``InvalidInput`` unless the password passes.

        Args:
            password: as typed; counted in code points, never trimmed or normalised.
            context: the person's names and addresses; none may be the whole password.
            has_second_factor: lowers the floor of the ``nist`` preset.

        Raises:
            InvalidInput: ``too_short``, ``too_long``, ``needs_classes``, ``always_needs_classes``, ``common``
                or ``context``.
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
        plain, mixed = self.settings.lengths(has_second_factor=has_second_factor)
        if plain is not None and len(text) >= plain:
            return
        if len(text) < mixed:
            raise InvalidInput("password", "too_short", min=mixed if plain is None else plain)
        if not _has_all_classes(text):
            if plain is None:
                raise InvalidInput("password", "always_needs_classes")
            raise InvalidInput("password", "needs_classes", min=plain)


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
