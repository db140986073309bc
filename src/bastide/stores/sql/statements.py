"""Statements that are compiled once and run on the driver's own cursor."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import UpdateBase


class Statement:
    """SQL compiled once for one dialect, run on the driver's own cursor."""

    __slots__ = ("_constants", "_names", "sql", "writes")

    def __init__(self, element: ClauseElement, engine: Engine) -> None:
        compiled: Any = element.compile(dialect=engine.dialect)
        self.sql: str = str(compiled)
        self.writes: bool = isinstance(element, UpdateBase)
        self._constants: dict[str, Any] = {
            name: value for name, value in compiled.params.items() if value is not None
        }
        self._names: tuple[str, ...] | None = (
            tuple(compiled.positiontup) if compiled.positiontup is not None else None
        )

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters in the shape that the driver takes."""
        merged = {**self._constants, **values}
        return merged if self._names is None else [merged[name] for name in self._names]
