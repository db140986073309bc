"""What the log tells whom: owners their own, administrators what they ask for, and nobody else anything."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from bastide.core.foundation import AccountId
from bastide.core.security_log import Event, EventFilter, EventKind, Outcome
from bastide.pages.sentences import EVENT_SENTENCES
from support.blog import Blog, Browser

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"
EVIL = "<script>alert(1)</script>\x1b[31m\u202eevil\r\nforged"
RAW = ("<script>alert", "\x1b", "\u202e")


def rows_of(page: str) -> list[str]:
    """Return what each listed event says, without markup."""
    listed = re.findall(r"<li>\s*<p>(.*?)</li>", page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in listed]


def plant(blog: Blog, kind: str, outcome: Outcome = Outcome.SUCCESS, **facts: str) -> None:
    detail = {name: facts.pop(name) for name in ("role", "agent", "reason") if name in facts}
    blog.services.log.append_event(
        Event(kind=kind, outcome=outcome, at=blog.clock.now(), detail=detail, **facts)
    )


def id_of(blog: Blog, name: str) -> AccountId:
    account = blog.services.stores.accounts.find_account(name)
    assert account is not None
    return account.id


def refusals(blog: Blog) -> int:
    return blog.kinds().count("request:input:refused")


@pytest.mark.asvs("V6.3.7", "V8.2.2")
def test_owners_read_what_happened_to_their_account_and_nothing_of_others(blog: Blog) -> None:
    owner = blog.signed_in("maud", address="203.0.113.50")
    blog.browser(address="198.51.100.66", agent=CHROME).sign_in("maud", "wrong wrong wrong wrong")
    mallory = blog.signed_in("mallory", address="192.0.2.99")
    mallory.sign_in("mallory", "wrong wrong wrong wrong")
    seen = owner.get("/account/activity")
    rows = rows_of(seen.text)
    assert seen.status_code == 200
    assert "no-store" in seen.headers["Cache-Control"]
    assert len(rows) == 2
    assert rows[0].startswith("A sign-in failed.")
    assert "198.51.100.66" in rows[0]
    assert "Chrome on Windows" in rows[0]
    assert "Firefox on Linux" in rows[1]
    assert "192.0.2.99" not in seen.text
    assert "wrong_secret" not in seen.text
    foreign = mallory.get("/account/activity").text
    assert not {"203.0.113.50", "198.51.100.66", "maud"} & set(re.findall(r"[\w.]+", foreign))
    assert blog.browser().get("/account/activity").status_code == 303


@pytest.mark.asvs("V8.2.2")
def test_no_parameter_reaches_the_events_of_another(blog: Blog) -> None:
    victim, mallory = blog.signed_in("maud", address="203.0.113.50"), blog.signed_in("mallory")
    before, own = refusals(blog), rows_of(mallory.get("/account/activity").text)
    victim_id = id_of(blog, "maud")
    for query in (
        f"account={victim_id}", f"account_id={victim_id}", f"page=1&user={victim_id}", "user=maud", "kind=account",
        "page=1&page=2", "page=0", "page=-1", "page=41", "page=999999", "page=1%20OR%201=1", "page=%C2%B2", "page=1e9",
    ):  # fmt: skip
        answer = mallory.get(f"/account/activity?{query}")
        assert answer.status_code == 400, query
        assert "203.0.113.50" not in answer.text
    assert refusals(blog) == before + 13
    for page in (2, 3, 40):
        answer = mallory.get(f"/account/activity?page={page}")
        assert answer.status_code == 200
        assert rows_of(answer.text) == []
    assert rows_of(mallory.get("/account/activity?page=1").text) == own
    for method in ("POST", "PUT", "DELETE"):
        assert mallory.open(method, f"/account/activity?account={victim_id}").status_code in {400, 403, 405}
    assert victim.get("/account/activity").status_code == 200


@pytest.mark.asvs("V1.2.1", "V16.4.1")
def test_planted_text_is_shown_as_text(blog: Blog) -> None:
    owner, boss = blog.signed_in("maud"), blog.signed_in("boss", "administrator")
    target = f"account:{id_of(blog, 'maud')}"
    plant(blog, EventKind.ROLE_GRANTED, target=target, role=EVIL, agent=EVIL, address=EVIL)
    plant(blog, EventKind.LOGIN_FAILURE, Outcome.FAILURE, target=target, agent=EVIL, address=EVIL, route=EVIL)
    for browser, path in (
        (owner, "/account/activity"), (owner, "/account"), (boss, "/admin/log"), (boss, "/admin"),
        (boss, "/admin/log?user=maud"),
    ):  # fmt: skip
        page = browser.get(path).text
        assert "&lt;script&gt;alert" in page, path
        assert not [piece for piece in RAW if piece in page], path
    lookalike = owner.get("/account/activity").text
    assert "evil\r\nforged" not in lookalike


@pytest.mark.asvs("V8.2.2", "V8.2.3")
def test_who_acted_on_an_account_is_not_told_and_neither_is_on_whom_its_owner_acted(blog: Blog) -> None:
    boss = blog.signed_in("boss", "administrator", address="192.0.2.200", agent=CHROME)
    owner = blog.signed_in("maud")
    user_id = id_of(blog, "maud")
    assert (
        boss.post(f"/admin/users/{user_id}/roles", {"role": "author", "action": "grant"}).status_code == 303
    )
    row = rows_of(owner.get("/account/activity").text)[0]
    assert row.startswith("The account was given a role. author")
    assert "192.0.2.200" not in row
    assert "Chrome" not in row
    seen = boss.get("/account/activity").text
    assert rows_of(seen)[0].startswith("The account of somebody else was changed from yours.")
    assert "author" not in rows_of(seen)[0]
    assert "maud" not in seen


@pytest.mark.asvs("V16.4.1")
def test_nobody_writes_into_the_history_of_another(blog: Blog) -> None:
    owner, boss = blog.signed_in("maud"), blog.signed_in("boss", "administrator")
    user_id = id_of(blog, "maud")
    before = owner.get("/account/activity").text
    for document in (f"account:{user_id}", f"x:account:{user_id}", f"data:account:{user_id}"):
        report = {
            "csp-report": {
                "document-uri": document,
                "effective-directive": f"d{document}",
                "blocked-uri": "x",
            }
        }
        sent = blog.browser().open(
            "POST", "/csp-reports", json=report, headers={"Content-Type": "application/csp-report"}
        )
        assert sent.status_code == 204
    assert blog.kinds().count("browser:csp:violation") == 3
    assert rows_of(owner.get("/account/activity").text) == rows_of(before)
    found, _ = blog.services.stores.events.list_events(EventFilter(account=user_id), offset=0, limit=99)
    assert EventKind.CSP_VIOLATION not in {event.kind for event in found}
    # One account's digits at the end or the beginning of another's.
    for other in (f"{user_id}0", f"0{user_id}", f"{user_id}\u0000", f"%{user_id}"):
        plant(blog, EventKind.PASSWORD_CHANGED, actor=other, target=f"account:{other}")
    assert rows_of(owner.get("/account/activity").text) == rows_of(before)
    assert "account:password:changed" not in re.findall(
        r"<code>([\w:]+)</code>", boss.get("/admin/log?user=maud").text
    )


def test_long_histories_come_in_pages_that_neither_overlap_nor_leak(blog: Blog) -> None:
    owner, mallory = blog.signed_in("maud"), blog.signed_in("mallory")
    ids = {name: id_of(blog, name) for name in ("maud", "mallory")}
    for number in range(30):
        blog.clock.advance(timedelta(seconds=1))
        for name, account_id in ids.items():
            plant(blog, EventKind.ROLE_GRANTED, target=f"account:{account_id}", role=f"{name}-{number}")
    first, second = (owner.get(f"/account/activity?page={page}").text for page in (1, 2))
    roles = re.findall(r"(maud|mallory)-(\d+)", first + second)
    assert roles == [("maud", str(number)) for number in reversed(range(30))]
    assert len(rows_of(first)) == 25
    assert "Page 1 of 2" in first
    assert 'href="/account/activity?page=2"' in first
    assert 'href="/account/activity?page=1"' in second
    assert "maud-" not in mallory.get("/account/activity").text


def test_the_account_page_marks_what_is_new_since_the_sign_in_before(blog: Blog) -> None:
    first = blog.signed_in("maud")
    assert "pending" not in first.get("/account").text
    blog.clock.advance(timedelta(hours=1))
    blog.browser(address="198.51.100.66", agent=CHROME).sign_in("maud", "wrong wrong wrong wrong")
    blog.clock.advance(timedelta(hours=1))
    second = blog.browser()
    assert second.sign_in("maud").status_code == 303
    page = second.get("/account").text
    listed = rows_of(page)
    assert [row.endswith("UTC Firefox on Linux 203.0.113.7") for row in listed] == [True, False, True]
    assert ["new" in row.split() for row in listed] == [True, True, False]
    assert 'href="/account/activity"' in page
    assert not re.findall(r'href=""', page)
    for _ in range(4):
        blog.browser(address="198.51.100.66").sign_in("maud", "wrong wrong wrong wrong")
    assert len(rows_of(second.get("/account").text)) == 5
    target = f"account:{id_of(blog, 'maud')}"
    blog.clock.advance(timedelta(seconds=1))
    for _ in range(60):
        plant(blog, EventKind.LOGIN_FAILURE, Outcome.FAILURE, target=target)
    assert all("new" in row.split() for row in rows_of(second.get("/account").text))


@pytest.mark.asvs("V2.2.1", "V16.3.3")
def test_the_log_takes_declared_filters_and_reports_any_other(blog: Blog) -> None:
    boss = blog.signed_in("boss", "administrator")
    asked = (
        "q=x", "kind=account%3A", "kind=%25", "kind=account:login", "kind=account&kind=system", "outcome=maybe",
        "outcome=refused%27--", "address=203.0.113", "address=%3Cscript%3E", "from=2026-13-01", "from=2026-1-1",
        "from=yesterday", "to=0001-01-01", "from=2026-03-02&to=2026-03-01", "page=0", "page=41", "page=x",
        "user=%00", "user=%E2%80%AE", "account__password=x", "sort=at",
    )  # fmt: skip
    before = refusals(blog)
    for query in asked:
        assert boss.get(f"/admin/log?{query}").status_code == 400, query
    assert refusals(blog) == before + len(asked)
    reader = blog.signed_in("maud")
    for query in ("", "?user=boss", "?kind=nonsense"):
        assert reader.get(f"/admin/log{query}").status_code == 403


def listed_kinds(browser: Browser, query: str) -> list[str]:
    answer = browser.get(f"/admin/log?{query}")
    assert answer.status_code == 200, answer.text
    return re.findall(r"<td><code>([\w:]+)</code>", answer.text)


def test_administrators_find_what_they_ask_for(blog: Blog) -> None:
    boss, owner = blog.signed_in("boss", "administrator"), blog.signed_in("maud", address="2001:db8::7")
    owner.get("/admin")
    owner.sign_in("maud", "wrong wrong wrong wrong")
    today = f"{blog.clock.now():%Y-%m-%d}"
    assert set(listed_kinds(boss, "kind=access")) == {"access:check:denied"}
    assert listed_kinds(boss, "kind=account:login:failure") == ["account:login:failure"]
    assert listed_kinds(boss, "kind=account&outcome=success&user=MAUD") == ["account:login:success"]
    assert listed_kinds(boss, "user=maud@example.org&outcome=failure") == ["account:login:failure"]
    assert "account:login:success" in listed_kinds(boss, "address=2001:0db8:0::7")
    assert listed_kinds(boss, f"from={today}&to={today}&kind=account:login:success&page=") == [
        "account:login:success", "account:login:success",
    ]  # fmt: skip
    assert listed_kinds(boss, "to=2020-01-01") == []
    for nobody in ("nobody", "%25", "maud'--", "1"):
        assert listed_kinds(boss, f"user={nobody}") == []
    page = boss.get(
        f"/admin/log?kind=account&outcome=success&user=%22%3E%3Cb%3E&from={today}&to={today}"
    ).text
    assert "<b>" not in page
    assert 'value="account" selected' in page
    assert 'value="success" selected' in page
    assert f'value="{today}"' in page


def moderate(blog: Blog) -> tuple[Browser, Browser]:
    """Return who commented and the moderator who approved it."""
    post_id = blog.publish(blog.signed_in("maud", "author"), "A plain post")
    reader, moderator = blog.signed_in("ines", "reader"), blog.signed_in("siobhan", "moderator")
    assert reader.post(f"/posts/{post_id}/comments", {"body": "May I?"}).status_code == 303
    (path,) = re.findall(r"/moderation/comments/[0-9]+/approve", moderator.get("/moderation").text)
    assert moderator.post(path).status_code == 303
    return reader, moderator


@pytest.mark.asvs("V16.2.1", "V16.2.4", "V16.4.2")
def test_what_the_blog_records_itself_is_listed_found_exported_and_verified(blog: Blog) -> None:
    reader, moderator = moderate(blog)
    boss = blog.signed_in("boss", "administrator")
    found = ["blog:comment:moderated"]
    for query in ("kind=blog", "kind=blog:comment:moderated", "kind=blog&outcome=success&user=siobhan"):
        assert listed_kinds(boss, query) == found, query
    for query in ("kind=blog&outcome=failure", "kind=blog&user=ines", "kind=blog&to=2020-01-01"):
        assert listed_kinds(boss, query) == [], query
    assert "blog:comment:moderated" in listed_kinds(boss, "outcome=success&page=1")
    page = boss.get("/admin/log?kind=blog").text
    assert '<optgroup label="blog"><option value="blog" selected>every blog event</option>' in re.sub(
        r">\s+<", "><", page
    )
    assert "no longer declared" not in page
    assert rows_of(moderator.get("/account/activity").text)[0].startswith(
        "A comment was approved or rejected."
    )
    assert "approved or rejected" not in reader.get("/account/activity").text
    (kept,) = [
        line
        for line in map(json.loads, blog.run("log", "export")[1].splitlines())
        if line["kind"] == found[0]
    ]
    assert (kept["outcome"], kept["actor"]) == ("success", str(id_of(blog, "siobhan")))
    assert (kept["target"], kept["detail"]) == ("comment:1", {"decision": "approved"})
    assert blog.run("log", "verify")[0] == 0


@pytest.mark.asvs("V16.4.2")
def test_a_kind_that_is_no_longer_declared_stays_in_the_log(blog: Blog) -> None:
    """An earlier release of the blog recorded it."""
    boss = blog.signed_in("boss", "administrator")
    boss_id = str(id_of(blog, "boss"))
    plant(blog, "blog:post:pinned", Outcome.NOTED, actor=boss_id, target="post:1", reason="pride")
    assert listed_kinds(boss, "outcome=noted") == ["blog:post:pinned"]
    assert listed_kinds(boss, "user=boss")[0] == "blog:post:pinned"
    page = boss.get("/admin/log?outcome=noted").text
    assert "<code>blog:post:pinned</code> <small>no longer declared</small>" in page
    assert "<td>post:1</td>" in page
    assert listed_kinds(boss, "kind=blog") == []
    assert boss.get("/admin/log?kind=blog:post:pinned").status_code == 400
    assert "pinned" not in boss.get("/account/activity").text
    assert boss.get("/admin").status_code == boss.get("/account").status_code == 200
    lines = [json.loads(line) for line in blog.run("log", "export")[1].splitlines()]
    assert [line["target"] for line in lines if line["kind"] == "blog:post:pinned"] == ["post:1"]
    assert blog.run("log", "verify")[0] == 0


def test_the_pages_of_the_log_keep_the_filter(blog: Blog) -> None:
    boss = blog.signed_in("boss", "administrator")
    boss_id = id_of(blog, "boss")
    for _ in range(60):
        plant(blog, EventKind.ROLE_GRANTED, actor=str(boss_id), target="account:0", address="203.0.113.9")
    query = "kind=account&outcome=success&user=boss&address=203.0.113.9&from=2020-01-01&to=2030-01-01"
    page = boss.get(f"/admin/log?{query}").text
    links = [unescape(link) for link in re.findall(r'<a class="step" href="([^"]+)" rel="next"', page)]
    assert len(links) == 1
    assert set(links[0].partition("?")[2].split("&")) == {*query.split("&"), "page=2"}
    assert len(listed_kinds(boss, links[0].partition("?")[2])) == 25
    assert "60 events" in page


def test_the_chart_is_drawn_on_the_server_and_says_the_same_as_its_table(blog: Blog) -> None:
    boss = blog.signed_in("boss", "administrator")
    day = blog.clock.now()
    for name in ("/admin", "/admin/log"):
        page = boss.get(name)
        (svg,) = re.findall(r"<svg class=\"chart\".*?</svg>", page.text, re.DOTALL)
        assert not re.search(r"style=|<script|\son\w+=|href", svg)
        assert f"{day:%Y-%m-%d}: 1 Sign-ins" in svg
        rows = re.findall(
            r'<th scope="row">([\d-]+)</th><td>([\d,]+)</td><td>([\d,]+)</td><td>([\d,]+)</td>', page.text
        )
        assert len(rows) == 30
        assert rows[-1] == (f"{day:%Y-%m-%d}", "1", "0", "0")
    for span, days in (
        ("from=2020-01-01&to=2025-12-31", 92),
        ("from=2026-01-01&to=2026-01-01", 1),
        ("from=2999-01-01", 1),
    ):
        page = boss.get(f"/admin/log?{span}")
        assert page.status_code == 200
        assert len(re.findall(r'<tr><th scope="row">', page.text)) == days, span


def test_every_event_of_an_account_has_a_sentence_or_stays_with_the_administrators() -> None:
    """A new kind must be decided on: shown to owners, or named here."""
    kept_back = {
        "account:registration:requested", "account:invitation:issued", "account:password:rehashed",
        "account:password:breach_check_unavailable", "session:resume:refused", "session:agent:changed",
        "account:link:failure", "account:link:refused", "account:password:unreadable",
    }  # fmt: skip
    about_accounts = {kind for kind in EventKind if kind.startswith(("account:", "session:"))}
    assert {str(kind) for kind in about_accounts} == {*EVENT_SENTENCES, *kept_back}
    assert not set(EVENT_SENTENCES) & kept_back


@pytest.mark.asvs("V16.4.2")
def test_a_planted_row_shuts_no_page(blog: Blog) -> None:
    """Somebody who writes to the database makes rows that no event could have made."""
    boss = blog.signed_in("boss", "administrator")
    account = blog.services.stores.accounts.find_account("boss")
    assert account is not None
    planted = {"actor": "²", "target": f"account:{account.id}", "detail": '{"role": ["x"]}', "at": 2**62}
    numbers = {
        "actor": "9" * 30,
        "target": f"account:{account.id}",
        "detail": "[1]",
        "kind": "account:made:up",
    }
    with blog.engine.begin() as connection:
        for number, row in enumerate((planted, numbers, {"actor": "²"}, {"actor": "9" * 30})):
            values = {
                "id": 1000 + number, "at": 1_772_366_400_000_000, "kind": "account:logout:success", "outcome": "success",
                "actor": "", "target": "", "session": "", "address": "", "route": "", "request_id": "", "detail": "{}",
                **row,
            }  # fmt: skip
            names = ", ".join(values)
            marks = ", ".join("?" for _ in values)
            connection.exec_driver_sql(
                f"INSERT INTO bastide_event ({names}) VALUES ({marks})", tuple(values.values())
            )
    for path in ("/account", "/account/activity", "/admin", "/admin/log"):
        assert boss.get(path).status_code == 200, path
