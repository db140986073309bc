"""Django forms over the core's rules, and their view for the shared templates."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import FieldRule, parse_fields
from bastide.django.texts import TEXTS
from bastide.pages import FieldView, FormView
from bastide.pages.forms import FieldType
from bastide.pages.inputs import TOKEN_FIELDS, Input, PlainInput, RuleInput, SecretInput, shown_text
from bastide.pages.resend import every_subclass


class InputField(forms.Field):
    """A field around one of the ready inputs; its cleaned value is what the input parses."""

    def __init__(self, label: str, *, help_text: str = "", **options: Any) -> None:
        super().__init__(label=label, help_text=help_text, required=False, **options)

    def make_input(self, name: str) -> Input:
        """Return the input under the field's name in its form."""
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        """Return the parsed value; a missing field counts as empty."""
        try:
            return self.make_input("field").parse(value or "")
        except InvalidInput as error:
            raise ValidationError(TEXTS.error_text(error.code, error.limits), code=error.code) from None


class RuleField(InputField):
    """A text whose value is what a core rule parses."""

    def __init__(self, label: str, rule: FieldRule, *, help_text: str = "", **options: Any) -> None:
        widget = forms.Textarea if rule.input_type == "textarea" else forms.TextInput
        self.rule = rule
        super().__init__(label, help_text=help_text, widget=widget, **options)

    def make_input(self, name: str) -> RuleInput:
        """See ``InputField``."""
        return RuleInput(name=name, label=str(self.label), rule=self.rule, help=str(self.help_text))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:  # noqa: ARG002 -- Django's signature
        """Return the rule's figures for the browser, as a comfort (V3)."""
        attributes: dict[str, Any] = {"maxlength": self.rule.max_length}
        if self.rule.min_length:
            attributes["minlength"] = self.rule.min_length
        if self.rule.is_required:
            attributes["required"] = True
        if self.rule.autocomplete:
            attributes["autocomplete"] = self.rule.autocomplete
        return attributes


class SecretField(InputField):
    """A password as typed: never trimmed, never shown again; the value is a ``Secret``."""

    widget = forms.PasswordInput

    def __init__(self, label: str, *, autocomplete: str, help_text: str = "", **options: Any) -> None:
        super().__init__(label, help_text=help_text, **options)
        self.autocomplete = autocomplete

    def make_input(self, name: str) -> SecretInput:
        """See ``InputField``."""
        return SecretInput(
            name=name, label=str(self.label), autocomplete=self.autocomplete, help=str(self.help_text)
        )


class PlainField(InputField):
    """A text that is looked up or judged, not stored: it is taken as typed."""

    def __init__(
        self, label: str = "", *, input_type: FieldType = "text", autocomplete: str = "", **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.input_type = input_type
        self.autocomplete = autocomplete

    def make_input(self, name: str) -> PlainInput:
        """See ``InputField``."""
        return PlainInput(
            name=name, label=str(self.label), input_type=self.input_type, autocomplete=self.autocomplete
        )


class Form(forms.Form):
    """A form that refuses fields it does not declare and fields sent twice (V5)."""

    def full_clean(self) -> None:
        """Validate every field.

        Raises:
            InvalidInput: an undeclared or repeated field.
        """
        if self.is_bound and hasattr(self.data, "lists"):
            parse_fields(dict(self.data.lists()), declared=self.fields, ignored=TOKEN_FIELDS)
        super().full_clean()


def form_view(form: forms.BaseForm, *, action: str, submit: str, errors: Sequence[str] = ()) -> FormView:
    """Return the form as the templates read it."""
    fields = [_view(form, name, field) for name, field in form.fields.items()]
    return FormView(
        action=action,
        submit=submit,
        fields=tuple(field for field in fields if field.type != "hidden"),
        hidden=tuple(field for field in fields if field.type == "hidden"),
        errors=tuple(errors),
    )


def _view(form: forms.BaseForm, name: str, field: Any) -> FieldView:
    shown = form.data.get(name, "") if form.is_bound else shown_text(form.get_initial_for_field(field, name))
    errors = tuple(str(error) for error in form.errors.get(name, ()))
    view: FieldView = field.make_input(name).view(shown, errors)
    return view


def secret_names() -> set[str]:
    """Return the names that the application's forms have for passwords."""
    return {
        name
        for form in every_subclass(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.PasswordInput)
    }
