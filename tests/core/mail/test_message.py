"""Messages are one to one address, with one subject."""

import pytest

from bastide.core.foundation import InvalidInput
from bastide.core.mail import Message
from support.rows import rows


@pytest.mark.asvs("V1.3.11")
@rows(
    ("field", "value"),
    [("subject", "a\r\nBcc: x@y.org"), ("subject", "a\u2028b"), ("to", "a@b.org\nBcc:c"), ("to", "a@b.org,c@d.org"),
     ("to", "nobody"), ("to", "a@b@c"), ("reply_to", "a@b.org\r\nX:y"), ("reply_to", "<a@b.org>"), ("subject", "\x00")],
)  # fmt: skip
def test_messages_cannot_smuggle_headers(field: str, value: str) -> None:
    fields = {"to": "a@example.org", "subject": "Hello", "body": "Text\nmore", "reply_to": None, field: value}
    with pytest.raises(InvalidInput):
        Message(**fields)  # type: ignore[arg-type]
    assert (
        Message(to="a@example.org", subject="Héllo", body="x", reply_to="b@example.org").reply_to
        == "b@example.org"
    )


@pytest.mark.asvs("V1.3.11")
@rows(
    ("reply_to", "header"),
    [
        (None, None), ("zoe@example.org", "zoe@example.org"), ("zoe@localhost", "zoe@localhost"),
        ("zoe@münchen.example", "zoe@xn--mnchen-3ya.example"), ("josé@example.org", None), ("josé@local", None),
    ],
)  # fmt: skip
def test_answers_go_to_an_address_that_every_server_can_say(reply_to: str | None, header: str | None) -> None:
    message = Message(to="a@example.org", subject="Hello", body="x", reply_to=reply_to)
    assert message.reply_header == header
