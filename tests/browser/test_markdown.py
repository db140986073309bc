"""What people write, in a real browser: nothing runs, and the page stays as it is."""

import json

import pytest
from playwright.sync_api import Browser

from bastide import ARTICLE, COMMENT, InvalidInput, render_markdown, sanitize
from support.blog import Blog
from support.markup import NOT_SETTLED
from support.walk import SIZE_OF, SIZES, Walk

# Frames, scripts and handlers of whatever gets through would tell the page; nothing is fetched.
TELLTALE = "window.ran = []; window.alert = window.print = window.confirm = window.prompt = (what) => window.ran.push(what)"
HOSTILE = [
    "<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>", "<input autofocus onfocus=alert(1)>",
    "<input type=image src=x onerror=alert(1)>", "<label onmouseover=alert(1)>x", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<svg><p><style><a title='</style><img src=x onerror=alert(1)>'>", "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<table><td><form><form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<details><noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<pre>\n\n<script>alert(1)</script></pre>", "<kbd><xmp><p title='</xmp><img src=x onerror=alert(1)>'>", "<section><select><style><img src=x onerror=alert(1)></style></select>",
    "<sup id=alert><a id=ran name=body href=javascript:alert(1)>x", "<h1 id=ran name=ran><img name=getElementById id=cookie>", "x[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
    '```x"><img src=x onerror=alert(1)>\nx\n```', '## <img src=x onerror=alert(1)>\n\n[x](#"><img src=x onerror=alert(1)>)', "|<img src=x onerror=alert(1)>|\n|-|\n|x|<script>alert(1)</script>|",
    "- [x] <img src=x onerror=alert(1)>", 'https://e.org/"onmouseover=alert(1)// www.e.org/<svg/onload=alert(1)>', "<!--><img src=x onerror=alert(1)>-->", "<!-- --!><img src=x onerror=alert(1)> -->",
    "<p><table><svg><desc><p><a><table></a><img src=x onerror=alert(1)>", "<details><summary><template><img src=x onerror=alert(1)></template>", "<a><a><svg><a><title><img src=x onerror=alert(1)>",
]  # fmt: skip
POST = """\
Intro with a footnote[^1], H<sub>2</sub>O, ~~a slip~~, <kbd>Ctrl</kbd> and https://example.org.

| Loaf | Flour | Water | Salt | Oven | Baked for | Cooled for | Kept for | Best with | Said by |
|:-----|------:|------:|-----:|:----:|-----------|------------|----------|-----------|---------|
| Country | 500 g | 350 g | 10 g | 240 degrees | forty-five minutes | two hours | four days | butter | Tomas |
| Rye | 400 g | 380 g | 8 g | 220 degrees | sixty minutes | one night | nine days | cheese | Ines |

## What to do next

- [x] Feed the starter
- [ ] Weigh *everything*

```python
def bake(loaf: Loaf, minutes: int = 45) -> Bread: return oven.bake(loaf, minutes=minutes)
```

![The blog's own sign](/static/icon.svg)

<details open><summary>More of it</summary>

Go [to the list](#what-to-do-next).

</details>

[^1]: With a word `of code` in it.
"""


@pytest.mark.asvs("V1.3.1", "V1.3.5", "V3.2.2")
def test_nothing_that_is_cleaned_runs_where_no_policy_guards_the_page(
    chromium: Browser, corpora: dict[str, list[str]]
) -> None:
    inputs = [*HOSTILE, *NOT_SETTLED, *corpora.get("dompurify", []), *corpora.get("patt_xss", [])[::4]]
    shown = []
    for text in inputs:
        for policy in (ARTICLE, COMMENT):
            for clean in (render_markdown, sanitize):
                try:
                    shown.append(str(clean(text, policy)))
                except InvalidInput:
                    continue
    context = chromium.new_context()
    context.route("**/*", lambda route: route.abort())
    context.add_init_script(TELLTALE)
    page = context.new_page()
    page.set_content(
        "".join(f"<div class='text'>{html}</div>" for html in shown), wait_until="domcontentloaded"
    )
    # Read as a script would put it in, read once more, touched and clicked.
    changed = page.evaluate(
        """(texts) => texts.filter((text) => {
            const first = document.createElement("div"), again = document.createElement("div");
            first.innerHTML = text; again.innerHTML = first.innerHTML; document.body.append(first, again);
            // A browser writes one line feed less than it reads there.
            const settled = (each) => each.innerHTML.replace(/<pre>\\n+/g, "<pre>");
            return settled(first) !== settled(again);
        })""",
        shown,
    )
    assert changed == []
    page.evaluate(
        """() => { for (const each of document.querySelectorAll("body *"))
            for (const kind of ["click", "toggle", "focus", "mouseover", "pointerenter"])
                { const event = new Event(kind); event.preventDefault = () => {}; each.dispatchEvent(event); } }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") == []
    found = json.loads(
        page.evaluate(
            """() => JSON.stringify({
                ids: [...document.querySelectorAll("[id]")].map((each) => each.id).filter((id) => !id.startsWith("user-content-")),
                named: document.querySelectorAll("[name], [style], form, script, iframe, [for], [form]").length,
                live: document.querySelectorAll("input:not(:disabled)").length,
                whole: typeof document.getElementById === "function" && document.body.tagName === "BODY",
            })"""
        )
    )
    assert found == {"ids": [], "named": 0, "live": 0, "whole": True}
    context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_post_of_every_kind_of_block_looks_right(
    chromium: Browser, served: tuple[Blog, str], framework: str, colours: str
) -> None:
    blog, base = served
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A post of every kind", POST)
    author.post(
        f"/posts/{post_id}/comments", {"body": "I say List<String> and 1986. *Well.*\n\n1. one\n2. two"}
    )
    size = SIZE_OF[framework]
    context = chromium.new_context(viewport=SIZES[size], color_scheme=colours)  # type: ignore[arg-type]
    page = context.new_page()
    walk = Walk(page, base, f"markdown-{size}-{colours}")
    walk.go(f"/posts/{post_id}")
    table = page.locator(".prose table")
    assert table.evaluate("each => getComputedStyle(each).overflowX") == "auto"
    assert table.evaluate("each => each.scrollWidth > each.clientWidth")
    page.get_by_role("link", name="to the list").click()
    assert page.url.endswith("#user-content-what-to-do-next")
    assert page.evaluate("document.querySelector(':target').textContent") == "What to do next"
    page.get_by_role("link", name="[1]").click()
    assert "With a word" in page.evaluate("document.querySelector(':target').textContent")
    assert page.locator(".words ol").evaluate("each => getComputedStyle(each).listStyleType") == "decimal"
    assert page.get_by_role("checkbox", name="Feed the starter").is_checked()
    context.close()
