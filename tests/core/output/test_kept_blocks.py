"""What the library would drop: what is nested deep, spare cells, footnotes that nothing refers to."""

import re

import pytest

from bastide.core.foundation import InvalidInput
from bastide.core.output import ARTICLE, COMMENT, HtmlPolicy, render_markdown, show_markdown
from support.markdown import words_of
from support.rows import rows


def test_a_footnote_that_nothing_refers_to_is_shown_as_typed() -> None:
    assert render_markdown("a\n\n[^1]: b", ARTICLE) == "<p>a</p>\n<p>[^1]:</p>\n<p>b</p>\n"
    assert render_markdown("a[^2]\n\n[^1]: b\n[^2]: c", ARTICLE).startswith(
        '<p>a<sup id="user-content-fnref1"><a href="#user-content-fn1" rel="nofollow noopener noreferrer">[1]</a></sup></p>\n'
        "<p>[^1]:</p>\n<p>b</p>\n<hr>\n"
    )
    within = render_markdown("a[^1] b[^2]\n\n[^1]: c\n\n    [^2]: d\n\n    e\n\n[^1]: f", ARTICLE)
    assert re.findall(r"<li id=\"user-content-fn(\d)\"><p>(\w)", within) == [("1", "c"), ("2", "d")]
    assert words_of(within).split()[:2] == ["a[1]", "b[2]"]
    assert "<p>[^1]:</p>\n<p>f</p>" in within


def test_cells_beyond_the_head_s_columns_are_kept_in_the_last() -> None:
    assert "<td>c | d</td>" in render_markdown("|a|\n|-|\n|c|d| |", ARTICLE)


@rows("policy", [ARTICLE, COMMENT])
def test_what_is_nested_is_shown_whole_or_refused_by_name(policy: HtmlPolicy) -> None:
    lists = ["".join(f"{'  ' * level}- w{level}.\n" for level in range(depth)) for depth in (10, 20)]
    for text in (*lists, f"{'> ' * 20}w0."):
        assert all(word in render_markdown(text, policy) for word in re.findall(r"w\d+\.", text))
    deep = "".join(f"{'  ' * level}- w\n" for level in range(21))
    with pytest.raises(InvalidInput, match="too_deep") as refused:
        render_markdown(deep, policy)
    assert refused.value.limits == {"max": 20}
    assert show_markdown(deep + "<b>", policy) == f"<p>{deep}&lt;b&gt;</p>"
    assert show_markdown("*a*", policy, key="b") == "<p><em>a</em></p>\n"


@pytest.mark.asvs("V15.2.2")
@rows("text", ["[" * 8_000, "![" * 6_000, r"[\]" * 5_000, "[`]`" * 5_000, ("[" * 4_000 + "\n\n") * 4])
def test_brackets_whose_ends_are_looked_for_again_and_again_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="too_many_brackets"):
        render_markdown(text, ARTICLE)


def test_a_long_text_of_many_links_is_read() -> None:
    paragraph = "[Ines](https://ines.example) writes to [Maud](https://maud.example). " * 30 + "\n\n"
    assert render_markdown(paragraph * 40, ARTICLE).count("</a>") == 60 * 40


@pytest.mark.asvs("V15.2.2")
def test_a_table_that_a_few_letters_blow_up_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too_many_cells"):
        render_markdown("|a" * 128 + "|\n" + "|-" * 128 + "|\n" + "b\n" * 100, ARTICLE)
    assert render_markdown("|a\n|-\n" + "|b\n" * 300, ARTICLE).count("<td>b") == 300
