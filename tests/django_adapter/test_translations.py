"""Pages and mails in the language that Django has active."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bastide.core.foundation import Client, Secret, StoreUnavailable
from bastide.core.mail import Message
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog
from support.french import FRENCH, MAILED, says_all_of_it


@pytest.fixture
def blog(tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Blog]:
    made = make_blog(f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path, clock, framework="django")
    from django.test import override_settings
    from django.utils import translation

    folder = tmp_path / "locale/fr/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(FRENCH)
    # Django decides once whether it translates at all.
    monkeypatch.setattr(translation, "_trans", type(translation._trans)())  # noqa: SLF001
    with override_settings(USE_I18N=True, LOCALE_PATHS=[tmp_path / "locale"]):
        yield made
    made.close()


def ask(blog: Blog) -> None:
    def link_to(_: Secret) -> str:
        return "https://localhost/x"

    blog.services.recovery.request("maud@example.org", Client(address="203.0.113.7"), link_to=link_to)


def test_a_mail_speaks_the_active_language_also_when_it_is_delivered_later(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import translation

    def away(message: Message) -> None:
        raise StoreUnavailable(message.subject)

    blog.add_account("maud")
    with translation.override("fr"), monkeypatch.context() as down:
        down.setattr(blog.outbox, "send", away)
        ask(blog)
    blog.clock.advance(timedelta(minutes=1))
    assert blog.services.outbox.deliver() == 1
    ask(blog)
    french, english = blog.outbox.messages
    assert french.body == MAILED
    assert "It works once, for 10 minutes." in english.body
    # The catalogue lacks this one.
    assert french.subject == english.subject == "Choose a new password for Under the Arcades"


def test_pages_speak_it_too(blog: Blog) -> None:
    from django.utils import translation

    for language in ("fr", "en", "fr"):
        with translation.override(language):
            assert says_all_of_it(blog.browser(), in_french=language == "fr")
