"""Addresses of pages, by the names that both blogs use."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

IN_PATH = frozenset({"post_id", "comment_id", "user_id", "message_id", "username", "name", "token"})


def address(page: str, /, *, _anchor: str = "", **values: Any) -> str:
    """Return the address of a page such as ``posts.show``; values that the path lacks are the query."""
    in_path = {name: value for name, value in values.items() if name in IN_PATH}
    query = {name: value for name, value in values.items() if name not in IN_PATH and value is not None}
    found = reverse(page.replace(".", ":"), kwargs=in_path)
    return found + (f"?{urlencode(query)}" if query else "") + (f"#{_anchor}" if _anchor else "")
