"""Kinds of events that an application declares, beside the library's."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NoReturn, Self, TypeAlias

from bastide.core.foundation import ConfigurationError
from bastide.core.security_log.vocabulary import EventGroup, EventKind

# As the stores' columns hold.
MAX_KIND_LENGTH: Final = 60
_KIND: Final = re.compile(r"[a-z][a-z0-9_]*(?::[a-z][a-z0-9_]*){2}")


class AppEventKind(StrEnum):
    """The base of an application's own kinds; the recorder takes those that are declared at the start.

    A member is the kind (``subject:action:outcome``, its first word the application's own), what it means,
    and what owners read on their activity page; a kind without that sentence is not shown to them::

        class ShopEvent(AppEventKind):
            ORDER_PLACED = "shop:order:placed", "an order was placed", "You placed an order."
            FRAUD_NOTED = "shop:fraud:noted", "an order looks like a fraud"
    """

    description: str
    sentence: str

    def __new__(cls, kind: str, description: str = "", sentence: str = "") -> Self:
        """Return the member."""
        member = str.__new__(cls, kind)
        member._value_ = kind
        member.description = description
        member.sentence = sentence
        return member


AnyEventKind: TypeAlias = EventKind | AppEventKind


class Vocabulary:
    """Every kind that one application records: the library's, and its own as declared.

    Args:
        own: the application's; a subclass of `AppEventKind` is a collection of its members.

    Attributes:
        kinds: all of them by their text.
        groups: all of them by their first word, the library's words first.
        sentences: what owners read of the application's own, by kind.

    Raises:
        ConfigurationError: a kind is no `AppEventKind`, is not three lower-case words, begins with a word of
            the library's, lacks a description or is declared twice.
    """

    __slots__ = ("groups", "kinds", "sentences")

    def __init__(self, own: Iterable[AppEventKind] = ()) -> None:
        self.kinds: dict[str, AnyEventKind] = {kind.value: kind for kind in EventKind}
        self.sentences: dict[str, str] = {}
        words = [group.value for group in EventGroup]
        for kind in own:
            _require_sound(kind)
            if self.kinds.setdefault(kind.value, kind) is not kind:
                _refuse(kind, "is declared twice")
            words.append(kind.partition(":")[0])
            if kind.sentence:
                self.sentences[kind.value] = kind.sentence
        self.groups: dict[str, tuple[AnyEventKind, ...]] = {
            word: tuple(kind for kind in self.kinds.values() if kind.startswith(f"{word}:")) for word in words
        }

    def require(self, kind: AnyEventKind) -> AnyEventKind:
        """Return the kind as it is declared.

        Raises:
            ConfigurationError: it is not.
        """
        declared = self.kinds.get(kind)
        if declared is None:
            _refuse(kind, "is not declared: name it among the event_kinds")
        return declared


LIBRARY_KINDS: Final = Vocabulary()


def read_kind(text: str) -> str:
    """Return the kind that a row names: a member of the library's, or else its text, whoever declared it.

    Raises:
        ValueError: it is no kind at all.
    """
    try:
        return EventKind(text)
    except ValueError:
        if not _is_kind(text):
            raise
        return text


def _is_kind(text: str) -> bool:
    return _KIND.fullmatch(text) is not None and len(text) <= MAX_KIND_LENGTH


def _require_sound(kind: AppEventKind) -> None:
    if not isinstance(kind, AppEventKind):
        _refuse(kind, "is no member of an AppEventKind")
    if not _is_kind(kind):
        form = f"three lower-case words, {MAX_KIND_LENGTH} characters at most"
        _refuse(kind, f"has to read subject:action:outcome, {form}")
    word = kind.partition(":")[0]
    if word in set(EventGroup):
        _refuse(kind, f"begins with {word!r}, which is a word of the library's; take one of your own")
    if not kind.description:
        _refuse(kind, "has no description")
    if any(member is kind and name != kind.name for name, member in type(kind).__members__.items()):
        _refuse(kind, "is declared twice")


def _refuse(kind: str, fault: str) -> NoReturn:
    msg = f"event kind {str(kind)!r} {fault}"
    raise ConfigurationError(msg)
