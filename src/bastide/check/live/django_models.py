"""Django's models as columns, and what their fields do not check."""

import sys
from collections.abc import Iterable
from typing import Any, Final

from bastide.check.findings import Finding, found
from bastide.check.live.columns import ARGON2ID_OF_DJANGO, Column
from bastide.check.live.places import Place, Places

KINDS: Final = {
    "JSONField": "json", "BinaryField": "bytes", "DateTimeField": "time", "DateField": "time",
    "CharField": "text", "TextField": "text", "IntegerField": "number", "FloatField": "number",
    "DecimalField": "number",
}  # fmt: skip


def own_models(models: Iterable[Any], places: Places) -> list[Any]:
    """Return the models that the project itself defines."""
    files = ((model, getattr(sys.modules.get(model.__module__), "__file__", None)) for model in models)
    return [model for model, file in files if file and places.is_own(str(file))]


def django_columns(models: list[Any], user: Any, places: Places) -> list[Column]:
    """Return the columns of the models; those of the user model are what people sign in with."""
    return [
        Column(
            table=model.__name__, name=field.name, kind=_kind(field), place=_place(model, field, places),
            length=field.max_length, is_unique=_is_unique(model, field), is_nullable=field.null,
            has_default=field.has_default(), is_sealed=_is_sealed(field),
            is_user=model is user or hasattr(model, "check_password"), longest_hash=ARGON2ID_OF_DJANGO,
        )
        for model in models
        for field in model._meta.concrete_fields  # noqa: SLF001 -- Django's documented name
        if field.remote_field is None
    ]  # fmt: skip


def check_fields(models: list[Any], places: Places) -> list[Finding]:
    """Return fields whose names promise a check that nothing does."""
    findings = []
    for model in models:
        for field in model._meta.concrete_fields:  # noqa: SLF001 -- Django's documented name
            whole, place = f"{model.__name__}.{field.name}", _place(model, field, places)
            kinds = [each.__name__ for each in type(field).__mro__]
            if "TextField" in kinds and field.max_length and not _has(field, "MaxLengthValidator"):
                message = f"{whole}: max_length={field.max_length} of a TextField is not checked"
                findings.append(found("BST253", *place, message))
            if "URLField" in kinds and _takes_any_scheme(field):
                findings.append(found("BST254", *place, f"{whole} takes http and ftp addresses"))
            if (
                "FileField" in kinds
                and "ImageField" not in kinds
                and not field.validators
                and _is_open(model, field)
            ):
                findings.append(found("BST255", *place, f"{whole} takes files of every kind and size"))
    return findings


def _is_open(model: Any, field: Any) -> bool:
    """Tell whether people may write the field, and nothing in the model's ``clean`` looks at it."""
    return bool(field.editable) and "clean" not in vars(model) and "clean_fields" not in vars(model)


def _kind(field: Any) -> str:
    if field.choices:
        return "choice"
    return next((KINDS[each.__name__] for each in type(field).__mro__ if each.__name__ in KINDS), "other")


def _place(model: Any, field: Any, places: Places) -> Place:
    owner = next(
        (each for each in model.__mro__ if field.name in getattr(each, "__annotations__", {})), model
    )
    return places.of_attribute(owner, field.name)


def _is_unique(model: Any, field: Any) -> bool:
    meta = model._meta  # noqa: SLF001 -- Django's documented name
    if field.unique:
        return True
    alone = [each for each in meta.unique_together if tuple(each) == (field.name,)]
    constraints = [each for each in meta.constraints if type(each).__name__ == "UniqueConstraint"]
    named = [each for each in constraints if tuple(each.fields) == (field.name,)]
    folded = [each for each in constraints if not each.fields and field.name in str(each.expressions)]
    return bool(alone or named or folded)


def _is_sealed(field: Any) -> bool:
    words = ("encrypt", "hash", "sealed", "fernet")
    return any(word in each.__name__.lower() for each in type(field).__mro__ for word in words)


def _has(field: Any, name: str) -> bool:
    return any(type(each).__name__ == name for each in field.validators)


def _takes_any_scheme(field: Any) -> bool:
    schemes = [
        set(getattr(each, "schemes", ()))
        for each in field.validators
        if type(each).__name__ == "URLValidator"
    ]
    return bool(schemes) and all("http" in each or "ftp" in each for each in schemes)
