"""Mail goes through Django's own mailer whole."""

import pytest

from bastide.core.mail import Message
from support.django_blog import set_up


@pytest.mark.asvs("V1.3.11")
@pytest.mark.parametrize(
    ("reply_to", "header"),
    [
        ("zoe@example.org", ["zoe@example.org"]),
        ("zoe@münchen.example", ["zoe@xn--mnchen-3ya.example"]),
        ("josé@example.org", []),
        (None, []),
    ],
)
def test_a_message_goes_through_django_with_where_answers_go(reply_to: str | None, header: list[str]) -> None:
    set_up()
    from django.core import mail
    from django.test import override_settings

    from bastide.django.mail import DjangoMailer

    mail.outbox = []
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        DjangoMailer().send(Message(to="maud@example.org", subject="Grüße", body="Hällo", reply_to=reply_to))
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["maud@example.org"], "Grüße", "Hällo")
    assert sent.reply_to == header
    assert [sent.message()["Reply-To"]] == (header or [None])
