"""The sentences of the catalogue: what a setting decides stands in none of them."""

import re

import pytest

from bastide import MESSAGES, Settings, SiteMessages
from bastide.pages.sentences import (
    ERROR_SENTENCES,
    EVENT_SENTENCES,
    GENERIC_ERROR,
    MAIL_SENTENCES,
    NOTICE_BODY,
    NOTICE_SENTENCES,
    SENTENCES,
)

NUMBER = re.compile(
    r"\b(\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|sixty|hundred|half|quarter"
    r"|dozen|double|twice|hours?|minutes?|seconds|days?|weeks?|months?|years?)\b",
    re.IGNORECASE,
)
# What no setting changes: by name, why, and what is found there.
REVIEWED = {
    "register_complete_lead": ("the fields of that form", {"two"}),
    "codes_lead": ("a day that may come", {"day"}),
    "passkey_not_made": ("how often a device is added", {"twice"}),
    "different": ("typed once and typed again", {"two"}),
    "phone": ("an example", {"44", "20", "7946", "0000"}),
    "ssn": ("an example, and the office that issues them", {"nine", "219", "09", "9999"}),
    "file_encoding": ("a standard's name", {"8"}),
}
# Filled by what they are asked with.
ASKED = {"activity_page", "password_of_any_kind", "password_of_all_classes", "password_of_either"}


def test_no_sentence_names_a_number_that_a_setting_decides() -> None:
    mails = {**MAIL_SENTENCES, **NOTICE_SENTENCES}
    catalogue = {**SENTENCES, **EVENT_SENTENCES, **ERROR_SENTENCES, "generic": GENERIC_ERROR}
    catalogue |= {f"mail {name}": " ".join(parts) for name, parts in mails.items()} | {"notice": NOTICE_BODY}
    found = {
        name: set(map(str.lower, NUMBER.findall(sentence)))
        for name, sentence in catalogue.items()
        if NUMBER.search(sentence)
    }
    assert found == {name: numbers for name, (_, numbers) in REVIEWED.items()}


@pytest.mark.parametrize(
    "settings", [Settings(), Settings.from_mapping({"profile": "asvs"})], ids=["default", "asvs"]
)
def test_every_sentence_is_whole_when_a_page_reads_it(settings: Settings) -> None:
    texts = SiteMessages(settings)
    assert [
        name
        for name in SENTENCES.keys() - ASKED
        if not len(getattr(texts, name)) > 0 or "{" in getattr(texts, name)
    ] == []


def test_a_sentence_that_nothing_fills_is_no_text() -> None:
    assert MESSAGES.username_help == "Up to 30 letters, digits or underscores. Everybody can see it."
    for name in ("reset_sent_text", "activity_page"):
        with pytest.raises(KeyError):
            getattr(MESSAGES, name)
    with pytest.raises(AttributeError):
        _ = MESSAGES.nothing
