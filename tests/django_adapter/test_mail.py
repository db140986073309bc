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
def test_a_message_goes_through_django_with_where_answers_go(
    monkeypatch: pytest.MonkeyPatch, reply_to: str | None, header: list[str]
) -> None:
    set_up()
    from django.core.mail import EmailMessage

    from bastide.django.mail import DjangoMailer

    outbox: list[EmailMessage] = []
    monkeypatch.setattr(EmailMessage, "send", lambda mail: outbox.append(mail))  # noqa: PLW0108 -- bound to it
    DjangoMailer().send(Message(to="maud@example.org", subject="Grüße", body="Hällo", reply_to=reply_to))
    (sent,) = outbox
    assert (sent.to, sent.subject, sent.body) == (["maud@example.org"], "Grüße", "Hällo")
    assert [sent.message()["Reply-To"]] == (header or [None])
