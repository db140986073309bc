"""What people write arrives whole on the page, and reaches for nothing of the page's own."""

import re
from typing import Any

import html5lib
import pytest

from support.api import program
from support.blog import Blog
from support.inert import ALLOWED, assert_inert

LINE = "If a<b and c>d use List<String> or <url>; I <3 it"
TEN_DEEP = "\n".join(f"{'  ' * level}- word{level}." for level in range(10))
TWENTY_QUOTES = f"{'> ' * 20}quoted word."
TOO_DEEP = "\n".join(f"{'  ' * level}- word{level}." for level in range(21))
SENTENCE = "This is nested too deeply: 20 levels are the most."
# Names that the page, its style or its scripts go by, wherever a text may put an id, a name or a class.
REACHING = """\
## comments
## main
# user content fn1
<h2 id="comments" class="notice warning" name="cookie">a</h2><h3 id=comment-1>b</h3><h4 id="user-content-main">c</h4>
<a id=content name=getElementById href="#comments">d</a> <img id=body name=forms src=/x.png> <input id=csrf_token name=csrf_token form=x>
<form id=login action=https://evil.example.org><form><input name=attributes><button class=primary>e</button></form>
<details id=x name=y class="menu"><summary id=site class=mark>f</summary></details> <li id=nav class=button>g</li>
<section id=toString class="site wrap">h</section> <label for=name class=primary>i</label> <table id=j class=scroll><td id=k class=l>m</td></table>

```notice primary
n
```

```language-x" class="button
o
```

[p](#csrf_token) q[^a]

[^a]: r [s](javascript:alert(1)) <span id=fn1 class=button>t</span>
"""


def body_of(page: str, name: str = "prose") -> Any:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    return next(element for element in tree.iter() if element.get("class") == name)


