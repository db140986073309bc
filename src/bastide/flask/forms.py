"""Forms on Flask-WTF: thin fields over the core's rules, and their view for the templates."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField
from wtforms import Form as WtForm
from wtforms.csrf.core import CSRF
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import FieldRule, parse_fields
from bastide.flask.state import CSRF_FIELD, current_exchange
from bastide.pages import MESSAGES, FieldView, FormView
from bastide.pages.forms import FieldType
from bastide.pages.inputs import Input, PlainInput, RuleInput, SecretInput, shown_text
from bastide.pages.resend import every_subclass


class SessionBoundCsrf(CSRF):
    """Puts the session-bound token into ``form.hidden_tag()``; the pipeline has checked what came back."""

    def generate_csrf_token(self, csrf_token_field: Field) -> str:  # noqa: ARG002 -- WTForms' signature
        """Return a token for this page."""
        return current_exchange().csrf_token()

    def validate_csrf_token(self, form: BaseForm, field: Field) -> None:
        """Accept: a request with a wrong token never reaches a view."""


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form that refuses fields it does not declare and fields sent twice (V5)."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        """Where the token comes from."""

        csrf = True
        csrf_class = SessionBoundCsrf
        csrf_field_name = CSRF_FIELD

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:  # noqa: ARG002 -- WTForms' signature
            """Read the form's own fields only, an empty body included: no JSON, no file is one."""
            return request.form if request.method == "POST" else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Tell whether every field is valid.

        Raises:
            InvalidInput: an undeclared or repeated field.
        """
        if request.files:
            raise InvalidInput("form", "unknown_field")
        parse_fields(dict(request.form.lists()), declared=self._fields, ignored=(CSRF_FIELD,))
        return bool(super().validate(extra_validators))

    def refuse(self, error: InvalidInput) -> None:
        """Attach an error that a control raised to the field it names."""
        field = self._fields.get(error.field) or next(iter(self))
        field.errors = [*field.errors, MESSAGES.error_text(error.code, error.limits)]


class InputField(Field):
    """A field around one of the ready inputs; ``data`` is the value that it parses."""

    input: Input
    data: Any
    shown: str

    def process_data(self, value: Any) -> None:
        """Take a stored value, to be shown for editing."""
        self.data = value
        self.shown = shown_text(value)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Parse what was sent; a missing field counts as empty."""
        self.shown = valuelist[0] if valuelist else ""
        self.data = None
        try:
            self.data = self.input.parse(self.shown)
        except InvalidInput as error:
            raise ValueError(MESSAGES.error_text(error.code, error.limits)) from None


class RuleField(InputField):
    """A text whose value is what a core rule parses."""

    def __init__(self, label: str, rule: FieldRule, *, description: str = "", **options: Any) -> None:
        super().__init__(label, description=description, **options)
        self.input: Input = RuleInput(name=self.name, label=label, rule=rule, help=description)


class SecretField(InputField):
    """A password as typed: never trimmed, never shown again; ``data`` is a ``Secret``."""

    def __init__(self, label: str, *, autocomplete: str, description: str = "", **options: Any) -> None:
        super().__init__(label, description=description, **options)
        self.input: Input = SecretInput(
            name=self.name, label=label, autocomplete=autocomplete, help=description
        )


class PlainField(InputField):
    """A text that is looked up or judged, not stored: it is taken as typed."""

    def __init__(
        self, label: str, *, input_type: FieldType = "text", autocomplete: str = "", **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.input: Input = PlainInput(
            name=self.name, label=label, input_type=input_type, autocomplete=autocomplete
        )


def form_view(form: BaseForm, *, action: str, submit: str, errors: Sequence[str] = ()) -> FormView:
    """Return the form as the templates read it."""
    fields = [
        field.input.view(field.shown, field.errors)
        if isinstance(field, InputField)
        else FieldView(name=field.name, type="hidden", value=str(field.data or ""))
        for field in form
        if field.name != CSRF_FIELD
    ]
    return FormView(
        action=action,
        submit=submit,
        fields=tuple(field for field in fields if field.type != "hidden"),
        hidden=tuple(field for field in fields if field.type == "hidden"),
        errors=tuple(errors),
    )


def secret_names() -> set[str]:
    """Return the names that the application's forms have for passwords."""
    classes = {part for form in every_subclass(WtForm) for part in form.__mro__}
    return {
        name
        for part in classes
        for name, field in vars(part).items()
        if isinstance(field, UnboundField) and issubclass(field.field_class, SecretField | PasswordField)
    }
