"""Columns of SQLAlchemy that hold a field rule, whichever way a value comes in (V3)."""

from typing import Any

from sqlalchemy import Dialect, String, Text
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import FieldRule


class ValueRefused(InvalidInput, DontWrapMixin):
    """A value on its way to the database broke the rule of its column.

    SQLAlchemy would quote the parameters, and with them the value, in an error of its own around this one.
    """


class RuleText(TypeDecorator[str]):
    """A column of text that takes what its rule takes, as it is: from objects, bulk inserts and statements.

    A value that breaks the rule raises ``InvalidInput`` at the flush or when the statement runs, and nothing
    of it is stored. The rule meets what is bound to the column: not expressions of SQL, not a statement that
    is a plain text, and not values that it is compared with. Whether it may be NULL is the column's to say.

    Args:
        rule: one of `bastide`, or the application's own.
        length: of the column in the database; none makes it ``TEXT``.

    Threat: imports and scripts that store what every form would have refused (V2.2.2).
    """

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def __init__(self, rule: FieldRule, length: int | None = None) -> None:
        super().__init__()
        self.rule = rule
        self.length = length
        self.impl = Text() if length is None else String(length)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Return the value, or raise ``InvalidInput``."""
        if value is not None:
            try:
                self.rule.parse(value)
            except InvalidInput as error:
                raise ValueRefused(error.field, error.code, **error.limits) from None
        return value

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ARG002 -- SQLAlchemy's signature
        """Bind whatever it is compared with as plain text."""
        return self.impl
