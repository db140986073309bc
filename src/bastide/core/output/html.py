"""Output encoding for the places where escaping alone is not enough: addresses, scripts, messages."""

import json
import re
import string
from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString
from urllib.parse import quote

from markupsafe import Markup, escape

from bastide.core.foundation import ConfigurationError

HARMLESS_URL: Final = "#"
_SCHEMES: Final = frozenset({"http", "https", "mailto"})
_SCHEME: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_URL_SAFE: Final = "!#$%&'()*+,/:;=?@[]~-._"
_JSON_ESCAPES: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def safe_url(raw: str) -> str:
    """Return an address that can only navigate: http, https, mailto or relative.

    Anything else (``javascript:``, ``data:``, a scheme split by tabs or newlines, control characters,
    backslashes) becomes ``#``. Characters that do not belong in an address are percent-encoded.

    Spec: V1.2.2; WHATWG URL (browsers drop tabs and newlines inside a scheme).
    """
    text = raw.strip(" ")
    if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or char == "\\" for char in text):  # noqa: PLR2004 -- C0, DEL and C1
        return HARMLESS_URL
    scheme = _SCHEME.match(text)
    if scheme is not None and scheme[1].lower() not in _SCHEMES:
        return HARMLESS_URL
    first_part = text.partition("/")[0]
    if scheme is None and ":" in first_part.partition("?")[0].partition("#")[0]:
        return HARMLESS_URL
    return quote(text, safe=_URL_SAFE, errors="replace")


def json_island(value: object, *, element_id: str) -> Markup:
    """Return ``value`` as a JSON script element that nothing inside can close.

    Args:
        value: anything ``json`` can write.
        element_id: constant id to find the element by.

    Spec: V1.2.3.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False).translate(_JSON_ESCAPES)
    return Markup('<script type="application/json" id="{}">{}</script>').format(element_id, Markup(text))  # noqa: S704 -- escaped above


class _EscapingFormatter(string.Formatter):
    """Formats with escaped values and without reaching into them."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, Any]:
        if "." in field_name or "[" in field_name:
            msg = "a message may name its values, not reach into them"
            raise ConfigurationError(msg)
        found: tuple[Any, Any] = super().get_field(field_name, args, kwargs)
        return found

    def format_field(self, value: Any, format_spec: str) -> str:
        return str(escape(value)) if not format_spec else str(escape(format(value, format_spec)))


def format_html(template: LiteralString, /, *args: object, **kwargs: object) -> Markup:
    """Return a message whose values are escaped and whose template is trusted.

    Args:
        template: a literal with ``{}`` or ``{name}`` fields; attribute access is refused.
        args: values by position.
        kwargs: values by name.

    Raises:
        ConfigurationError: a field reaches into its value (V1.3.10).
    """
    return Markup(_EscapingFormatter().vformat(template, args, kwargs))  # noqa: S704 -- every value is escaped
