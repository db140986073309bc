"""Inputs: whatever comes from outside is typed before it is used, or refused by name.

Field rules shared by forms, models and APIs; JSON bodies; sorting, filters and pages by declared names;
redirect targets, conditional requests, spam.
"""

from bastide.core.inputs.bodies import (
    JsonBody,
    JsonChoice,
    JsonField,
    JsonTags,
    JsonText,
    require_json,
    require_plain,
)
from bastide.core.inputs.fields import (
    EMAIL,
    PERSON_NAME,
    PHONE,
    SSN,
    USERNAME,
    WEBSITE,
    EmailRule,
    MarkdownRule,
    PhoneRule,
    SsnRule,
    TagsRule,
    UsernameRule,
    WebsiteRule,
    is_reserved_username,
)
from bastide.core.inputs.keys import MAX_IDENTIFIER, parse_fields, parse_identifier
from bastide.core.inputs.preconditions import entity_tag, is_known, require_unchanged
from bastide.core.inputs.queries import (
    LIKE_ESCAPE,
    MAX_PAGE,
    MAX_TERM_LENGTH,
    MIN_TERM_LENGTH,
    Direction,
    Order,
    Page,
    SortMap,
    escape_like,
    parse_page,
    parse_query,
    parse_term,
)
from bastide.core.inputs.redirects import safe_target
from bastide.core.inputs.spam import SPAM_PURPOSE, SpamFilter, SpamSettings, Verdict
from bastide.core.inputs.text import FieldRule, TextRule

__all__ = [
    "EMAIL",
    "LIKE_ESCAPE",
    "MAX_IDENTIFIER",
    "MAX_PAGE",
    "MAX_TERM_LENGTH",
    "MIN_TERM_LENGTH",
    "PERSON_NAME",
    "PHONE",
    "SPAM_PURPOSE",
    "SSN",
    "USERNAME",
    "WEBSITE",
    "Direction",
    "EmailRule",
    "FieldRule",
    "JsonBody",
    "JsonChoice",
    "JsonField",
    "JsonTags",
    "JsonText",
    "MarkdownRule",
    "Order",
    "Page",
    "PhoneRule",
    "SortMap",
    "SpamFilter",
    "SpamSettings",
    "SsnRule",
    "TagsRule",
    "TextRule",
    "UsernameRule",
    "Verdict",
    "WebsiteRule",
    "entity_tag",
    "escape_like",
    "is_known",
    "is_reserved_username",
    "parse_fields",
    "parse_identifier",
    "parse_page",
    "parse_query",
    "parse_term",
    "require_json",
    "require_plain",
    "require_unchanged",
    "safe_target",
]
