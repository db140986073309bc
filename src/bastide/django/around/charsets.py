"""Requests are read as UTF-8, whatever charset they name, as on Flask."""

import codecs
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

from bastide.django.errors import bad_request
from bastide.pages.resend import FILES_TYPE, FORM_TYPE

_READ_ALIKE: Final = frozenset({"utf-8", "ascii"})


def install() -> None:
    """Have Django read queries and forms as everything else reads them.

    Django decodes the query before the first middleware runs.

    Threat: a statement's text that no tripwire finds in what was sent, since Django read that as UTF-7
    (V1.2.4); a request that fails there, without an answer's headers, for a charset that is none, such as
    rot13.
    """
    requests: Any = HttpRequest
    requests._set_content_type_params = _take_apart  # noqa: SLF001 -- nothing public comes early enough


def _take_apart(request: HttpRequest, meta: dict[str, Any]) -> None:
    try:
        request.content_type, request.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
    except ValueError:
        # Newer versions refuse one that is too long, where nothing answers yet.
        request.content_type, request.content_params = "", {}


def is_form(request: HttpRequest) -> bool:
    """Tell whether Django takes the body apart by itself."""
    return request.content_type in {FORM_TYPE, FILES_TYPE}


def check_charset(request: HttpRequest) -> Callable[[], HttpResponse] | None:
    """Return what refuses a form that says to be written otherwise: read as UTF-8 it would be garbled."""
    if not is_form(request):
        return None
    try:
        named = codecs.lookup((request.content_params or {}).get("charset", "utf-8")).name
    except (LookupError, ValueError):
        # What is no charset Django takes for none.
        return None
    return None if named in _READ_ALIKE else partial(bad_request, request, BadRequest())
