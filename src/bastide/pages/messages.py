"""The texts of the account pages and of validation errors, ready for translation."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import Final, Protocol

from bastide.core.inputs import USERNAME
from bastide.core.sign_in import TOTP_DIGITS, PasswordLengths
from bastide.pages.sentences import COUNTS, ERROR_SENTENCES, EVENT_SENTENCES, GENERIC_ERROR, SENTENCES

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_DECLARED: Final = frozenset(SENTENCES.values())
# What no setting changes.
_FIXED: Final = {"username_length": USERNAME.max_length, "code_digits": TOTP_DIGITS}


class Translations(Protocol):
    """What translates: ``django.utils.translation``, ``flask_babel`` and the standard library's are such."""

    def gettext(self, message: str, /) -> str:
        """Return the message in the language at hand, or as it is where the catalogue lacks it."""

    def ngettext(self, singular: str, plural: str, number: int, /) -> str:
        """Return the form of the message that goes with the number."""


_AT_HAND: Final[ContextVar[Translations]] = ContextVar("bastide_translations", default=NullTranslations())  # noqa: B039 -- it keeps nothing


@contextmanager
def speaking(translations: Translations) -> Iterator[None]:
    """Let ``MESSAGES`` speak as the request at hand is to be answered."""
    token = _AT_HAND.set(translations)
    try:
        yield
    finally:
        _AT_HAND.reset(token)


class _AtHand:
    """Translates as the request at hand does; outside of one nothing is translated."""

    def gettext(self, message: str) -> str:
        return _AT_HAND.get().gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return _AT_HAND.get().ngettext(singular, plural, number)


def fill(sentence: str, values: Mapping[str, int | str]) -> str:
    """Return the sentence with its placeholders filled: once, so that no value is read as a placeholder.

    Raises:
        KeyError: there is no value for a placeholder.
    """
    return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), sentence)


class Messages:
    """Gives each text by attribute, translated when it is read: ``t.sign_in``.

    Those that name a setting are given by `SiteMessages`.

    Args:
        translations: of the request's language; none when left out.
    """

    __slots__ = ("_translations",)

    def __init__(self, translations: Translations = NullTranslations()) -> None:  # noqa: B008 -- it keeps nothing
        self._translations = translations

    def __getattr__(self, name: str) -> str:
        """Return the sentence called ``name``.

        Raises:
            AttributeError: there is none.
            KeyError: it names what has to be told; nobody reads a placeholder.
        """
        return self._say(self._sentence(name))

    def worded(self, text: str) -> str:
        """Return a sentence of the catalogue as it is said now; any other text as it is.

        For what is declared once for every request: labels, and help under a field.
        """
        return self._say(self._translations.gettext(text)) if text in _DECLARED else text

    def filled(self, sentence: str, values: Mapping[str, str]) -> str:
        """Return the sentence translated and filled.

        A translation that leaves a placeholder out or has one more is not used: no link is lost to it.
        """
        translated = self._translations.gettext(sentence)
        is_whole = set(_PLACEHOLDER.findall(translated)) == set(_PLACEHOLDER.findall(sentence))
        return fill(translated if is_whole else sentence, values)

    def event_text(self, kind: str, own: Mapping[str, str]) -> str:
        """Return the sentence that owners read about an event of the kind.

        Args:
            kind: what happened.
            own: the application's sentences, by kind.

        Raises:
            KeyError: the kind is not shown to them.
        """
        return self._translations.gettext(EVENT_SENTENCES.get(kind) or own[kind])

    def page_text(self, *, number: int, last: int) -> str:
        """Return which page of how many it is."""
        return fill(self._sentence("activity_page"), {"number": number, "last": last})

    def password_text(self, lengths: PasswordLengths) -> str:
        """Return what a new password has to be."""
        if lengths.plain is None:
            return fill(self._sentence("password_of_all_classes"), {"mixed": lengths.mixed})
        if lengths.plain == lengths.mixed:
            return fill(self._sentence("password_of_any_kind"), {"plain": lengths.plain})
        return fill(self._sentence("password_of_either"), {"plain": lengths.plain, "mixed": lengths.mixed})

    def count_text(self, unit: str, number: int) -> str:
        """Return so many of the unit in words, in the form that goes with the number."""
        return fill(self._translations.ngettext(*COUNTS[unit], number), {"number": number})

    def error_text(self, code: str, limits: Mapping[str, int | str]) -> str:
        """Return a sentence for a broken rule; a generic one if the rule or a figure is unknown.

        Args:
            code: the ``code`` of `InvalidInput`.
            limits: its ``limits``.
        """
        sentence = self._translations.gettext(ERROR_SENTENCES.get(code, GENERIC_ERROR))
        try:
            return fill(sentence, limits)
        except KeyError:
            return self._translations.gettext(GENERIC_ERROR)

    def _sentence(self, name: str) -> str:
        sentence = SENTENCES.get(name)
        if sentence is None:
            raise AttributeError(name)
        return self._translations.gettext(sentence)

    def _say(self, sentence: str) -> str:
        return fill(sentence, self._figures()) if "{" in sentence else sentence

    def _figures(self) -> Mapping[str, int | str]:
        """Return what sentences name, by placeholder."""
        return _FIXED


MESSAGES: Final = Messages(_AtHand())
