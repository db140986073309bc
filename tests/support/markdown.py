"""Markdown of every shape that the specifications of CommonMark and GFM describe, in examples of our own."""

from typing import Final

import html5lib
from hypothesis import strategies as st

SOURCES: Final = (
    "\tw1\n\tw2", "  - w1\n\n\tw2", "> w1\nw2\n> w3", "- w1\n  - w2\n\n    w3", "# w1 #\n## w2\n####### w3", "w1\n===\nw2\n---\nw3",
    "    w1\n\n    w2", "```\nw1\n```\nw2", "~~~\nw1\n```\nw2", "```\nw1", "> ```\n> w1\n\nw2", "``` w1 ```", "<em>w1</em> w2",
    "<table>\n<tr>\n<td>\nw1\n</td>\n</tr>\n</table>\nw2", "<details>\nw1\n\n*w2*\n\n</details>w3", "<pre>w1\n\nw2</pre>w3", "<w1>\nw2\n</w1>",
    "<script>\nw1\n\nw2\n</script>w3", "<?w1 w2 ?>w3", "<!W1 w2>w3", "<![CDATA[\nw1\n]]>w2", "[w1]: /w2 'w3'\n\n[w1]", "w1\n\n\nw2", "w1\n   w2", "  w1  \n  w2", "|w1|w2|\n|-|-|\n|w3|w4|", "|w1|\n|-|\n|w2|w3|w4|\nw5\n\nw6", "w1|w2\n-|-\nw3\n> w4",
    "|w1|w2|\n|-|\n|w3|", "|w1 `\\|` w2|\n|-|\n|`w3`|", "> w1\n\n> w2", "> > > w1\n> w2", "- w1\n\n  w2\n\n\n  w3", "-\n  w1\n-\n  ```\n  w2\n  ```",
    "10) w1\n11) w2", "1. w1\n\n       w2", "- w1\n- w2\n+ w3", "w1\n- w2\n1) w3\n14) w4", "- [ ] w1\n- [x] w2\n  - [x] w3", "- [x]\tw1\n- [ ]\n  w2", "\\*w1\\* \\<w2> &amp;w3; &#35;w4",
    "`w1` ``w2 ` w3`` `w4", "*w1* _w2_ **w3** __w4__ ***w5** w6*", "*w1 **w2*", "~~w1~~ ~w2~ ~~~w3~~~ ~~w4", "[w1](/w2 'w3') [w4](</w5 w6>) [w7]()",
    "[w1](/w2 w3)", "[w1][b] [w1][] [w1]\n\n[w1]: /w3\n[b]: /w4", "[w1 [w2](/w3)](/w4)", '![w1](/w2 "w3") ![w4 *w5*](/w6) ![w7]', "<https://w1.org/w2> <w3@w4.org> <w5:w6>",
    "www.w1.org http://w2.org/w3. https://w4.org/(w5) w6@w7.org", "<p and w1> <br w2> <em w3='w4'", "</w1> <w2/> <w3 w4 =w5> <!-- --> w6", "w1  \nw2\\\nw3\nw4",
    "w1[^a]\n\n[^a]: w2\n\n    w3\n\n    - w4", "[^a]: w1\n[^b]: w2[^c]\n[^c]: w3", "w1[^a][^a]\n\n> [^a]: w2\n\n[^a]: w3", "<strong>w1 <em>w2</strong> w3</em>",
    "<ul><li>w1<li>w2</ul>w3", "<a href='/w1'>w2 [w3](/w4)</a> w5", "<h1>w1<p>w2</h1>w3", "<td>w1</td><li>w2", "<label>w1 <input w2> w3", "- - - w1", "* w1\n\n---\n\n* w2",
    "w1\n1986. w2", "1986. w1\n1987. w2", "&w1; &copyw2", "<kbd>w1<kbd>w2</kbd></kbd>", "<img src='/w1' alt='w2'>w3", "<section>w1<hr>w2</section>", "<b>w1</b> <i>w2</i> <u>w3</u>",
    "> [!NOTE]\n> w1", "Term w1\n: w2", "$w1$ ^w2^ ==w3== :w4: {.w5}", "---\nw1: w2\n---\nw3", "<details><summary>w1<w2>", "w1 <!-- w2", "<!-- -- w1",
)  # fmt: skip
# No link stands within a picture's description, and no words in a reference's name: these are not shown.
PARTS = st.sampled_from(
    [
        *["{}"] * 8, *["\n"] * 4, *["\n\n"] * 4, *[" "] * 4, "\n    ", "\n> ", "\n- ", "\n1. ", "\n7) ", "\t", "> ", "- ", "* ", "# ", "=== ", "---", "```",
        "~~~", "\n```\n", "`", "``", "*", "**", "_", "~~", "[", "]", "![{}](/{})", "](/{})", "](/{} '{}')", "\n\n[a]: /b 'c'\n", "[a]", "[{}]", "[^1]", "[^1]: ", "[^2]: ", "[^1]",
        "\n\n[^1]: {}\n\n    ", "|", "|{}|{}|\n|-|-|\n|{}|{}|{}|\n", "\n|-|-|\n", "<{}>", "</{}>", "<em>", "</em>", "<p>", "</p>", "<br>", "<li>", "<a href='/{}'>", "</a>", "<p {}>",
        "<b and {}>", "<details>\n", "<summary>", "</details>", "<table>", "<tr>", "<td>", "</table>", "<pre>", "</pre>", "<script>", "</script>", "<h1>", "<kbd>", "<label>",
        "<input>", "<img alt='{}'>", "<section>", "<ul>", "<!x", "<?", "<", ">", "&", "&amp;", "&{};", "\\*", "https://{}.org/{} ", "www.{}.org", "{}@{}.org ", "<https://{}.org>", "- [ ] {}", "- [x] ",
        "mailto:", "http:", "<a {}='{}",
    ]
)  # fmt: skip


def words_of(html: str) -> str:
    """Return all text, and what addresses, titles and descriptions say."""
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    said = [
        element.get(name, "")
        for element in tree.iter()
        for name in ("href", "src", "alt", "title", "class", "id")
    ]
    return " ".join(["".join(tree.itertext()), *said])
