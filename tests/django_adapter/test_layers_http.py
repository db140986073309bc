"""Headers, transport and forgery alone, beside accounts that are the project's own."""

import pytest

from support.beside.project import START, Project


@pytest.mark.asvs("V3.4.3")
def test_headers_and_policy_alone_ask_for_nothing(project: Project) -> None:
    project.holds(
        """
        answer = Browser().get("/")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age="), answer.headers
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "report-uri" not in policy and "Reporting-Endpoints" not in answer.headers
        assert not answer.cookies
        page = Browser().get("/page")
        nonce = page.text.rpartition(">")[2]
        assert nonce and f"nonce='{nonce}'" in page.text
        assert f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
        assert "no-store" in page.headers["Cache-Control"]
        assert Browser().get("/mine").headers["Location"] == "/accounts/login/?next=/mine"
        import asyncio
        later = asyncio.run(AsyncBrowser().get("/later"))
        assert later.content == b"welcome, later"
        assert later.headers["Content-Security-Policy"] == policy, (later.headers, policy)
        assert complaints() == []
        fill()
        assert tables() == set()
        """,
        "headers",
    )


@pytest.mark.asvs("V3.4.3")
def test_another_policy_beside_ours_is_told(project: Project) -> None:
    project.holds(
        "assert complaints() == ['bastide.E002'], complaints()",
        "headers", apps=["bastide.django"], first=["django.middleware.common.CommonMiddleware"],
    )  # fmt: skip


@pytest.mark.asvs("V4.1.2", "V12.2.1")
def test_transport_alone_refuses_hosts_and_sends_people_to_https(project: Project) -> None:
    project.holds(
        """
        assert Browser().get("/").content == b"welcome"
        assert Browser().get("/", headers={"host": "evil.example"}).status_code == 400
        plain = Client(HTTP_HOST="localhost").get("/?a=b")
        assert (plain.status_code, plain.headers["Location"]) == (308, "https://localhost/?a=b")
        assert "Content-Security-Policy" not in Browser().get("/").headers
        import asyncio
        evil = asyncio.run(AsyncClient(headers={"host": "evil.example"}).get("/later"))
        assert evil.status_code == 400
        assert complaints() == []
        """,
        "transport", hosts=["localhost"],
    )  # fmt: skip
    assert "allowed_hosts" in project.refuses(START, "transport", hosts=[])


@pytest.mark.asvs("V3.5.1")
def test_forgery_alone_adds_what_the_browser_says_of_the_origin(project: Project) -> None:
    project.holds(
        """
        from django.test import override_settings
        browser = Browser(enforce_csrf_checks=True)
        browser.get("/accounts/login/")
        form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value, "text": "words"}
        own = {"origin": "https://localhost", "sec-fetch-site": "same-origin"}
        assert browser.post("/post", form, headers=own).content == b"taken: words"
        sibling = {"origin": "https://localhost", "sec-fetch-site": "same-site"}
        refused = browser.post("/post", form, headers=sibling)
        assert (refused.status_code, refused.content) == (403, b"<h1>our own 403</h1>\\n")
        assert browser.post("/post", {"text": "words"}, headers=own).status_code == 403
        partner = {"origin": "https://partner.example", "sec-fetch-site": "cross-site"}
        assert browser.post("/post", form, headers=partner).status_code == 403
        with override_settings(CSRF_TRUSTED_ORIGINS=["https://partner.example"]):
            assert Browser().post("/post", form, headers=partner).status_code == 200
        assert complaints() == []
        """,
        "forgery",
    )
