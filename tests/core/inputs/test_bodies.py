"""JSON bodies: every way to be wrong, and that being wrong never costs more than an answer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import BodyTooLarge, InvalidDocument, MediaTypeRefused
from bastide.core.inputs import (
    JsonBody,
    JsonChoice,
    JsonField,
    JsonTags,
    JsonText,
    TagsRule,
    TextRule,
    require_plain,
)
from support.rows import rows

TITLE = TextRule(field="title", min_length=5, max_length=200)
CONTENT = TextRule(field="content", min_length=10, max_length=10_000, is_multiline=True)
BIO = TextRule(field="bio", max_length=500, is_required=False, is_multiline=True, min_words=5)
TAGS = TagsRule(field="tags", max_length=500, is_required=False)
WHOLE = JsonBody(fields=(JsonText(TITLE), JsonText(CONTENT), JsonText(BIO), JsonTags(TAGS)))
CHANGE = JsonBody(fields=WHOLE.fields, is_partial=True)
CHOICE = JsonBody(fields=(JsonChoice("state", ("approved", "rejected")),))
GOOD = {"title": "A plain title", "content": "Ten letters and more."}
JSON = "application/json"


def codes(
    body: JsonBody, raw: bytes | str | dict[str, Any], content_type: str = JSON
) -> list[tuple[str, str]]:
    text = json.dumps(raw) if isinstance(raw, dict) else raw
    with pytest.raises(InvalidDocument) as caught:
        body.parse(text if isinstance(text, bytes) else text.encode(), content_type=content_type)
    return [(error.field, error.code) for error in caught.value.errors]


def test_a_good_body_gives_every_declared_member() -> None:
    sent = {**GOOD, "title": " A plain title ", "tags": ["Bread", "bread", "rye-1"]}
    assert WHOLE.parse(json.dumps(sent).encode(), content_type=JSON) == {
        **GOOD, "bio": None, "tags": ("bread", "rye-1"),
    }  # fmt: skip
    assert CHOICE.parse(b'{"state": "approved"}', content_type=JSON) == {"state": "approved"}


def test_a_change_gives_what_was_sent() -> None:
    assert CHANGE.parse(b"{}", content_type=JSON) == {}
    assert CHANGE.parse(b'{"bio": null, "tags": null}', content_type=JSON) == {"bio": None, "tags": ()}
    assert codes(CHANGE, {"title": None}) == [("title", "required")]


@pytest.mark.asvs("V2.2.1", "V15.3.3")
@rows(
    ("sent", "expected"),
    [
        ({}, [("title", "required"), ("content", "required")]),
        ({**GOOD, "author_id": 1}, [("body", "unknown_field")]),
        ({**GOOD, "\ud800": 1}, [("body", "unknown_field")]),
        ({**GOOD, "title": "a \ud800 half"}, [("title", "control_characters")]),
        ({**GOOD, "title": "x", "bio": "too few", "role": "x"}, [("body", "unknown_field"), ("title", "too_short"), ("bio", "too_few_words")]),
        ({**GOOD, "tags": "a,b"}, [("tags", "wrong_type")]),
        ({**GOOD, "tags": ["a", 1]}, [("tags", "wrong_type")]),
        ({**GOOD, "tags": ["a,b"]}, [("tags", "tag_characters")]),
        ({**GOOD, "tags": [" "]}, [("tags", "tag_characters")]),
        ({**GOOD, "tags": ["a"] * 11}, [("tags", "too_many_tags")]),
        ({**GOOD, "tags": ["a\n"]}, [("tags", "line_breaks")]),
    ],
)  # fmt: skip
def test_every_broken_rule_is_told_at_once(sent: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert codes(WHOLE, sent) == expected


@pytest.mark.asvs("V2.2.1")
@rows("value", [1, 0, -1.5, 10**400, True, False, [], ["A plain title"], {}, {"$ne": 1}])
def test_nothing_but_a_text_is_a_text(value: object) -> None:
    assert codes(WHOLE, {**GOOD, "title": value}) == [("title", "wrong_type")]
    assert codes(CHOICE, {"state": value}) == [("state", "wrong_type")]


def test_only_declared_choices_are_taken() -> None:
    assert codes(CHOICE, {"state": "Approved"}) == [("state", "undeclared")]
    assert codes(CHOICE, {}) == [("state", "wrong_type")]


@pytest.mark.asvs("V2.2.1", "V15.3.7")
@rows(
    ("raw", "code"),
    [
        (b"", "not_json"), (b"null", "not_an_object"), (b"[]", "not_an_object"), (b'"text"', "not_an_object"),
        (b"{'title': 1}", "not_json"), (b'{"title": 1,}', "not_json"), (b'{"title": NaN}', "not_json"),
        (b'{"title": -Infinity}', "not_json"), (b'{"title": ' + b"9" * 5000 + b"}", "not_json"),
        (b'{"title": "a"} {}', "not_json"), (b'{"title": "a\x00b"}', "not_json"), (b"title=a", "not_json"),
        (b'\xef\xbb\xbf{"title": "a"}', "not_json"), (b'{"title": "\xff"}', "not_json"),
        ('{"title": "A plain title"}'.encode("utf-16"), "not_json"), (b'{"title": "never ends', "not_json"),
        (b'{"title": "a", "title": "b"}', "repeated_field"),
        (b'{"title": "a", "\\u0074itle": "b"}', "repeated_field"), (b'{"x": {"y": 1, "y": 2}}', "repeated_field"),
        (b"[" * 9, "too_deep"), (b"[" * 200_000, "too_deep"), (b'{"a":' * 40_000, "too_deep"),
        (b'{"title": "' + b'\\"' * 100_000 + b"[" * 9, "not_json"),
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(raw: bytes, code: str) -> None:
    assert codes(WHOLE, raw) == [("body", code)]


def test_brackets_in_texts_are_no_depth() -> None:
    sent = {**GOOD, "content": '["{[' * 100 + "\\"}
    assert WHOLE.parse(json.dumps(sent).encode(), content_type=JSON)["content"] == sent["content"]
    for shallow in (json.dumps({"x": [[]] * 20}), '{"x":' * 7 + "[]" + "}" * 7):
        assert codes(WHOLE, shallow) == [
            ("body", "unknown_field"),
            ("title", "required"),
            ("content", "required"),
        ]


@pytest.mark.asvs("V4.1.1")
@rows("content_type", [JSON, "Application/JSON", "application/json;charset=utf-8", 'application/json ; charset="UTF-8"'])  # fmt: skip
def test_json_in_utf_8_is_taken(content_type: str) -> None:
    assert WHOLE.parse(json.dumps(GOOD).encode(), content_type=content_type)["title"] == "A plain title"


@pytest.mark.asvs("V4.1.1")
@rows(
    "content_type",
    [None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/json; charset=utf-16", "application/json; charset=utf-7", "application/json, text/plain",
     "application/json\n", "application/jsonp", "application/json; boundary=x", "application/problem+json"],
)  # fmt: skip
def test_other_media_types_are_refused(content_type: str | None) -> None:
    with pytest.raises(MediaTypeRefused) as caught:
        WHOLE.parse(json.dumps(GOOD).encode(), content_type=content_type)
    assert caught.value.expected == JSON


@pytest.mark.asvs("V2.2.1")
def test_a_large_body_is_refused_before_it_is_read() -> None:
    with pytest.raises(BodyTooLarge) as caught:
        WHOLE.parse(b" " * 250_001, content_type=JSON)
    assert caught.value.max_size_bytes == 250_000
    many = json.dumps({f"k{number}": 1 for number in range(10_000)})
    assert codes(WHOLE, many)[0] == ("body", "unknown_field")


def test_the_longest_honest_body_fits() -> None:
    sent = {"title": "🙂" * 200, "content": "🙂" * 10_000, "bio": "🙂 " * 249 + "🙂", "tags": ["x" * 40] * 10}
    assert len(json.dumps(sent)) < WHOLE.max_size_bytes
    assert WHOLE.parse(json.dumps(sent).encode(), content_type=JSON)["content"] == sent["content"]


def test_the_schema_says_what_the_rules_say() -> None:
    assert WHOLE.schema() == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 5, "maxLength": 200},
            "content": {"type": "string", "minLength": 10, "maxLength": 10_000},
            "bio": {"type": ["string", "null"], "maxLength": 500},
            "tags": {"type": ["array", "null"], "items": {"type": "string", "minLength": 1, "maxLength": 40}, "maxItems": 10},
        },
        "required": ["title", "content"],
        "additionalProperties": False,
    }  # fmt: skip
    assert "required" not in CHANGE.schema()
    assert CHOICE.schema()["properties"] == {"state": {"type": "string", "enum": ["approved", "rejected"]}}


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.sampled_from(["title", "content", "bio", "tags", "x"]), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(st.binary(max_size=200) | DOCUMENTS.map(lambda document: json.dumps(document).encode()))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for body in (WHOLE, CHANGE, CHOICE):
        try:
            values = body.parse(raw, content_type=JSON)
        except InvalidDocument:
            continue
        declared: dict[str, JsonField] = {field.name: field for field in body.fields}
        assert values.keys() <= declared.keys()


@given(st.text(min_size=1).filter(lambda text: text not in {"title", "content", "bio", "tags"}))
def test_undeclared_members_are_refused_and_never_repeated(name: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        WHOLE.parse(json.dumps({**GOOD, name: 1}).encode(), content_type=JSON)
    assert str(caught.value) == "body: unknown_field"


@pytest.mark.asvs("V4.1.1")
@rows("header", [None, "", "identity", " Identity "])
def test_a_plain_body_is_taken(header: str | None) -> None:
    require_plain(header)


@pytest.mark.asvs("V4.1.1")
@rows("header", ["gzip", "x-gzip", "identity, gzip", "deflate", "br", "*", "\x00"])
def test_a_packed_body_is_refused(header: str) -> None:
    with pytest.raises(MediaTypeRefused):
        require_plain(header)
