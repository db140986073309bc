"""The inputs of a form: what each takes from a request, and how each is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from bastide.core.foundation import InvalidInput, Secret
from bastide.core.inputs import FieldRule, parse_fields
from bastide.core.sign_in import MAX_SECRET_LENGTH
from bastide.pages.forms import Choice, FieldType, FieldView, FormView
from bastide.pages.messages import MESSAGES

TOKEN_FIELDS: Final = ("csrf_token", "csrfmiddlewaretoken")
LONG_TEXT: Final = 5_000
LONG_TEXT_ROWS: Final = 14
SHORT_TEXT_ROWS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInput:
    """A text whose value is what a core rule parses."""

    name: str
    label: str
    rule: FieldRule
    help: str = ""

    def parse(self, sent: str) -> Any:
        """Return the value, or raise ``InvalidInput``."""
        return self.rule.parse(sent)

    def view(self, shown: str, errors: Sequence[str]) -> FieldView:
        """Return the field with what was typed."""
        rule = self.rule
        kind: Any = rule.input_type
        return FieldView(
            name=self.name, label=self.label, help=self.help, errors=tuple(errors), type=kind, value=shown,
            required=rule.is_required, min_length=rule.min_length or None, max_length=rule.max_length,
            autocomplete=rule.autocomplete,
            rows=LONG_TEXT_ROWS if rule.max_length > LONG_TEXT else SHORT_TEXT_ROWS,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretInput:
    """A password as typed: never trimmed, never shown again; the value is a ``Secret``.

    Attributes:
        min_length: of a new one, as a comfort; the password policy decides.
    """

    name: str
    label: str
    autocomplete: str
    help: str = ""
    input_type: FieldType = "password"
    min_length: int | None = None

    def parse(self, sent: str) -> Secret:
        """Return the secret; an empty or absurdly long one is refused before it is hashed."""
        if not sent:
            raise InvalidInput(self.name, "required")
        if len(sent) > MAX_SECRET_LENGTH:
            raise InvalidInput(self.name, "too_long", max=MAX_SECRET_LENGTH)
        return Secret(sent)

    def view(self, shown: str, errors: Sequence[str]) -> FieldView:  # noqa: ARG002 -- a secret is not shown
        """Return the field, empty."""
        return FieldView(
            name=self.name, label=self.label, help=self.help, errors=tuple(errors), type=self.input_type,
            required=True, min_length=self.min_length, autocomplete=self.autocomplete,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainInput:
    """A text that is looked up or judged, not stored: it is taken as typed."""

    name: str
    label: str
    input_type: FieldType = "text"
    autocomplete: str = ""
    help: str = ""

    def parse(self, sent: str) -> str:
        """Return the text, cut to what any look-up could need; no database takes a NUL."""
        if "\x00" in sent:
            raise InvalidInput(self.name, "control_characters")
        return sent[:MAX_SECRET_LENGTH]

    def view(self, shown: str, errors: Sequence[str]) -> FieldView:
        """Return the field with what was typed."""
        return FieldView(
            name=self.name, label=self.label, help=self.help, errors=tuple(errors), type=self.input_type,
            value=shown, required=self.input_type not in {"honeypot", "hidden", "checkbox"},
            autocomplete=self.autocomplete,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceInput:
    """One of a few declared values."""

    name: str
    label: str
    choices: tuple[Choice, ...]

    def parse(self, sent: str) -> str:
        """Return the value, or raise ``InvalidInput``."""
        if all(sent != choice.value for choice in self.choices):
            raise InvalidInput(self.name, "undeclared")
        return sent

    def view(self, shown: str, errors: Sequence[str]) -> FieldView:
        """Return the field with what was chosen."""
        return FieldView(
            name=self.name, label=self.label, errors=tuple(errors), type="select", value=shown,
            required=True, choices=self.choices,
        )  # fmt: skip


Input: TypeAlias = RuleInput | SecretInput | PlainInput | ChoiceInput


def hidden(name: str) -> PlainInput:
    """Return an input that nobody sees."""
    return PlainInput(name=name, label="", input_type="hidden")


def shown_text(value: object) -> str:
    """Return a stored value as a person would type it."""
    return ", ".join(value) if isinstance(value, tuple | list) else str(value or "")


class FilledForm:
    """A form with what was sent, or with what it starts from.

    Args:
        inputs: what it declares; a request with any other field is refused (V15.3.3).
        sent: every field with all its values, or None for a fresh form.
        start: values of a fresh form, by name.

    Attributes:
        values: what each valid input parsed to.
        errors: whole sentences, by name.

    Raises:
        InvalidInput: an undeclared or repeated field.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        sent: Mapping[str, Sequence[str]] | None,
        start: Mapping[str, object] | None = None,
    ) -> None:
        self._inputs = {entry.name: entry for entry in inputs}
        self._is_sent = sent is not None
        self.values: dict[str, Any] = {}
        self.errors: dict[str, list[str]] = {}
        if sent is None:
            self._shown = {name: shown_text(value) for name, value in (start or {}).items()}
            return
        self._shown = parse_fields(sent, declared=self._inputs, ignored=TOKEN_FIELDS)
        for name, entry in self._inputs.items():
            try:
                self.values[name] = entry.parse(self._shown[name])
            except InvalidInput as error:
                self.refuse(InvalidInput(name, error.code, **error.limits))

    @property
    def is_valid(self) -> bool:
        """Tell whether it was sent and nothing is wrong with it."""
        return self._is_sent and not self.errors

    def refuse(self, error: InvalidInput) -> None:
        """Attach an error to the input it names, or else to the first."""
        name = error.field if error.field in self._inputs else next(iter(self._inputs))
        self.errors.setdefault(name, []).append(MESSAGES.error_text(error.code, error.limits))

    def view(self, *, action: str, submit: str, errors: Sequence[str] = (), username: str = "") -> FormView:
        """Return the form as the templates read it; see ``FormView``."""
        fields = [
            _worded(entry.view(self._shown.get(name, ""), self.errors.get(name, ())))
            for name, entry in self._inputs.items()
        ]
        return FormView(
            action=action,
            submit=submit,
            fields=tuple(field for field in fields if field.type != "hidden"),
            hidden=tuple(field for field in fields if field.type == "hidden"),
            errors=tuple(errors),
            username=username,
        )


def _worded(field: FieldView) -> FieldView:
    return replace(field, label=MESSAGES.worded(field.label), help=MESSAGES.worded(field.help))
