"""The pages of a document, out of the tree that they hang in, however it is built."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pikepdf import Array, Dictionary, Pdf

from bastide.core.foundation import InvalidInput
from bastide.core.uploads.kinds import FIELD

# Books have a thousand; what has more is there to keep readers busy.
MAX_PAGES: Final = 5_000
# What an entry takes at least, where entries are counted at a glance.
ENTRY_BYTES: Final = 4
_INHERITED: Final = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")


def find_pages(pdf: Pdf, count: Callable[[int], None]) -> list[Any]:
    """Return every page, in order, each an object of its own with what it has from above (7.7.3).

    Args:
        pdf: the document; pages that stand in its tree twice become two.
        count: is told how many entries were looked at or made; raises where they are too many.

    Raises:
        InvalidInput: ``file_broken``: there are none, or the tree leads round; ``file_pages``.
    """
    found: list[Any] = []
    waiting: list[tuple[Any, dict[str, Any]]] = [(pdf.Root.get("/Pages"), {})]
    seen: set[tuple[int, int]] = set()
    while waiting:
        node, above = waiting.pop()
        count(1)
        if not isinstance(node, Dictionary):
            raise InvalidInput(FIELD, "file_broken")
        keys = node.keys()
        is_again = node.is_indirect and node.objgen in seen
        if "/Kids" in keys:
            if is_again:
                raise InvalidInput(FIELD, "file_broken")
            seen.add(node.objgen)
            kids = _listed(node["/Kids"])
            # Each that waits is a page, or the branch of one.
            if len(found) + len(waiting) + len(kids) > 2 * MAX_PAGES:
                raise InvalidInput(FIELD, "file_pages", max=MAX_PAGES)
            own = above | {key: _written_once(pdf, node[key]) for key in _INHERITED if key in keys}
            waiting += [(kid, own) for kid in reversed(list(kids))]
            continue
        if is_again or not node.is_indirect:
            count(len(node.unparse(resolved=True)) // ENTRY_BYTES)
            node = pdf.make_indirect(node.copy())
        seen.add(node.objgen)
        _complete(node, above, count)
        found.append(node)
        if len(found) > MAX_PAGES:
            raise InvalidInput(FIELD, "file_pages", max=MAX_PAGES)
    if not found:
        raise InvalidInput(FIELD, "file_broken")
    return found


def _complete(page: Any, above: Mapping[str, Any], count: Callable[[int], None]) -> None:
    keys = page.keys()
    for key in above.keys() - keys:
        page[key] = above[key]
    if "/Contents" in keys:
        parts = _listed(page["/Contents"])
        count(len(parts))
        if any(part is None for part in parts):
            raise InvalidInput(FIELD, "file_broken")


def _listed(value: Any) -> Any:
    return value if isinstance(value, Array) else (value,)


def _written_once(pdf: Pdf, value: Any) -> Any:
    """Return what many pages have from above as one object for all of them."""
    is_written_in_each = isinstance(value, Array | Dictionary) and not value.is_indirect
    return pdf.make_indirect(value) if is_written_in_each else value
