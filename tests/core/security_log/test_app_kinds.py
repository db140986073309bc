"""An application declares kinds of its own, in words of its own, and nothing else is recorded."""

from collections.abc import Iterable
from enum import StrEnum

import pytest

from bastide.core.foundation import ConfigurationError
from bastide.core.security_log import (
    LIBRARY_KINDS,
    AppEventKind,
    EventGroup,
    EventKind,
    Vocabulary,
    read_kind,
)
from support.rows import rows


class ShopEvent(AppEventKind):
    PLACED = "shop:order:placed", "an order was placed", "You placed an order."
    SUSPECTED = "shop:order:suspected", "an order looks like a fraud"


class StockEvent(AppEventKind):
    EMPTIED = "stock:shelf:emptied", "a shelf is empty"


def test_a_kind_is_its_text_and_says_what_it_means() -> None:
    assert ShopEvent("shop:order:placed") is ShopEvent.PLACED
    assert (str(ShopEvent.PLACED), ShopEvent.PLACED.value) == ("shop:order:placed", "shop:order:placed")
    assert ShopEvent.PLACED.description == "an order was placed"
    assert ShopEvent.PLACED.sentence == "You placed an order."
    assert (ShopEvent.SUSPECTED.sentence, ShopEvent.SUSPECTED.name) == ("", "SUSPECTED")


def test_the_library_s_words_come_first_and_the_application_s_behind_them() -> None:
    found = Vocabulary([*ShopEvent, *StockEvent])
    assert list(found.groups) == [*(group.value for group in EventGroup), "shop", "stock"]
    assert {word: set(kinds) for word, kinds in found.groups.items()} == {
        **{group.value: group.kinds for group in EventGroup},
        "shop": set(ShopEvent),
        "stock": set(StockEvent),
    }
    assert found.kinds.keys() == {*EventKind, *ShopEvent, *StockEvent}
    assert found.sentences == {"shop:order:placed": "You placed an order."}
    assert set(LIBRARY_KINDS.kinds) == set(EventKind)


def test_what_is_declared_is_taken_and_nothing_else() -> None:
    found = Vocabulary(ShopEvent)
    assert found.require(ShopEvent.PLACED) is ShopEvent.PLACED
    assert found.require(EventKind.LOGOUT) is EventKind.LOGOUT
    for kind in (StockEvent.EMPTIED, "account:login:succes", ""):
        with pytest.raises(ConfigurationError, match=f"event kind '{kind}' is not declared"):
            found.require(kind)  # type: ignore[arg-type]  # a view may do so all the same
    with pytest.raises(ConfigurationError, match="'shop:order:placed' is not declared"):
        LIBRARY_KINDS.require(ShopEvent.PLACED)


def kinds(*texts: str) -> Iterable[AppEventKind]:
    return AppEventKind("Wrong", {f"KIND_{place}": (text, "something") for place, text in enumerate(texts)})  # type: ignore[return-value]


class Undescribed(AppEventKind):
    PLACED = "shop:order:placed"


class Twice(AppEventKind):
    PLACED = "shop:order:placed", "an order was placed"
    BOUGHT = "shop:order:placed", "an order was placed"


class Plain(StrEnum):
    PLACED = "shop:order:placed"


@pytest.mark.asvs("V16.2.4")
@rows(
    ("own", "fault"),
    [
        *((kinds(text), "has to read subject:action:outcome")
          for text in ("", "shop", "shop:order", "shop:order:placed:twice", "Shop:order:placed", "shop:order:",
                       "shop: order:placed", "shop:order:placed\n", "shop:order:plac\u00e9", "7shop:order:placed",
                       "shop:order-placed:x", "shop:order:" + "x" * 50)),
        *((kinds(f"{group}:order:placed"), f"'{group}', which is a word of the library's") for group in EventGroup),
        (kinds("account:login:success"), "'account', which is a word of the library's"),
        (Undescribed, "'shop:order:placed' has no description"),
        (Twice, "'shop:order:placed' is declared twice"),
        ([*ShopEvent, *kinds("shop:order:placed")], "'shop:order:placed' is declared twice"),
        (Plain, "'shop:order:placed' is no member of an AppEventKind"),
        (EventKind, "'account:login:success' is no member of an AppEventKind"),
        ("shop", "'s' is no member of an AppEventKind"),
    ],
)  # fmt: skip
def test_a_declaration_that_is_not_sound_stops_the_start(own: Iterable[AppEventKind], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        Vocabulary(own)


def test_the_longest_kind_is_as_long_as_a_column() -> None:
    longest = "shop:order:" + "x" * 49
    assert longest in Vocabulary(kinds(longest)).kinds


def test_a_row_s_kind_is_read_whoever_declared_it() -> None:
    assert read_kind("account:login:success") is EventKind.LOGIN_SUCCESS
    assert read_kind("shop:order:placed") == ShopEvent.PLACED
    assert read_kind("gone:with:the_wind") == "gone:with:the_wind"
    for text in ("", "account:login", "account:login:success ", "Account:login:success", "x:y:" + "z" * 57):
        with pytest.raises(ValueError, match="is not a valid EventKind"):
            read_kind(text)
