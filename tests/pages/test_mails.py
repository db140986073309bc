"""Mails speak the language at hand and lose neither a fact nor a link to a translation."""

from datetime import timedelta

from bastide.core.mail import MailText
from bastide.pages import CatalogueMails, Messages
from bastide.pages.sentences import MAIL_SENTENCES, NOTICE_BODY, NOTICE_SENTENCES

RESET = {"site": "Le blog", "link": "https://blog.example/x", "lifetime": timedelta(minutes=10)}
TOLD = {
    "site": "Le blog", "username": "maud", "at": "2026-03-01 12:00 UTC", "agent": "Firefox on Linux",
    "address": "203.0.113.7", "name": "Sauvegarde", "role": "reader", "value": "number",
}  # fmt: skip


class French:
    """A catalogue that lacks what it is not given."""

    def __init__(self, **sentences: str) -> None:
        subject, body = MAIL_SENTENCES["reset_link"]
        _, issued = NOTICE_SENTENCES["token_issued"]
        known = {"subject": subject, "body": body, "issued": issued, "frame": NOTICE_BODY}
        self._sentences = {known[name]: sentence for name, sentence in sentences.items()}

    def gettext(self, message: str) -> str:
        return self._sentences.get(message, message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return singular if number == 1 else plural


def test_every_text_has_its_words() -> None:
    assert MAIL_SENTENCES.keys() | NOTICE_SENTENCES.keys() == set(MailText)
    assert MAIL_SENTENCES.keys() & NOTICE_SENTENCES.keys() == set()


def test_what_is_translated_is_said_in_that_language_and_the_rest_as_it_is_written() -> None:
    mails = CatalogueMails(Messages(French(body="Pour {site} :\n\n{link}\n\nBon pour {lifetime}.\n")))
    assert mails.write(MailText.RESET_LINK, RESET) == (
        "Choose a new password for Le blog",
        "Pour Le blog :\n\nhttps://blog.example/x\n\nBon pour 10 minutes.\n",
    )


def test_sentence_and_frame_of_a_notice_are_translated_apart() -> None:
    frame = "Bonjour {username},\n\n{what}\nQuand et d'où : {at}, {agent}, {address}\n"
    mails = CatalogueMails(Messages(French(issued="Le jeton « {name} » est là.", frame=frame)))
    assert mails.write(MailText.TOKEN_ISSUED, TOLD) == (
        "Your API tokens",
        (
            "Bonjour maud,\n\nLe jeton « Sauvegarde » est là.\n"
            "Quand et d'où : 2026-03-01 12:00 UTC, Firefox on Linux, 203.0.113.7\n"
        ),
    )


def test_a_translation_that_loses_or_invents_a_placeholder_is_not_used() -> None:
    as_written = CatalogueMails().write(MailText.RESET_LINK, RESET)
    for broken in ("Pour {site}, bon pour {lifetime}.\n", "Pour {site} : {link}, {lifetime}, {username}\n"):
        assert CatalogueMails(Messages(French(body=broken))).write(MailText.RESET_LINK, RESET) == as_written


def test_what_people_typed_is_never_read_as_a_placeholder() -> None:
    typed = {**TOLD, "name": "{address} {what} {0} %s", "username": "{name}"}
    subject, body = CatalogueMails().write(MailText.TOKEN_ISSUED, typed)
    assert subject == "Your API tokens"
    assert body == (
        "Hello {name},\n\nThe API token “{address} {what} {0} %s” was issued.\n"
        "When and where from: 2026-03-01 12:00 UTC, Firefox on Linux, 203.0.113.7\n\n"
        "If this was not you, answer this message or contact an administrator at once.\n"
    )
