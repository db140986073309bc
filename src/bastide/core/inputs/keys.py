"""Names and numbers that come with a request: which fields, which ids."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bastide.core.foundation import InvalidInput

MAX_IDENTIFIER: Final = 2**31 - 1
_NUMBER: Final = re.compile(r"[0-9]{1,10}")


def parse_identifier(raw: str, *, field: str = "id") -> int:
    """Return a row id from 1 to 2**31 - 1.

    Raises:
        InvalidInput: anything else, however long (V1.4.2).
    """
    if not _NUMBER.fullmatch(raw) or not 1 <= int(raw) <= MAX_IDENTIFIER:
        raise InvalidInput(field, "identifier")
    return int(raw)


def parse_fields(
    presented: Mapping[str, Sequence[str]],
    *,
    declared: Iterable[str],
    ignored: Iterable[str] = (),
    place: str = "form",
) -> dict[str, str]:
    """Return one value per declared field; absent ones are empty.

    Args:
        presented: every field with all its values, as the client sent them.
        declared: the fields that the form has.
        ignored: fields that are known and dropped, such as the CSRF token.
        place: what an error names where the field is not a declared one.

    Raises:
        InvalidInput: ``unknown_field`` or ``repeated_field`` (V15.3.3, V15.3.7).
    """
    names = set(declared)
    for name, values in presented.items():
        if name not in names:
            if name in set(ignored):
                continue
            raise InvalidInput(place, "unknown_field")
        if len(values) > 1:
            raise InvalidInput(name, "repeated_field")
    return {name: presented[name][0] if presented.get(name) else "" for name in names}
