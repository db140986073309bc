"""JSON bodies: declared fields, read strictly and once, and described by the same rules."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol

from bastide.core.foundation import BodyTooLarge, InvalidDocument, InvalidInput, MediaTypeRefused
from bastide.core.inputs.fields import TagsRule
from bastide.core.inputs.text import FieldRule

MEDIA_TYPE: Final = "application/json"
MAX_DEPTH: Final = 8
# What an error names where no declared field is at fault.
BODY: Final = "body"
_MEDIA_TYPE: Final = re.compile(r'application/json(?:[ \t]*;[ \t]*charset="?utf-8"?)?', re.IGNORECASE)
# A text counts as one mark, also one that never ends: each byte is looked at once.
_MARKS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class JsonField(Protocol):
    """A declared member of a body.

    Attributes:
        name: the member's name, as errors call it.
        is_required: whether it may be left out.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 -- described by the class
    @property
    def is_required(self) -> bool: ...  # noqa: D102

    def parse(self, value: object) -> Any:
        """Return what the member means, or raise ``InvalidInput``; null is a member left out."""

    def schema(self) -> dict[str, Any]:
        """Return what the member may be, as JSON Schema (draft 2020-12)."""


@dataclass(frozen=True, slots=True)
class JsonText:
    """A text under one of the field rules."""

    rule: FieldRule

    @property
    def name(self) -> str:
        """The rule's field."""
        return self.rule.field

    @property
    def is_required(self) -> bool:
        """As the rule has it."""
        return self.rule.is_required

    def parse(self, value: object) -> Any:
        """See ``JsonField``."""
        if value is None:
            return self.rule.parse("")
        if not isinstance(value, str):
            raise InvalidInput(self.name, "wrong_type", expected="text")
        return self.rule.parse(value)

    def schema(self) -> dict[str, Any]:
        """See ``JsonField``."""
        limits = {"maxLength": self.rule.max_length}
        if not self.is_required:
            return {"type": ["string", "null"], **limits}
        return {"type": "string", "minLength": max(1, self.rule.min_length), **limits}


@dataclass(frozen=True, slots=True)
class JsonTags:
    """A list of tags under the rule that the form's line of tags obeys."""

    rule: TagsRule
    is_required: bool = False

    @property
    def name(self) -> str:
        """The rule's field."""
        return self.rule.field

    def parse(self, value: object) -> Any:
        """See ``JsonField``."""
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
            raise InvalidInput(self.name, "wrong_type", expected="a list of texts")
        if len(value) > self.rule.max_tags:
            raise InvalidInput(self.name, "too_many_tags", max=self.rule.max_tags)
        if any("," in tag or not tag.strip() for tag in value):
            raise InvalidInput(self.name, "tag_characters", max=self.rule.max_tag_length)
        return self.rule.parse(",".join(value))

    def schema(self) -> dict[str, Any]:
        """See ``JsonField``."""
        tag = {"type": "string", "minLength": 1, "maxLength": self.rule.max_tag_length}
        return {"type": ["array", "null"], "items": tag, "maxItems": self.rule.max_tags}


