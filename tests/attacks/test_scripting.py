"""Attacks on pages: markup in every field, read back by an independent parser."""

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from support.blog import Blog
from support.inert import ALLOWED, assert_inert, elements
from support.rows import rows

OWN_PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)",
    "[x](javascript:alert(1))", "[x](JaVa\tScript:alert(1))", "![x](data:text/html,<script>alert(1)</script>)",
    "<a href=' javascript:alert(1)'>x</a>", "</textarea><script>alert(1)</script>", '"><script>alert(1)</script>',
    "<iframe srcdoc='<script>alert(1)</script>'>", "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form><button formaction=javascript:alert(1)>", "<style>@import 'evil'</style>", "<base href=//evil>",
    "<p id=x name=y style=color:red class=z onclick=alert(1)>text", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
]  # fmt: skip
WRITTEN_PAYLOADS = [
    "<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>", "<input type=image src=x onerror=alert(1) formaction=javascript:alert(1)>",
    "<label for=name onclick=alert(1)><input autofocus onfocus=alert(1)></label>", "<kbd onpointerenter=alert(1)>x", "x[^1]\n\n[^1]: <img src=x onerror=alert(1)> [y](javascript:alert(1))",
    "javascript://example.org/%0aalert(1) and https://example.org/<script>alert(1)</script>", "www.example.org/'onmouseover='alert(1)", "[x]: javascript:alert(1)\n\n[x]",
    "```<script>alert(1)\nx\n```", '``` python"onclick=alert(1)\nx\n```', "|<svg onload=alert(1)>|`<script>`|\n|-|-|\n|<img src=x onerror=alert(1)>|x|<script>alert(1)</script>",
    "<table><td><form><form><input name=action></form><table><svg><style><!--</style><img src=x onerror=alert(1)>", "- [x] <script>alert(1)</script>",
    "<details><svg><p><style><a title='</style><img src=x onerror=alert(1)>'>", "<sub><math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
]  # fmt: skip


@pytest.fixture
def member(blog: Blog) -> str:
    blog.add_account("maud")
    return "maud"


@pytest.mark.asvs("V1.2.1", "V1.3.1", "V1.3.5", "V3.2.3")
def test_stored_markup_stays_inert_in_every_field(blog: Blog, corpora: dict[str, list[str]]) -> None:
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post")
    collected = [*corpora.get("dompurify", []), *corpora.get("patt_xss", [])[::8]]
    for payload in OWN_PAYLOADS + WRITTEN_PAYLOADS + collected:
        answer = author.post(
            f"/posts/{post_id}/edit",
            {"title": f"Title {payload}"[:200], "content": f"Some text {payload}"[:10_000], "tags": ""},
        )
        assert answer.status_code in {303, 400}, payload
        assert_inert(author.get(f"/posts/{post_id}").text if answer.status_code == 303 else answer.text)
        if answer.status_code == 303:
            assert_inert(author.get("/").text)
    body = next(
        element
        for element in elements(author.get(f"/posts/{post_id}").text)
        if element.get("class") == "prose"
    )
    tags = {element.tag for element in body.iter()} - {"div"}
    assert tags <= ALLOWED["article"]


@pytest.mark.asvs("V1.3.1")
@rows("payload", OWN_PAYLOADS)
def test_comments_and_profiles_stay_inert(blog: Blog, payload: str) -> None:
    author = blog.signed_in("maud", "author", "reader")
    post_id = blog.publish(author, "A plain post")
    author.post(f"/posts/{post_id}/comments", {"body": f"I say {payload}"})
    profile = {
        "full_name": payload[:100],
        "phone": "",
        "bio": f"One two three four {payload}"[:500],
        "website": "",
    }
    assert author.post("/profile", profile).status_code in {303, 400}
    page = author.get(f"/posts/{post_id}").text
    assert_inert(page)
    for words in (element for element in elements(page) if element.get("class") == "words"):
        inside = {element.tag for element in words.iter()} - {"div"}
        assert inside <= ALLOWED["comment"]
        assert all(not element.attrib for element in words.iter() if element is not words)
    assert_inert(author.get("/authors/maud").text)