def said(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.asvs("V1.3.1")
def test_every_word_of_a_post_and_a_comment_is_shown(blog: Blog) -> None:
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post", f"{LINE}\n\n{TEN_DEEP}\n\n{TWENTY_QUOTES}")
    for text in (LINE, TEN_DEEP, TWENTY_QUOTES, "# A *b* [c](https://e.org) `d<e>` ~~f~~"):
        assert author.post(f"/posts/{post_id}/comments", {"body": text}).status_code == 303
    page = author.get(f"/posts/{post_id}").text
    shown = said(body_of(page))
    assert LINE in shown
    assert all(word in shown for word in [*re.findall(r"word\d+\.", TEN_DEEP), "quoted word."])
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    comments = [said(element) for element in tree.iter() if element.get("class") == "words"]
    assert comments[0] == LINE
    assert comments[1].split() == re.findall(r"word\d+\.", TEN_DEEP)
    assert comments[2:] == [TWENTY_QUOTES, "# A b [c](https://e.org) `d<e>` ~~f~~"]
    listed = author.get(f"/api/v1/posts/{post_id}/comments").get_json()["items"]
    assert said(html5lib.parseFragment(listed[0]["html"])) == LINE


@pytest.mark.asvs("V15.2.2")
def test_what_is_nested_too_deeply_is_refused_by_name(blog: Blog) -> None:
    writer = program(blog, "maud", "author", "reader")
    author = blog.signed_in("tomas", "author", "reader")
    post_id = blog.publish(author, "A plain post")
    table = "|a" * 128 + "|\n" + "|-" * 128 + "|\n" + "b\n" * 100
    for path, form, sentence in (
        (f"/posts/{post_id}/comments", {"body": TOO_DEEP}, SENTENCE),
        ("/posts/new", {"title": "Another post", "content": TOO_DEEP, "tags": ""}, SENTENCE),
        (f"/posts/{post_id}/edit", {"title": "Another post", "content": table, "tags": ""}, "A table here has too many cells: 10000 are the most."),
    ):  # fmt: skip
        answer = author.post(path, form)
        assert answer.status_code == 400, path
        assert sentence in answer.text
        assert "word20." in answer.text or "|a|a|" in answer.text
    for path, body in (
        (f"/posts/{post_id}/comments", {"body": TOO_DEEP}),
        ("/posts", {"title": "Another post", "content": TOO_DEEP, "tags": []}),
    ):
        [error] = writer.call("POST", path, body).get_json()["errors"]
        assert (error["code"], error["detail"]) == ("too_deep", SENTENCE)
    assert len(blog.rows("SELECT * FROM post")) == 1
    assert not blog.rows("SELECT * FROM comment")


@pytest.mark.asvs("V1.3.1")
def test_what_an_older_policy_dropped_is_shown_again(blog: Blog) -> None:
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post", f"{LINE}\n\n{TEN_DEEP}\n\n<!-- not for readers -->")
    deep_id = blog.publish(author, "A deep post")
    author.post(f"/posts/{post_id}/comments", {"body": LINE})
    blog.rows_changed("UPDATE post SET body_html = '<p>If ad</p>', body_policy = 'article:2'")
    blog.rows_changed("UPDATE comment SET body_html = '<p>If ad</p>', body_policy = 'comment:2'")
    blog.rows_changed(f"UPDATE post SET content = '{TOO_DEEP}' WHERE id = {deep_id}")
    page, deep = author.get(f"/posts/{post_id}").text, author.get(f"/posts/{deep_id}").text
    shown = said(body_of(page))
    assert shown.startswith(LINE)
    assert all(word in shown for word in re.findall(r"word\d+\.", TEN_DEEP))
    assert "not for readers" not in page
    assert said(body_of(page, "words")) == LINE
    assert said(body_of(deep)) == " ".join(TOO_DEEP.split())
    api = author.get(f"/api/v1/posts/{post_id}").get_json()["html"]
    assert LINE in said(html5lib.parseFragment(api))
    assert "List&amp;lt;String&amp;gt;" in author.get("/feed.xml").text.replace(
        "List&lt;String", "List&amp;lt;String"
    ).replace("String&gt;", "String&amp;gt;")
    edited = {"title": "A plain post", "content": LINE, "tags": ""}
    assert author.post(f"/posts/{post_id}/edit", edited).status_code == 303
    [(stored, stamp)] = blog.rows(f"SELECT body_html, body_policy FROM post WHERE id = {post_id}")
    assert said(html5lib.parseFragment(stored)) == LINE
    assert stamp == "article:3"


@pytest.mark.asvs("V1.3.1", "V3.2.3")
def test_no_text_borrows_an_id_a_name_or_the_looks_of_the_page(blog: Blog) -> None:
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post", REACHING)
    page = author.get(f"/posts/{post_id}").text
    assert_inert(page)
    everywhere = list(html5lib.parse(page, namespaceHTMLElements=False).iter())
    text = next(element for element in everywhere if element.get("class") == "prose")
    inside = list(text.iter())[1:]
    assert {element.tag for element in inside} <= ALLOWED["article"]
    ids = [element.get("id") for element in inside if element.get("id")]
    assert {"user-content-comments", "user-content-fn1"} <= set(ids)
    assert all(name.startswith("user-content-") for name in ids)
    others = [element.get("id", "") for element in everywhere if element not in inside]
    assert not any(name.startswith("user-content-") for name in others)
    for element in inside:
        names = set(element.attrib)
        assert not names & {"name", "for", "form", "style", "action", "formaction"}
        assert re.fullmatch("(language-[A-Za-z0-9+#._-]+)?", element.get("class", ""))
        if element.tag == "input":
            assert (element.get("type"), element.get("disabled")) == ("checkbox", "")
        if element.get("href", "").startswith("#"):
            assert element.get("href").startswith("#user-content-")


def test_an_author_is_told_of_pictures_that_readers_will_not_see(blog: Blog) -> None:
    author = blog.signed_in("maud", "author", "reader")
    text = "Look: ![own](/static/icon.svg) ![theirs](https://images.example.org/a.png) <img src='//cdn.example.net/b.png'>"
    told = "Readers will not see 2 pictures in this text"
    post_id = blog.write_post(author, "A plain post", text)
    page = author.get(f"/posts/{post_id}").text
    assert told in page
    assert "cdn.example.net, images.example.org" in page
    assert told not in author.get(f"/posts/{post_id}").text
    form = {"title": "A plain post", "content": text, "tags": ""}
    assert author.post(f"/posts/{post_id}/edit", form).status_code == 303
    assert told in author.get(f"/posts/{post_id}").text
    form["content"] = "Look: ![own](/static/icon.svg)"
    assert author.post(f"/posts/{post_id}/edit", form).status_code == 303
    assert "Readers will not see" not in author.get(f"/posts/{post_id}").text


def test_a_program_is_told_of_them_where_it_may_edit(blog: Blog) -> None:
    writer, other = program(blog, "maud", "author", "reader"), program(blog, "tomas", "reader")
    post = {
        "title": "A plain post",
        "content": "Look: ![a](https://images.example.org/a.png) ![b](/b.png)",
        "tags": [],
    }
    made = writer.call("POST", "/posts", post).get_json()
    assert made["hidden_images"] == ["https://images.example.org/a.png"]
    path = f"/posts/{made['id']}"
    assert (
        writer.call("PATCH", path, {"status": "published"}).get_json()["hidden_images"]
        == made["hidden_images"]
    )
    assert "hidden_images" not in other.get(path).get_json()
    assert writer.call("PATCH", path, {"content": "Look: ![b](/b.png)"}).get_json()["hidden_images"] == []