@dataclass(frozen=True, slots=True)
class JsonChoice:
    """One of a few words."""

    name: str
    choices: tuple[str, ...]
    is_required: bool = True

    def parse(self, value: object) -> str:
        """See ``JsonField``."""
        if not isinstance(value, str):
            raise InvalidInput(self.name, "wrong_type", expected="text")
        if value not in self.choices:
            raise InvalidInput(self.name, "undeclared")
        return value

    def schema(self) -> dict[str, Any]:
        """See ``JsonField``."""
        return {"type": "string", "enum": list(self.choices)}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonBody:
    """An object of declared members and no others.

    Attributes:
        fields: the members.
        is_partial: a change of some of them (RFC 7396): what is left out stays as it is.
        max_size_bytes: a larger body is refused before it is read as JSON.

    Threat: mass assignment, smuggling by repeated keys, exhaustion by depth or size (V15.3.3, V2.2.1).
    Spec: RFC 8259; I-JSON (RFC 7493, 2.1 to 2.3) for texts, numbers and keys.
    """

    fields: tuple[JsonField, ...]
    is_partial: bool = False
    max_size_bytes: int = 250_000

    def parse(self, raw: bytes, *, content_type: str | None) -> dict[str, Any]:
        """Return the value of every member; of a partial body, those that were sent.

        1. The media type is JSON in UTF-8, and the size is within the limit.
        2. The nesting is bounded before anything is parsed, since a parser that recurses is not.
        3. The text is JSON: no repeated key, no ``NaN``, no number that Python would not read.
        4. Every member is declared, and every declared one keeps its rule; all errors are told at once.

        Args:
            raw: the body as received.
            content_type: the header as sent, or None.

        Raises:
            MediaTypeRefused: the body says to be something else.
            BodyTooLarge: it is longer than ``max_size_bytes``.
            InvalidDocument: ``not_json``, ``too_deep``, ``repeated_field`` or ``not_an_object`` for the
                whole; ``unknown_field``, ``wrong_type`` and the rules' own codes for its members.
        """
        require_json(content_type)
        if len(raw) > self.max_size_bytes:
            raise BodyTooLarge(self.max_size_bytes)
        document = _load(raw)
        if not isinstance(document, dict):
            _refuse("not_an_object")
        return self._parse_members(document)

    def _parse_members(self, document: dict[str, Any]) -> dict[str, Any]:
        errors: list[InvalidInput] = []
        if not document.keys() <= {field.name for field in self.fields}:
            errors.append(InvalidInput(BODY, "unknown_field"))
        values: dict[str, Any] = {}
        for field in self.fields:
            if self.is_partial and field.name not in document:
                continue
            try:
                values[field.name] = field.parse(document.get(field.name))
            except InvalidInput as error:
                errors.append(error)
        if errors:
            raise InvalidDocument(errors)
        return values

    def schema(self) -> dict[str, Any]:
        """Return what the body may be, as JSON Schema (draft 2020-12)."""
        required = [field.name for field in self.fields if field.is_required and not self.is_partial]
        return {
            "type": "object",
            "properties": {field.name: field.schema() for field in self.fields},
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }


def require_json(content_type: str | None) -> None:
    """Raise ``MediaTypeRefused`` unless the header says JSON in UTF-8 (V3.5.2)."""
    if _MEDIA_TYPE.fullmatch(content_type or "") is None:
        raise MediaTypeRefused(MEDIA_TYPE)


def require_plain(content_encoding: str | None) -> None:
    """Raise ``MediaTypeRefused`` where the header says that the body is packed: nothing here unpacks it.

    Threat: a body that a proxy checks in one form and the application reads in another (V4.1.1).
    """
    if (content_encoding or "identity").strip().lower() != "identity":
        raise MediaTypeRefused(MEDIA_TYPE)


def _refuse(code: str, **limits: int) -> NoReturn:
    raise InvalidDocument([InvalidInput(BODY, code, **limits)])


def _load(raw: bytes) -> Any:
    if _is_too_deep(raw):
        _refuse("too_deep", max=MAX_DEPTH)
    try:
        return json.loads(
            raw.decode("utf-8"), object_pairs_hook=_without_repetition, parse_constant=_refuse_constant
        )
    except ValueError:  # also of bytes that are no UTF-8, and of numbers with thousands of digits
        _refuse("not_json")


def _is_too_deep(raw: bytes) -> bool:
    depth = 0
    for mark in _MARKS.findall(raw):
        if mark in {b"[", b"{"}:
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif mark in {b"]", b"}"}:
            depth -= 1
    return False


def _without_repetition(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _refuse("repeated_field")
    return found


def _refuse_constant(_: str) -> NoReturn:
    _refuse("not_json")
