"""The texts of the account pages and of validation errors, ready for translation."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from bastide.pages.sentences import (
    ERROR_SENTENCES,
    EVENT_SENTENCES,
    GENERIC_ERROR,
    SENTENCES,
    gettext_noop,
)

Translate: TypeAlias = Callable[[str], str]

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")


class Messages:
    """Gives each text by attribute, translated when it is read: ``t.sign_in``.

    Args:
        translate: gettext of the request's language; identity when left out.
    """

    __slots__ = ("_translate",)

    def __init__(self, translate: Translate = gettext_noop) -> None:
        self._translate = translate

    def __getattr__(self, name: str) -> str:
        """Return the sentence called ``name``.

        Raises:
            AttributeError: there is none.
        """
        sentence = SENTENCES.get(name)
        if sentence is None:
            raise AttributeError(name)
        return self._translate(sentence)

    def event_text(self, kind: str) -> str:
        """Return the sentence that owners read about an event of the kind.

        Raises:
            KeyError: the kind is not shown to them.
        """
        return self._translate(EVENT_SENTENCES[kind])

    def page_text(self, *, number: int, last: int) -> str:
        """Return which page of how many it is."""
        figures = {"number": number, "last": last}
        return _PLACEHOLDER.sub(lambda match: str(figures[match[1]]), self.activity_page)

    def days_text(self, number: int) -> str:
        """Return so many days in words."""
        if number == 1:
            return self.token_day
        return _PLACEHOLDER.sub(lambda _: str(number), self.token_days)

    def error_text(self, code: str, limits: Mapping[str, int | str]) -> str:
        """Return a sentence for a broken rule; a generic one if the rule or a figure is unknown.

        Args:
            code: the ``code`` of `InvalidInput`.
            limits: its ``limits``. They are put in once and never read as placeholders.
        """
        sentence = self._translate(ERROR_SENTENCES.get(code, GENERIC_ERROR))
        try:
            return _PLACEHOLDER.sub(lambda match: str(limits[match[1]]), sentence)
        except KeyError:
            return self._translate(GENERIC_ERROR)


MESSAGES: Final = Messages()
