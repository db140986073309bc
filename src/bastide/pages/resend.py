"""A form that was refused, given back to whoever typed it, so that it can be sent again."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bastide.pages.answers import Answer, WayOut
from bastide.pages.forms import FieldView
from bastide.pages.inputs import TOKEN_FIELDS
from bastide.pages.messages import MESSAGES

# More than any form of people's; a text that was cut would be sent on as if it were whole.
MAX_FIELDS: Final = 100
MAX_NAME_LENGTH: Final = 100
MAX_LENGTH: Final = 200_000
FORM_TYPE: Final = "application/x-www-form-urlencoded"
FILES_TYPE: Final = "multipart/form-data"
_SECRET_PARTS: Final = (
    "passw", "passphrase", "passcode", "pwd", "secret",
    "apikey", "privatekey", "pincode", "otpcode", "cardnumber",
)  # fmt: skip
_SECRET_WORDS: Final = frozenset(
    {"pass", "pin", "otp", "totp", "mfa", "code", "codes", "key", "ssn", "cvc", "cvv", "card", "iban"}
)
# Nobody can type these anew.
_OPAQUE_PARTS: Final = ("token", "credential")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """What the error page shows of a form and sends again.

    Attributes:
        kept: what was sent, in its order.
        secrets: to be typed anew.
        files: to be chosen anew.
    """

    kept: tuple[FieldView, ...] = ()
    secrets: tuple[FieldView, ...] = ()
    files: tuple[FieldView, ...] = ()

    @property
    def is_typed(self) -> bool:
        """Tell whether there is a text that would be lost."""
        return any(field.value for field in self.kept)


def give_back(
    sent: Mapping[str, Sequence[str]], files: Iterable[str] = (), *, secrets: Collection[str]
) -> Resend | None:
    """Return the form with all that was typed but secrets and files; None where that cannot be whole.

    The caller has made sure that a page of this site sent it; see ``is_own_page``.

    Args:
        sent: its fields with all their values, untrusted.
        files: names of those that hold files, untrusted.
        secrets: names that the application's forms have for passwords. Names that say so themselves
            (``current_password``, ``backupCode``) need no declaring.

    Threat: a password on the screen and in the page's source (V14.2.1); pages of any size for one request.
    """
    texts = {name: values for name, values in sent.items() if name not in TOKEN_FIELDS}
    entries = [(name, value) for name, values in texts.items() for value in values]
    hidden = {name for name in texts if is_secret_name(name, secrets)}
    chosen = tuple(dict.fromkeys(files))
    whole = "".join((*texts, *chosen, *(value for _, value in entries)))
    if len(entries) + len(chosen) > MAX_FIELDS or len(whole) > MAX_LENGTH or "\x00" in whole:
        return None
    if any(len(name) > MAX_NAME_LENGTH or _is_opaque(name) for name in (*texts, *chosen)):
        return None
    return Resend(
        kept=tuple(_field(name, "hidden", value) for name, value in entries if name not in hidden),
        secrets=tuple(_field(name, "password") for name in texts if name in hidden),
        files=tuple(_field(name, "hidden") for name in chosen),
    )


def is_secret_name(name: str, declared: Collection[str]) -> bool:
    """Tell whether what is sent under the name is never shown, by the forms at hand or by its own words."""
    # A form's prefix comes before its fields' names.
    if name in declared or name.rpartition("-")[2] in declared:
        return True
    folded = name.lower()
    return any(part in folded for part in _SECRET_PARTS) or not _SECRET_WORDS.isdisjoint(
        map(str.lower, _WORD.findall(name))
    )


def page_values(answer: Answer, resend: Resend | None) -> dict[str, Any]:
    """Return what the error page reads."""
    title, text = answer.title, answer.text
    if resend is not None and answer.way_out:
        title, text = _first_texts(answer.way_out)
    elif resend is not None and answer.text == MESSAGES.form_expired_text:
        text = MESSAGES.form_changed_text
    return {
        "status": answer.status, "title": title, "text": text, "resend": resend,
        "way_out": answer.way_out,
    }  # fmt: skip


def _first_texts(way_out: WayOut) -> tuple[str, str]:
    """Return title and text of a form that has to wait for what its sender does first."""
    match way_out:
        case "confirm":
            return MESSAGES.confirm, MESSAGES.confirm_first_text
        case "factors":
            return MESSAGES.factors, MESSAGES.factors_first_text
        case _:
            return MESSAGES.signed_out_title, MESSAGES.signed_out_text


def every_subclass(of: type[Any]) -> Iterator[type[Any]]:
    """Yield each class below that one."""
    for below in of.__subclasses__():
        yield below
        yield from every_subclass(below)


def _is_opaque(name: str) -> bool:
    return any(part in name.lower() for part in _OPAQUE_PARTS)


def _field(name: str, kind: Any, value: str = "") -> FieldView:
    label = re.sub(r"[_\-\s]+", " ", name).strip().capitalize()
    return FieldView(name=name, label=label, type=kind, value=value, required=True, id=f"again-{name}")
