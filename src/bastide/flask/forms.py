"""Forms on Flask-WTF: thin fields over the core's rules, and their view for the templates."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.csrf.core import CSRF

from bastide.core.errors import InvalidInput
from bastide.core.inputs import Rule, parse_fields
from bastide.core.secret import Secret
from bastide.flask.pipeline import CSRF_FIELD
from bastide.flask.state import current_state
from bastide.pages import MESSAGES, FieldView, FormView
from bastide.pages.forms import FieldType

MAX_SECRET_LENGTH = 1024


class SessionBoundCsrf(CSRF):
    """Puts the session-bound token into ``form.hidden_tag()``; the pipeline has checked what came back."""

    def generate_csrf_token(self, csrf_token_field: Field) -> str:  # noqa: ARG002 -- WTForms' signature
        """Return a token for this page."""
        return current_state().csrf_token()

    def validate_csrf_token(self, form: FlaskForm, field: Field) -> None:
        """Accept: a request with a wrong token never reaches a view."""


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form that refuses fields it does not declare and fields sent twice (V5)."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        """Where the token comes from."""

        csrf = True
        csrf_class = SessionBoundCsrf
        csrf_field_name = CSRF_FIELD

    def validate(self, extra_validators: Any = None) -> bool:
        """Tell whether every field is valid.

        Raises:
            InvalidInput: an undeclared or repeated field.
        """
        parse_fields(dict(request.form.lists()), declared=self._fields, ignored=(CSRF_FIELD,))
        return bool(super().validate(extra_validators))

    def refuse(self, error: InvalidInput) -> None:
        """Attach an error that a control raised to the field it names."""
        field = self._fields.get(error.field) or next(iter(self))
        field.errors = [*field.errors, MESSAGES.error_text(error.code, error.limits)]


class RuleField(Field):
    """A field whose value is what a core rule parses; ``data`` is that value."""

    def __init__(self, label: str, rule: Rule, *, description: str = "", **options: Any) -> None:
        super().__init__(label, description=description, **options)
        self.rule = rule
        self.raw = ""

    def process_data(self, value: Any) -> None:
        """Take a stored value, to be shown for editing."""
        self.data = value
        self.raw = ", ".join(value) if isinstance(value, tuple) else str(value or "")

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Parse what was sent; a missing field counts as empty."""
        self.raw = valuelist[0] if valuelist else ""
        self.data = None
        try:
            self.data = self.rule.parse(self.raw)
        except InvalidInput as error:
            raise ValueError(MESSAGES.error_text(error.code, error.limits)) from None


class SecretField(Field):
    """A password as typed: never trimmed, never shown again; ``data`` is a ``Secret``."""

    def __init__(self, label: str, *, autocomplete: str, description: str = "", **options: Any) -> None:
        super().__init__(label, description=description, **options)
        self.autocomplete = autocomplete

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the secret; an empty or absurdly long one is refused before it is hashed."""
        text = valuelist[0] if valuelist else ""
        self.data = Secret(text[:MAX_SECRET_LENGTH])
        if not text:
            raise ValueError(MESSAGES.error_text("required", {}))
        if len(text) > MAX_SECRET_LENGTH:
            raise ValueError(MESSAGES.error_text("too_long", {"max": MAX_SECRET_LENGTH}))


class PlainField(Field):
    """A text that is looked up or judged, not stored: it is taken as typed."""

    def __init__(
        self, label: str, *, input_type: FieldType = "text", autocomplete: str = "", **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.input_type = input_type
        self.autocomplete = autocomplete

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the text, cut to what any look-up could need."""
        self.data = (valuelist[0] if valuelist else "")[:MAX_SECRET_LENGTH]


def form_view(form: Form, *, action: str, submit: str, errors: Sequence[str] = ()) -> FormView:
    """Return the form as the templates read it."""
    fields = [field for field in form if field.name != CSRF_FIELD]
    return FormView(
        action=action,
        submit=submit,
        fields=tuple(_view(field) for field in fields if not isinstance(field, HiddenField)),
        hidden=tuple(
            FieldView(name=field.name, type="hidden", value=str(field.data or ""))
            for field in fields
            if isinstance(field, HiddenField)
        ),
        errors=tuple(errors),
    )


def _view(field: Any) -> FieldView:
    common: dict[str, Any] = {
        "name": field.name,
        "label": str(field.label.text),
        "help": field.description,
        "errors": tuple(field.errors),
    }
    if isinstance(field, SecretField):
        return FieldView(**common, type="password", required=True, autocomplete=field.autocomplete)
    if isinstance(field, PlainField):
        value, plain = str(field.data or ""), field.input_type
        required = plain != "honeypot"
        return FieldView(
            **common, type=plain, value=value, required=required, autocomplete=field.autocomplete
        )
    rule: Rule = field.rule
    kind: Any = rule.input_type
    return FieldView(
        **common,
        type=kind,
        value=field.raw,
        required=rule.is_required,
        min_length=rule.min_length or None,
        max_length=rule.max_length,
        autocomplete=rule.autocomplete,
        rows=14 if rule.max_length > 5_000 else 5,  # noqa: PLR2004 -- an article, not a note
    )