@pytest.mark.asvs("V1.3.1")
def test_what_an_older_policy_let_through_is_cleaned_again(blog: Blog) -> None:
    """Whatever is stored under a policy of before is shown under the one of today, wherever it is shown."""
    moderator = blog.signed_in("maud", "author", "reader", "moderator")
    post_id = blog.publish(moderator, "A plain post", "A **post** of today.")
    for body in ("An **open** word.", "A **held** word."):
        moderator.post(f"/posts/{post_id}/comments", {"body": body})
    old = "'<iframe></iframe><u>Of yesterday</u>'"
    blog.rows_changed(f"UPDATE post SET body_html = {old}, body_policy = 'article:0'")
    blog.rows_changed(f"UPDATE comment SET body_html = {old}, body_policy = 'comment:0', state = 'approved'")
    blog.rows_changed("UPDATE comment SET state = 'pending' WHERE body LIKE '%held%'")
    api = f"/api/v1/posts/{post_id}"
    for path, kept in {
        "/": "A post of today.", "/feed.xml": "A <strong>post</strong> of today.",
        f"/posts/{post_id}": "An <strong>open</strong> word.", "/moderation": "A <strong>held</strong> word.",
        api: "A <strong>post</strong> of today.", f"{api}/comments": "An <strong>open</strong> word.",
    }.items():  # fmt: skip
        answer = moderator.get(path)
        text = unescape(answer.text) if answer.json is None else str(answer.json)
        assert "yesterday" not in text, path
        assert kept in text, path
    edited = {"title": "A plain post", "content": "A **post** of today."}
    assert moderator.post(f"/posts/{post_id}/edit", edited).status_code == 303
    stored = blog.rows("SELECT body_html, body_policy FROM post")
    assert [tuple(row) for row in stored] == [("<p>A <strong>post</strong> of today.</p>\n", "article:3")]


@pytest.mark.asvs("V1.3.1", "V1.3.3")
def test_a_reference_breaks_no_feed_and_turns_no_line_round(blog: Blog) -> None:
    author = blog.signed_in("maud", "author", "reader")
    odd = "<p>before &#1;&#x1b;&#x85;&#xFFFE;&#x202e;&#x2066; after</p>"
    post_id = blog.publish(author, "A plain post", odd)
    author.post(f"/posts/{post_id}/comments", {"body": odd})
    reader = blog.browser()
    feed = ET.fromstring(reader.get("/feed.xml").data)  # noqa: S314 -- the blog's own
    api = f"/api/v1/posts/{post_id}"
    shown = [
        "".join(feed.itertext()), reader.get(f"/posts/{post_id}").text, reader.get("/").text,
        reader.get(api).get_json()["html"], reader.get(f"{api}/comments").get_json()["items"][0]["html"],
    ]  # fmt: skip
    for text in shown:
        assert "before" in text
        assert not re.search("[\x01\x1b\x85\ufffe\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.asvs("V1.2.1", "V1.3.7")
@rows("payload", [*OWN_PAYLOADS, "{{7*7}}", "${7*7}", "{% raw %}"])
def test_reflected_values_come_back_as_text(blog: Blog, payload: str) -> None:
    browser = blog.browser()
    found = browser.get("/", query_string={"q": payload[:100]})
    assert_inert(found.text)
    assert "49" not in found.text
    for path in ("/account/sign-in", "/contact"):
        answer = browser.post(path, {"name": payload, "password": "", "next": payload} if "sign" in path else
                              {"name": payload, "email": payload, "phone": payload, "subject": payload,
                               "message": payload, "company": "", "started": payload})  # fmt: skip
        assert answer.status_code in {303, 400}
        assert_inert(answer.text)
    assert_inert(browser.get(f"/{payload}").text)


@pytest.mark.asvs("V3.7.2")
@rows(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "https:evil.example", "/\t/evil.example",
     "/%09/evil.example", "/%5cevil.example", "http://localhost@evil.example/", "javascript:alert(1)",
     "/ok\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:a=b", "///evil.example", "\\\\evil.example", "/.//evil\\@x", ""],
)  # fmt: skip
def test_next_never_leaves_the_site(blog: Blog, member: str, target: str) -> None:
    answer = blog.browser().sign_in(member, target=target)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_next_leads_back_to_the_page_that_asked(blog: Blog) -> None:
    blog.add_account("maud")
    browser = blog.browser()
    asked = browser.get("/profile?x=1")
    assert asked.headers["Location"] == "/account/sign-in?next=/profile?x%3D1"
    assert browser.sign_in("maud", target="/profile?x=1").headers["Location"] == "/profile?x=1"


@pytest.mark.asvs("V3.7.3")
def test_the_way_out_leads_only_to_addresses_that_stand_on_a_profile(blog: Blog) -> None:
    author = blog.signed_in("maud", "author", "reader")
    profile = {"full_name": "", "phone": "", "bio": "", "website": "https://maud.example.org/x"}
    assert author.post("/profile", profile).status_code == 303
    assert "maud.example.org" in blog.browser().get("/away?to=https://maud.example.org/x").text
    for target in (
        "https://evil.example.org/",
        "javascript:alert(1)",
        "//evil.example",
        "https://a@evil.example.org",
    ):
        assert blog.browser().get("/away", query_string={"to": target}).status_code == 400
