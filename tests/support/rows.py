"""Many rows of one claim, tried by one test."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest


def rows(
    names: str | Sequence[str], table: Iterable[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try the claim on every row of the table, with fixtures that are made once for all rows.

    It is written as ``pytest.mark.parametrize`` is. Every row is tried, and each that fails is named.
    """
    columns = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    listed = [row if len(columns) > 1 else (row,) for row in table]

    def decorate(claim: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(claim)
        def every_row(**fixtures: Any) -> None:
            failed = []
            for row in listed:
                try:
                    claim(**fixtures, **dict(zip(columns, row, strict=True)))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 -- told below
                    error.add_note(f"in the row {told(row)}")
                    failed.append((row, error))
            if failed:
                named = ", ".join(told(row) for row, _ in failed)
                message = f"{len(failed)} of {len(listed)} rows: {named}"
                raise BaseExceptionGroup(message, [error for _, error in failed])

        signature = inspect.signature(claim)
        fixtures = [one for name, one in signature.parameters.items() if name not in columns]
        every_row.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return every_row

    return decorate


def told(row: object) -> str:
    """Return a row as a failure names it."""
    text = repr(row)
    return text if len(text) <= 100 else f"{text[:99]}…"
