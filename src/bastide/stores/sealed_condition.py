"""What a database can tell of a sealed value, as a condition in its SQL (E1)."""

from bastide.core.encryption import OVERHEAD_SIZE_BYTES


def sealed_condition(column: str, *, is_sqlite: bool) -> str:
    """Return the condition under which the column holds what looks sealed, or nothing.

    Args:
        column: its name, quoted.
        is_sqlite: in the words of SQLite, whose columns hold values of any type; else of PostgreSQL.
    """
    if is_sqlite:
        sealed = f"length({column}) >= {OVERHEAD_SIZE_BYTES} AND substr({column}, 1, 1) = x'01'"
        return f"{column} IS NULL OR typeof({column}) = 'blob' AND {sealed}"
    return f"length({column}) >= {OVERHEAD_SIZE_BYTES} AND substr({column}, 1, 1) = decode('01', 'hex')"
