"""Ids in paths: no larger than any key (V1.4.2)."""

from bastide import MAX_IDENTIFIER


class IdConverter:
    """``<id:…>`` from 0 to 2**31 - 1; larger ids match no route."""

    regex = "[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MAX_IDENTIFIER:
            raise ValueError(value)
        return number

    def to_url(self, value: object) -> str:
        return str(value)
