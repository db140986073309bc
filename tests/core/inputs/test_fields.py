"""Every field rule against good, bad and absurd values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import (
    EMAIL,
    PERSON_NAME,
    PHONE,
    SSN,
    USERNAME,
    WEBSITE,
    FieldRule,
    MarkdownRule,
    SsnRule,
    TagsRule,
    TextRule,
)
from bastide.core.output import ARTICLE, COMMENT
from support.rows import rows

TITLE = TextRule(field="title", min_length=5, max_length=200)
MESSAGE = TextRule(field="message", min_length=10, max_length=1_000, is_multiline=True)
BIO = TextRule(field="bio", max_length=500, is_required=False, is_multiline=True, min_words=5)
TAGS = TagsRule(field="tags", max_length=500, is_required=False)
RULES = [
    BIO,
    MESSAGE,
    TAGS,
    TITLE,
    EMAIL,
    PERSON_NAME,
    PHONE,
    SSN,
    USERNAME,
    WEBSITE,
]
OPTIONAL_SSN = SsnRule(field="ssn", max_length=11, is_required=False)
GOOD = [
    (SSN, "219-09-9999", "219099999"), (SSN, " 219099999 ", "219099999"), (OPTIONAL_SSN, "", None),
    (PERSON_NAME, "O'Brien", "O'Brien"), (PERSON_NAME, " José ", "José"), (PERSON_NAME, "李", "李"),
    (TITLE, "What's new?", "What's new?"), (TITLE, "C++ & <b>", "C++ & <b>"), (TITLE, "x" * 200, "x" * 200),
    (TITLE, "🙂" * 5, "🙂" * 5), (MESSAGE, "one\r\ntwo\rthree four", "one\ntwo\nthree four"),
    (BIO, "", None), (BIO, "one two three four five", "one two three four five"),
    (USERNAME, "maud_7", "maud_7"), (USERNAME, "Zoe\u0308", "Zoë"), (USERNAME, "李明", "李明"), (USERNAME, "Iris", "Iris"), (USERNAME, "한글", "한글"),
    (EMAIL, "maud@example.org", "maud@example.org"), (EMAIL, "Maud@EXAMPLE.org", "Maud@example.org"),
    (PHONE, "", None), (PHONE, "+44 20 7946 0000", "+442079460000"), (PHONE, "+1 (212) 555-0100", "+12125550100"),
    (WEBSITE, "", None), (WEBSITE, "https://maud.example.org/a?b=c#d", "https://maud.example.org/a?b=c#d"),
    (TAGS, "", ()), (TAGS, "a, B,a,, b ,c-d_1", ("a", "b", "c-d_1")), (TAGS, "café,李", ("café", "李")),
]  # fmt: skip
BAD = [
    *((SSN, raw, "ssn") for raw in ("000-12-3456", "666-12-3456", "900-12-3456", "219-00-9999", "219-09-0000", "21909-9999", "1")),
    (SSN, "", "required"), (SSN, "219-09-9999-1", "too_long"),
    (TITLE, "", "required"), (TITLE, "   ", "required"), (TITLE, "four", "too_short"),
    (TITLE, "x" * 201, "too_long"), (TITLE, "two\nlines here", "line_breaks"),
    (TITLE, "two\u2028lines", "line_breaks"), (TITLE, "two\x85lines", "line_breaks"),
    (TITLE, "a null\x00 byte", "control_characters"), (TITLE, "a \x1b[31m red", "control_characters"),
    (TITLE, "lone \ud800 half", "control_characters"), (TITLE, "turn \u202e round", "control_characters"),
    (MESSAGE, "with a null\x00 byte", "control_characters"), (BIO, "only four words here", "too_few_words"),
    (BIO, "w " * 251, "too_long"), (USERNAME, "admin", "reserved"), (USERNAME, "ＡＤＭＩＮ", "reserved"),
    (USERNAME, "admin\n", "line_breaks"), (USERNAME, "a b", "characters"), (USERNAME, "_x", "characters"),
    (USERNAME, "a", "too_short"), (USERNAME, "x" * 31, "too_long"), (USERNAME, "a@b", "characters"),
    (USERNAME, "<script>", "characters"),
    *((USERNAME, f"ma{blank}ud", "characters") for blank in "\u115f\u1160\u3164\uffa0\u034f\u2800\ufe0f\u200d\u00ad\U000e0100"),
    *((USERNAME, f"maud{blank}", "characters") for blank in "\u115f\u1160\u3164\uffa0"),
    *((USERNAME, raw, "reserved") for raw in ("adrnin", "Adrnin", "ADM1N", "r00t", "rnoderator", "lNFO")), (USERNAME, "ﷺﷺ", "characters"), (EMAIL, "nobody", "email"),
    (EMAIL, "a@b@c.org", "email"), (EMAIL, "a@b.org\nBcc: c@d.org", "line_breaks"), (EMAIL, "", "required"),
    (PHONE, "((((", "phone"), (PHONE, "----", "phone"), (PHONE, "020 7946 0000", "phone"), (PHONE, "+٤٤2079460000", "phone"),
    (PHONE, "DROP TABLE", "phone"), (PHONE, "+442079460000 ext 5", "phone"), (PHONE, "+44", "phone"),
    (WEBSITE, "http://example.org", "website"), (WEBSITE, "javascript:alert(1)", "website"),
    (WEBSITE, "https://bank.com@evil.org", "website"), (WEBSITE, "https://127.0.0.1/", "website"),
    (WEBSITE, "https://[::1]/", "website"), (WEBSITE, "https://example.org:8443/", "website"),
    (WEBSITE, "https://localhost/", "website"), (WEBSITE, "https://printer.local", "website"),
    (WEBSITE, "https://exa mple.org", "website"), (WEBSITE, "https://example.org:x", "website"),
    (TAGS, ",".join("abcdefghijk"), "too_many_tags"), (TAGS, "a b", "tag_characters"), (TAGS, "x" * 41, "tag_characters"),
    (TAGS, "<b>", "tag_characters"), (TAGS, "x" * 501, "too_long"),
]  # fmt: skip


@pytest.mark.asvs("V2.2.1")
@rows(("rule", "raw", "value"), GOOD)
def test_honest_values_pass(rule: FieldRule, raw: str, value: object) -> None:
    assert rule.parse(raw) == value


@pytest.mark.asvs("V2.2.1", "V1.3.3")
@rows(("rule", "raw", "code"), BAD)
def test_bad_values_are_refused_by_name(rule: FieldRule, raw: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rule.parse(raw)
    assert (caught.value.field, caught.value.code) == (rule.field, code)
    assert raw == "" or len(raw) < 3 or raw not in str(caught.value)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.field)
@given(raw=st.text(max_size=40))
def test_no_text_breaks_a_rule(rule: FieldRule, raw: str) -> None:
    try:
        value = rule.parse(raw)
    except InvalidInput as error:
        assert error.field == rule.field  # noqa: PT017 -- either outcome is checked
        return
    assert value is None or "\x00" not in str(value)


@pytest.mark.parametrize("address", ["=?utf-8?q?mallory?=@example.com", "\ufdfa" * 20 + "@example.com"])
def test_addresses_that_others_read_differently_are_refused(address: str) -> None:
    with pytest.raises(InvalidInput):
        EMAIL.parse(address)


@rows("name", ["m\u0430ud", "\u0430dm\u0456n1", "\u03bfscar", "maud\u0501"])
def test_look_alike_letters_do_not_meet_in_a_name(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        USERNAME.parse(name)
    assert caught.value.code == "mixed_scripts"


@rows("name", ["Мария", "李小龍", "josé", "Ελένη7"])
def test_names_of_one_alphabet_pass(name: str) -> None:
    assert USERNAME.parse(name) == name


def test_markdown_that_would_lose_words_is_refused_when_it_is_written() -> None:
    text = MarkdownRule(field="text", max_length=2_000, policy=COMMENT)
    assert text.parse(" a <b> \r\n- c ") == "a <b> \n- c"
    assert MarkdownRule(field="text", max_length=9, policy=ARTICLE, is_required=False).parse(" ") is None
    with pytest.raises(InvalidInput, match="too_long"):
        text.parse("x" * 2_001)
    with pytest.raises(InvalidInput) as refused:
        text.parse("\n".join(f"{'  ' * level}- a" for level in range(21)))
    assert (refused.value.field, refused.value.code, refused.value.limits) == (
        "text",
        "too_deep",
        {"max": 20},
    )
