"""API tokens alone, of the project's own users."""

from textwrap import dedent
from typing import Any

import pytest

from support.beside.project import START, Project

TOKENS: dict[str, Any] = {
    "apps": ["bastide.django", "bastide.django.attempts", "bastide.django.tokens"],
    "urls": "support.beside.token_urls",
}
# Two people with a right or two, and a token of each.
BEGIN = """
def bearer(text):
    return {"authorization": f"Bearer {text}"}
def issue(browser, *scopes, **headers):
    return browser.post("/tokens", {"scope": scopes}, headers=headers)
fill()
maud, tomas = Browser(), Browser()
log_in(maud)
log_in(tomas, "tomas", "else")
text = issue(tomas, "beside.change_note").content.decode()
program = Browser(enforce_csrf_checks=True)
"""


def begun(script: str) -> str:
    return BEGIN + dedent(script)


@pytest.mark.asvs("V8.2.1", "V7.4.2", "V8.3.1")
def test_tokens_alone_act_for_the_projects_own_users(project: Project) -> None:
    project.holds(
        begun("""
        assert tables() == {"bastide_token", "bastide_attempt"} and complaints() == []
        assert len(text) == 65, text
        assert issue(maud, "beside.change_note").status_code == 400
        asked = program.get("/api/who", headers=bearer(text))
        assert asked.json() == {
            "name": "tomas", "same": True, "may": ["beside.change_note"], "both": False,
            "all": ["beside.change_note"], "module": False,
        }, asked.content
        assert "no-store" in asked.headers["Cache-Control"] and "Authorization" in asked.headers["Vary"]
        # No other site can make a browser send a token, so no form token is asked for.
        sent = program.post("/api/change", {"text": "words"}, headers=bearer(text))
        assert sent.content == b"changed words", sent.content
        # A cookie beside it says nothing: the token does.
        assert maud.get("/api/who", headers=bearer(text)).json()["name"] == "tomas"
        assert maud.get("/api/anybody").content == b"maud"
        assert program.get("/api/anybody").content == b"stranger"
        # Where no tokens are taken it opens nothing, and a token of the project's own is its own.
        assert program.get("/mine", headers=bearer(text)).status_code == 302
        assert maud.get("/own", headers=bearer("theirs")).content == b"Bearer theirs maud"
        # Tokens make no tokens, made-up ones open nothing.
        assert issue(program, "beside.change_note", **bearer(text)).status_code == 403
        refused = program.get("/api/who", headers=bearer("made-up"))
        assert (refused.status_code, refused.headers["WWW-Authenticate"][:6]) == (401, "Bearer")
        # What the owner lost, the token has lost; of who was disabled nothing is left.
        user = User.objects.get(username="tomas")
        user.user_permissions.clear()
        assert program.post("/api/change", headers=bearer(text)).status_code == 403
        assert program.get("/api/who", headers=bearer(text)).json()["may"] == []
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert program.get("/api/who", headers=bearer(text)).status_code == 401
        User.objects.filter(pk=user.pk).update(is_active=True)
        (token_id,) = tomas.get("/tokens").json()
        assert maud.delete(f"/tokens?id={token_id}").json() == {"revoked": False}
        assert tomas.delete(f"/tokens?id={token_id}").json() == {"revoked": True}
        assert program.get("/api/who", headers=bearer(text)).status_code == 401
        """),
        "api_tokens", "attempts", **TOKENS,
    )  # fmt: skip


@pytest.mark.asvs("V8.2.1")
def test_a_superusers_token_says_no_more_than_its_scopes(project: Project) -> None:
    project.holds(
        begun("""
        User.objects.filter(username="maud").update(is_superuser=True, is_staff=True)
        text = issue(maud, "beside.delete_note").content.decode()
        told = program.get("/api/who", headers=bearer(text)).json()
        assert (told["may"], told["all"], told["module"]) == (["beside.delete_note"], ["beside.delete_note"], False)
        assert program.post("/api/change", headers=bearer(text)).status_code == 403
        assert program.get("/admin/", headers=bearer(text)).status_code == 302
        """),
        "api_tokens", "attempts", **TOKENS,
    )  # fmt: skip


