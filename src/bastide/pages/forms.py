"""Forms as the templates read them: plain values, so that every engine sees the same thing."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

FieldType: TypeAlias = Literal[
    "text",
    "email",
    "password",
    "url",
    "tel",
    "search",
    "textarea",
    "checkbox",
    "select",
    "hidden",
    "tags",
    "honeypot",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One option of a select field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field, ready to be shown: its label, rules, value and complaints.

    Attributes:
        name: as the form sends it.
        label: what a person reads.
        type: the control; ``tags`` is a line of words, ``honeypot`` is out of people's way.
        value: what to show again, escaped by the template; never shown for a password.
        help: one sentence under the label; may be empty.
        errors: whole sentences.
        min_length: in code points, a comfort only; None for no attribute.
        max_length: the same; left out for passwords, which a browser would cut without a word.
        autocomplete: the HTML token, such as ``current-password``; empty for no attribute.
        rows: height of a textarea.
        choices: options of a select field.
        id: of the control; made from ``name`` when empty.
    """

    name: str
    label: str = ""
    type: FieldType = "text"
    value: str = ""
    help: str = ""
    errors: tuple[str, ...] = ()
    required: bool = False
    min_length: int | None = None
    max_length: int | None = None
    autocomplete: str = ""
    rows: int = 6
    choices: tuple[Choice, ...] = ()
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", f"field-{self.name}")

    @property
    def invalid(self) -> bool:
        """Tell whether there is something to correct."""
        return bool(self.errors)

    @property
    def checked(self) -> bool:
        """Tell whether a checkbox is ticked: it sends a value only then."""
        return self.value != ""

    @property
    def described_by(self) -> str:
        """Return the ids for ``aria-describedby``: the errors first, then the help."""
        parts = (f"{self.id}-errors" if self.errors else "", f"{self.id}-help" if self.help else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """One form that posts to ``action``; the template adds the CSRF field.

    Attributes:
        action: address that takes the form.
        submit: label of the button.
        fields: what people see, in order.
        hidden: hidden fields, without the CSRF token.
        errors: sentences about the form as a whole.
        username: whose password the form asks for, where it does not ask for the name; empty for nobody's.
    """

    action: str
    submit: str
    fields: tuple[FieldView, ...] = ()
    hidden: tuple[FieldView, ...] = ()
    errors: tuple[str, ...] = ()
    username: str = ""

    @property
    def tells_username(self) -> bool:
        """Tell whether a password manager has to be told whose password this is, unseen by people."""
        is_asked = any(field.autocomplete == "username" for field in self.fields)
        return bool(self.username) and not is_asked and any(field.type == "password" for field in self.fields)

    @property
    def invalid_fields(self) -> tuple[FieldView, ...]:
        """Return the fields with something to correct, in order."""
        return tuple(field for field in self.fields if field.invalid)

    @property
    def invalid(self) -> bool:
        """Tell whether the summary of errors is needed."""
        return bool(self.errors or self.invalid_fields)
