"""Make the table of letters that look alike from the ``confusables.json`` of confusable-homoglyphs.

The file's path is the argument: it lies in the wheel of that package on PyPI and pairs each character of
Unicode's ``confusables.txt`` with its prototype, both ways.
"""

import json
import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

from bastide.core.records.lookalikes import TABLE

HEAD = """\
# Letters that look alike: a prototype, then the letters taken for it, as code points.
# From confusables.txt of Unicode TR 39.
# Made by tools/make_lookalikes.py from confusable-homoglyphs 3.3.1, whose data are those of Unicode 15.1.
# Left out is what no user name holds: what is no letter or digit, and what NFKC or NFD replaces.
"""


def read_prototypes(path: str) -> dict[str, str]:
    """Return the prototype of each character; each has one, and no prototype has another."""
    pairs = {
        name: {entry["c"] for entry in entries}
        for name, entries in json.loads(Path(path).read_text(encoding="utf-8")).items()
    }
    prototypes: dict[str, str] = {}
    for name, others in pairs.items():
        other = next(iter(others))
        if len(others) > 1 or len(name) > 1:
            continue
        # A pair that stands alone says no direction: the longer, then the plainer of both is the prototype.
        if pairs[other] == {name} and (len(other), -ord(other[0])) < (len(name), -ord(name)):
            continue
        prototypes[name] = "".join(char for char in other if unicodedata.category(char) != "Cf")
    return prototypes


def is_kept(char: str) -> bool:
    """Tell whether a user name can hold the character when it is compared."""
    is_stable = unicodedata.normalize("NFKC", char) == unicodedata.normalize("NFD", char) == char
    return is_stable and re.fullmatch(r"\w", char) is not None


def main(path: str) -> None:
    """Write the table, by prototype."""
    by_prototype: dict[str, list[str]] = defaultdict(list)
    for char, prototype in read_prototypes(path).items():
        if is_kept(char):
            by_prototype[unicodedata.normalize("NFD", prototype)].append(char)
    lines = (
        f"{_points(prototype)}: {_points(sorted(chars))}\n"
        for prototype, chars in sorted(by_prototype.items())
    )
    TABLE.write_text(HEAD + "".join(lines), encoding="ascii")


def _points(chars: "str | list[str]") -> str:
    return " ".join(f"{ord(char):04X}" for char in chars)


if __name__ == "__main__":
    main(sys.argv[1])
