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