@pytest.mark.asvs("V6.3.1")
def test_tokens_that_open_nothing_are_counted_and_the_owners_program_goes_on(project: Project) -> None:
    project.holds(
        begun("""
        import asyncio
        from bastide.core.api_tokens.token_text import issue_token_text
        from bastide import SystemEntropy
        made_up = [issue_token_text(SystemEntropy()).text.reveal() for _ in range(21)]
        assert program.get("/api/who", headers=bearer(text)).status_code == 200
        tried = [program.get("/api/who", headers=bearer(each)).status_code for each in made_up]
        assert tried == [401] * 20 + [429], tried
        assert program.get("/api/who", headers=bearer(text)).status_code == 200
        # The same where no thread answers.
        later = AsyncBrowser()
        asked = asyncio.run(later.post("/api/change-later", headers=bearer(text)))
        assert asked.content == b"tomas True", asked.content
        assert asyncio.run(later.get("/api/anybody", headers=bearer(text))).content == b"tomas"
        assert asyncio.run(later.get("/api/who", headers=bearer(made_up[0]))).status_code == 429
        """),
        "api_tokens", "attempts", "forgery", "rules", **TOKENS,
    )  # fmt: skip


def test_commands_issue_list_and_revoke(project: Project) -> None:
    project.holds(
        begun("""
        from io import StringIO
        from django.core.management import CommandError
        def run(*words):
            said = StringIO()
            call_command("bastide_tokens", *words, stdout=said)
            return said.getvalue().splitlines()
        assert run("list", "maud") == ["0 API tokens"]
        (made,) = run("issue", "tomas", "--token-name", "nightly", "--scope", "beside.change_note", "--days", "7")
        assert program.get("/api/who", headers=bearer(made)).json()["name"] == "tomas"
        listed = run("list", "tomas")
        assert listed[0] == "2 API tokens" and sum("nightly" in line for line in listed) == 1
        for words in (
            ("issue", "maud", "--token-name", "x", "--scope", "beside.change_note"), ("list", "nobody"),
            ("issue", "tomas", "--token-name", "x", "--scope", "beside.change_note", "--days", "9999"),
        ):
            try:
                run(*words)
            except CommandError:
                continue
            raise AssertionError(words)
        assert run("revoke", "tomas") == ["0 API tokens"]
        assert program.get("/api/who", headers=bearer(made)).status_code == 401
        assert run("list", "maud") == ["0 API tokens"]
        call_command("bastide_purge")
        """),
        "api_tokens", "attempts", **TOKENS,
    )  # fmt: skip


@pytest.mark.asvs("V8.2.1", "V3.5.1")
def test_views_of_rest_framework_take_tokens_by_a_class(project: Project) -> None:
    project.holds(
        begun("""
        def ask(text, path="/drf/notes", method="get"):
            return getattr(program, method)(path, headers=bearer(text))
        assert ask(text).json() == {"name": "tomas", "by": "tomas", "scopes": ["beside.change_note"]}
        assert ask(text, method="post").json()["name"] == "tomas"
        refused = ask("made-up")
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer"), refused.headers
        assert refused.json() == {"detail": "No token opens this."}, refused.json()
        assert program.get("/drf/notes").status_code == 401
        assert program.get("/drf/notes", headers={"authorization": "Basic eDp5"}).status_code == 401
        # What the framework's permissions ask, the scopes answer.
        User.objects.filter(username="tomas").update(is_superuser=True)
        assert ask(text, "/drf/rights").json() == {"change": True, "delete": False}
        User.objects.filter(username="tomas").update(is_active=False)
        assert ask(text).status_code == 401
        from bastide import SystemEntropy
        from bastide.core.api_tokens.token_text import issue_token_text
        made_up = [issue_token_text(SystemEntropy()).text.reveal() for _ in range(21)]
        answers = [ask(each) for each in made_up]
        assert [each.status_code for each in answers] == [401] * 20 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 800
        """),
        "api_tokens", "attempts", "rules",
        **{**TOKENS, "apps": [*TOKENS["apps"], "rest_framework"], "urls": "support.beside.drf_token_urls"},
    )  # fmt: skip


def test_what_tokens_need_is_told_by_name(project: Project) -> None:
    said = project.refuses(
        START, "api_tokens", "attempts", apps=["bastide.django", "bastide.django.attempts"]
    )
    assert '"bastide.django.tokens" in INSTALLED_APPS (api_tokens)' in said
    assert "api_tokens needs attempts" in project.refuses(START, "api_tokens", **TOKENS)
