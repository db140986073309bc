"""Field rules: one definition each, shared by forms, models and APIs."""

from bastide.core.inputs.bodies import JsonBody, JsonChoice, JsonField, JsonTags, JsonText, require_json
from bastide.core.inputs.fields import (
    BIO,
    COMMENT_BODY,
    EMAIL,
    MESSAGE,
    PERSON_NAME,
    PHONE,
    POST_CONTENT,
    POST_TITLE,
    SUBJECT,
    TAGS,
    USERNAME,
    WEBSITE,
    EmailRule,
    PhoneRule,
    TagsRule,
    UsernameRule,
    WebsiteRule,
)
from bastide.core.inputs.keys import parse_fields, parse_identifier
from bastide.core.inputs.text import Rule, TextRule

__all__ = [
    "BIO",
    "COMMENT_BODY",
    "EMAIL",
    "MESSAGE",
    "PERSON_NAME",
    "PHONE",
    "POST_CONTENT",
    "POST_TITLE",
    "SUBJECT",
    "TAGS",
    "USERNAME",
    "WEBSITE",
    "EmailRule",
    "JsonBody",
    "JsonChoice",
    "JsonField",
    "JsonTags",
    "JsonText",
    "PhoneRule",
    "Rule",
    "TagsRule",
    "TextRule",
    "UsernameRule",
    "WebsiteRule",
    "parse_fields",
    "parse_identifier",
    "require_json",
]
