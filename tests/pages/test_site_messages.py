"""The texts of one site: its own lifetimes and lengths, in the language at hand."""

from datetime import timedelta
from typing import Any

import pytest

from bastide import MESSAGES, Settings, SiteMessages

SITES: dict[str, Any] = {
    "default": {},
    "asvs": {"profile": "asvs"},
    "own": {
        "tickets": {
            "registration_lifetime": timedelta(minutes=90),
            "reset_lifetime": timedelta(minutes=1),
            "email_change_lifetime": timedelta(days=1),
        }
    },
}
LIFETIMES = {
    "default": ("1 hour", "10 minutes", "1 hour"),
    "asvs": ("10 minutes", "10 minutes", "10 minutes"),
    "own": ("90 minutes", "1 minute", "1 day"),
}


@pytest.mark.parametrize("site", SITES)
def test_lifetimes_are_those_of_the_settings(site: str) -> None:
    texts = SiteMessages(Settings.from_mapping(SITES[site]))
    registration, reset, email = LIFETIMES[site]
    assert texts.register_sent_text == (
        f"If an account can be made for that address, a link is on its way. It works once, for {registration}."
    )
    assert texts.reset_sent_text == (
        f"If an account has that address, a link is on its way. It works once, for {reset}."
    )
    assert texts.email_sent_text == (
        f"If that address can be used, a link is on its way there. It works once, for {email}."
    )
    assert texts.authenticator_lead == "An app that shows 6 digits, new ones every 30 seconds."


MANAGER = "Your password manager may fill it in."
PASSWORDS = {
    "default": (
        "15 characters or more of any kind, such as a few words; or 12 with capitals, small letters, digits and signs. "
        + MANAGER
    ),
    "strict_composition": (
        "12 characters or more, among them capitals, small letters, digits and signs. " + MANAGER
    ),
    "nist": "15 characters or more of any kind, such as a few words. " + MANAGER,
}


@pytest.mark.parametrize("preset", PASSWORDS)
def test_what_a_password_has_to_be_is_what_the_policy_asks_for(preset: str) -> None:
    policy = Settings.from_mapping({"passwords": {"preset": preset}}).passwords
    assert MESSAGES.password_text(policy.lengths()) == PASSWORDS[preset]
    beside_a_factor = MESSAGES.password_text(policy.lengths(has_second_factor=True))
    is_nist = preset == "nist"
    assert beside_a_factor == (PASSWORDS[preset].replace("15", "8") if is_nist else PASSWORDS[preset])


class German:
    """A language that puts what is named elsewhere."""

    def gettext(self, message: str) -> str:
        return {
            "If an account has that address, a link is on its way. It works once, for {reset_lifetime}.": (
                "{reset_lifetime} lang führt der Link, der unterwegs ist, einmal weiter."
            )
        }.get(message, message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return {singular: "{number} Minute", plural: "{number} Minuten"}[singular if number == 1 else plural]


def test_a_translation_names_the_same_settings() -> None:
    assert SiteMessages(Settings(), German()).reset_sent_text == (
        "10 Minuten lang führt der Link, der unterwegs ist, einmal weiter."
    )
