"""Model fields that hold the core's rules, whichever way a value comes in (V3)."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.module_loading import import_string

import bastide
from bastide.core.foundation import ConfigurationError, InvalidInput
from bastide.core.inputs import FieldRule
from bastide.core.output import ARTICLE, COMMENT, HtmlPolicy, SafeHtml, sanitize
from bastide.django.orm._generic_fields import GT_co, ST_contra, TextField
from bastide.django.texts import TEXTS

FACE: Final = "bastide.django"
POLICIES: Final = {policy.name: policy for policy in (ARTICLE, COMMENT)}


def public_path(path: str) -> str:
    """Return a class's path for migrations: its own, or for Bastide's that of the face, which stays."""
    return f"{FACE}.{path.rpartition('.')[2]}" if path.startswith(f"{FACE}.") else path


class SanitizedHTMLField(TextField[ST_contra, GT_co]):
    """HTML that is cleaned on its way to the database: on save, in bulk and in ``QuerySet.update`` (O4).

    Args:
        policy: what stays; written into migrations by name.
    """

    _pyi_private_set_type: str
    _pyi_private_get_type: SafeHtml

    def __init__(self, *args: Any, policy: HtmlPolicy | str = ARTICLE, **options: Any) -> None:
        self.policy: HtmlPolicy = POLICIES[policy] if isinstance(policy, str) else policy
        POLICIES.setdefault(self.policy.name, self.policy)
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        """Return what a migration writes."""
        name, path, args, options = super().deconstruct()
        return name, public_path(path), args, {**options, "policy": self.policy.name}

    def from_db_value(self, value: str | None, *_: Any) -> SafeHtml | None:
        """Return the clean text, which templates show raw."""
        return None if value is None else SafeHtml(value)

    def to_python(self, value: Any) -> Any:
        """Return the value clean."""
        return value if value is None or isinstance(value, SafeHtml) else sanitize(str(value), self.policy)

    def get_prep_value(self, value: Any) -> Any:
        """Return what is stored: clean, whoever put it there."""
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return str(sanitize(str(value), self.policy))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 -- Django's signature
        """Show the instance what was stored."""
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


class RuleValidator:
    """A core rule in a model field's ``validators``.

    Args:
        rule: one of `bastide`, or the dotted path of the project's own.
    """

    path: str
    rule: FieldRule

    def __init__(self, rule: FieldRule | str) -> None:
        if isinstance(rule, str):
            self.path, self.rule = rule, import_string(rule)
        else:
            name = next((name for name in bastide.__all__ if getattr(bastide, name) is rule), "")
            self.path, self.rule = f"{bastide.__name__}.{name}", rule
            if not name:
                msg = "a rule of the project's own is named by its dotted path"
                raise ConfigurationError(msg)

    def deconstruct(self) -> tuple[str, tuple[str], dict[str, Any]]:
        """Return what a migration writes."""
        return public_path(f"{type(self).__module__}.{type(self).__qualname__}"), (self.path,), {}

    def __call__(self, value: str) -> None:
        """Raise ``ValidationError`` unless the rule takes the value as it is."""
        try:
            self.rule.parse(value)
        except InvalidInput as error:
            raise ValidationError(TEXTS.error_text(error.code, error.limits), code=error.code) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleValidator) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)
