"""Mail as the controls send it: plain values that cannot smuggle a header."""

import unicodedata
from dataclasses import dataclass

from bastide.core.foundation import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one person.

    Attributes:
        to: the recipient's address.
        subject: one line.
        body: plain text.
        reply_to: where answers go, or None.

    Raises:
        InvalidInput: a header value holds a line break or a control character, or an address holds
            a comma (V1.3.11).
    """

    to: str
    subject: str
    body: str
    reply_to: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("to", self.to), ("subject", self.subject), ("reply_to", self.reply_to or "")):
            if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in value):
                raise InvalidInput(name, "line_breaks")
        for name, address in (("to", self.to), ("reply_to", self.reply_to or self.to)):
            if address.count("@") != 1 or any(char in ",;<> " for char in address):
                raise InvalidInput(name, "email")

    @property
    def reply_header(self) -> str | None:
        """Where answers go, as a header of every server can say it; None where there is no such way.

        A host of other letters is said in ASCII (IDNA). A mailbox of other letters has no such form: an
        encoded word in its place is another mailbox to whoever does not decode it (V1.3.11).

        Spec: RFC 2047, section 5: no encoded word within an address.
        """
        if self.reply_to is None or self.reply_to.isascii():
            return self.reply_to
        from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 -- slow to import

        try:
            checked = validate_email(self.reply_to, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            return None
        return checked.ascii_email
