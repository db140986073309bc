"""What the address of a list may ask for."""

from collections.abc import Mapping, Sequence
from typing import Final

from bastide import Page, parse_page, parse_query

POSTS: Final = ("q", "tag", "sort", "dir", "page")
PEOPLE: Final = ("q", "page")


def page_of(presented: Mapping[str, Sequence[str]], *, size: int) -> Page:
    """Return the page of a list that reads nothing else."""
    return parse_page(parse_query(presented, declared=("page",)).get("page"), size=size)
