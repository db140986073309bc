"""Each layer alone, beside accounts that are the project's own: what it holds, and what it asks for."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from conftest import ROOT


class Project:
    """A project of Django's usual kind, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, script: str, *layers: str, **given: Any) -> subprocess.CompletedProcess[str]:
        """Run the script there; what it says on its last line is returned with it."""
        paths = os.pathsep.join(str(ROOT / name) for name in ("src", "tests"))
        beside = {"folder": str(self._folder), "layers": layers, **given}
        environment = {
            **os.environ, "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "support.beside.settings",
            "BESIDE": json.dumps(beside),
        }  # fmt: skip
        command = [sys.executable, "-c", "from support.beside.desk import *\n" + dedent(script)]
        return subprocess.run(  # noqa: S603 -- this interpreter
            command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False
        )

    def holds(self, script: str, *layers: str, **given: Any) -> None:
        done = self.ask(script, *layers, **given)
        assert done.returncode == 0, done.stdout + done.stderr

    def refuses(self, script: str, *layers: str, **given: Any) -> str:
        done = self.ask(script, *layers, **given)
        assert done.returncode != 0, done.stdout
        return done.stderr.strip().rpartition("\n")[2]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


START = "Browser().get('/')"


def test_the_check_before_a_migration_asks_nothing_of_accounts_that_are_not_there(project: Project) -> None:
    project.holds(
        """
        from django.core.management import call_command
        call_command("check", databases=["default"])
        """,
        "headers",
    )


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


@pytest.mark.asvs("V8.2.1", "V8.2.2", "V8.3.1")
def test_rules_alone_ask_who_request_user_says_is_there(project: Project) -> None:
    project.holds(
        """
        fill()
        maud, tomas, stranger = Browser(), Browser(), Browser()
        assert stranger.get("/accounts/login/").status_code == 200
        assert log_in(maud).headers["Location"] == "/"
        assert log_in(tomas, "tomas", "else").status_code == 302
        assert maud.get("/me").content == b"1 maud"
        assert "no-store" in maud.get("/me").headers["Cache-Control"]
        assert maud.get("/notes/1").content == b"of maud"
        assert tomas.get("/notes/1").status_code == 404
        assert tomas.get("/notes/1").content == b"<h1>our own 404</h1>\\n"
        assert stranger.get("/notes/1").headers["Location"] == "/accounts/login/?next=/notes/1"
        refused = maud.get("/edit")
        assert (refused.status_code, refused.content) == (403, b"<h1>our own 403</h1>\\n")
        assert tomas.get("/edit").content == b"edited"
        assert stranger.get("/me").headers["Location"] == "/accounts/login/?next=/me"
        as_program = stranger.get("/me", headers={"accept": "application/json"})
        assert (as_program.status_code, as_program.json()["status"]) == (401, 401)
        # What Django's own words say is left to them.
        assert maud.get("/mine").content == b"hello maud"
        assert stranger.get("/about").headers["Location"] == "/accounts/login/?next=/about"
        assert (maud.get("/theirs").status_code, tomas.get("/theirs").content) == (403, b"theirs")
        assert stranger.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
        assert Browser().get("/only").status_code == 405
        import asyncio
        later = AsyncBrowser()
        assert asyncio.run(later.get("/me")).headers["Location"] == "/accounts/login/?next=/me"
        later.cookies = maud.cookies
        assert asyncio.run(later.get("/me")).content == b"1 maud"
        assert asyncio.run(later.get("/notes/1")).content == b"of maud"
        assert complaints() == [] and tables() == set()
        """,
        "rules", apps=["bastide.django"],
    )  # fmt: skip


@pytest.mark.asvs("V8.2.1")
def test_who_is_signed_in_costs_no_query_before_a_right_is_asked(project: Project) -> None:
    project.holds(
        """
        from django.test.utils import CaptureQueriesContext
        fill()
        tomas = Browser()
        log_in(tomas, "tomas", "else")
        with CaptureQueriesContext(connection) as asked:
            tomas.get("/me")
        assert len(asked) == 2, asked.captured_queries
        """,
        "rules",
    )


def test_a_route_that_says_nothing_stops_the_start_by_name(project: Project) -> None:
    forgotten = {"urls": "support.beside.forgotten_urls"}
    assert "/forgotten" in project.refuses(START, "rules", **forgotten)
    project.holds(
        """
        assert complaints() == ["bastide.E005"]
        """,
        "rules", apps=["bastide.django"], **forgotten,
    )  # fmt: skip
    project.holds(START, "headers", **forgotten)
    everywhere = ["django.contrib.auth.middleware.LoginRequiredMiddleware"]
    project.holds(
        """
        assert Browser().get("/forgotten").headers["Location"] == "/accounts/login/?next=/forgotten"
        """,
        "rules", last=everywhere, **forgotten,
    )  # fmt: skip


def test_what_a_view_declares_holds_without_the_layer_that_asks_every_view(project: Project) -> None:
    project.holds(
        """
        fill()
        assert Browser().get("/me").headers["Location"] == "/accounts/login/?next=/me"
        assert Browser().get("/notes/1").status_code == 302
        """,
        "headers",
    )


@pytest.mark.asvs("V1.2.4")
def test_queries_alone_refuse_a_statement_that_carries_the_request(project: Project) -> None:
    project.holds(
        """
        fill()
        attack = "x' OR 'a'='a"
        assert Browser().get("/find", {"name": attack}).content == b"0"
        assert Browser().get("/find", {"name": "maud", "unsafe": "1"}).content == b"1"
        refused = Browser().get("/find", {"name": attack, "unsafe": "1"})
        assert (refused.status_code, b"maud" in refused.content) == (400, False)
        coded = {"name": "x+ACc- OR +ACc-a+ACc-=+ACc-a", "unsafe": "1"}
        coded = Browser().get("/find", coded, CONTENT_TYPE="text/plain; charset=utf-7")
        assert (coded.status_code, coded.content) != (200, b"1")
        import asyncio
        assert asyncio.run(AsyncBrowser().get("/find", {"name": attack, "unsafe": "1"})).status_code == 400
        assert complaints() == [] and tables() == set()
        """,
        "queries", apps=["bastide.django"],
    )  # fmt: skip
    assert '"bastide.django" in INSTALLED_APPS (queries)' in project.refuses(START, "queries")


@pytest.mark.asvs("V1.2.1", "V1.3.1")
def test_output_alone_cleans(project: Project) -> None:
    project.holds(
        """
        from django.template import engines
        from bastide import COMMENT, sanitize
        page = engines["django"].from_string("{% load bastide %}{{ html|sanitize }}{{ html }}")
        html = "<em>a</em><script>x</script>"
        assert page.render({"html": html}).startswith(str(sanitize(html, COMMENT)) + "&lt;em&gt;")
        assert complaints() == []
        """,
        "output", apps=["bastide.django"], first=[],
    )  # fmt: skip


@pytest.mark.asvs("V11.3.2")
def test_encrypted_fields_alone_need_a_key_ring_and_nothing_else(project: Project) -> None:
    project.holds(
        """
        from support.beside.models import Patient
        fill()
        Patient.objects.create(id=1, diagnosis="a cold")
        assert Patient.objects.get().diagnosis == "a cold"
        with connection.cursor() as cursor:
            cursor.execute("SELECT diagnosis FROM beside_patient")
            assert b"a cold" not in cursor.fetchone()[0]
        assert complaints() == [] and tables() == set()
        """,
        "encryption", apps=["bastide.django"], first=[], keys=True,
    )  # fmt: skip
    assert "BASTIDE_KEYS (encryption)" in project.refuses(START, "encryption")


@pytest.fixture
def attempts() -> dict[str, Any]:
    """What the layer asks for, and nothing else."""
    return {"apps": ["bastide.django", "bastide.django.attempts"]}


@pytest.mark.asvs("V6.3.1")
def test_the_budget_alone_stands_in_front_of_djangos_own_sign_in(
    project: Project, attempts: dict[str, Any]
) -> None:
    project.holds(
        """
        fill()
        assert tables() == {"bastide_attempt"} and complaints() == []
        told = []
        event_recorded.connect(lambda event, **_: told.append(event), weak=False)
        owner, guesser = Browser(), Browser()
        assert log_in(owner).status_code == 302
        assert owner.cookies["__Host-device"]["httponly"] and owner.cookies["__Host-device"]["secure"]
        assert owner.get("/mine").content == b"hello maud"
        assert [log_in(guesser, password="guess").status_code for _ in range(5)] == [200] * 5
        shut = log_in(guesser)
        assert (shut.status_code, shut.content) == (429, b"<h1>our own 429</h1>\\n")
        assert int(shut.headers["Retry-After"]) > 800
        assert guesser.get("/mine").status_code == 302
        # The other ways in draw from the same budget.
        admin = guesser.post("/admin/login/", {"username": "maud", "password": "right"})
        assert admin.status_code == 429
        form = {"username": "maud", "password": "right"}
        as_program = guesser.post("/accounts/login/", form, headers={"accept": "application/json"})
        assert (as_program.status_code, as_program.json()["status"]) == (429, 429)
        # The owner's browser signed in here before: no stranger shuts its lane.
        assert log_in(owner).status_code == 302
        assert log_in(Browser(), "tomas", "else").status_code == 302
        kinds = [str(event.kind) for event in told]
        assert kinds == [
            "account:login:success", *["account:login:failure"] * 5, "account:lock:set",
            *["account:login:refused"] * 3, "account:login:success", "account:login:success",
        ], kinds
        assert (told[0].actor, told[0].target, told[1].actor) == ("1", "account:1", "")
        """,
        "attempts", **attempts,
    )  # fmt: skip


@pytest.mark.asvs("V6.3.1")
def test_the_budget_is_one_for_several_backends_and_for_who_asks_without_a_request(
    project: Project, attempts: dict[str, Any]
) -> None:
    backends = [
        "support.beside.backends.Refusing", "support.beside.backends.Derived",
        "django.contrib.auth.backends.ModelBackend",
    ]  # fmt: skip
    project.holds(
        """
        import asyncio
        from django.contrib.auth import aauthenticate, authenticate, login
        fill()
        guesser = Browser()
        assert [log_in(guesser, password="guess").status_code for _ in range(5)] == [200] * 5
        assert log_in(guesser).status_code == 429
        browser = Client()
        assert browser.login(username="tomas", password="else") and not browser.login(username="maud", password="right")
        browser.force_login(User.objects.get(pk=1))
        assert browser.get("/mine").content == b"hello maud"
        for _ in range(7):
            assert authenticate(username="tomas", password="else").backend == "support.beside.backends.Derived"
            assert asyncio.run(aauthenticate(username="tomas", password="else")).pk == 2
        guesses = [asyncio.run(aauthenticate(username="tomas", password="guess")) for _ in range(5)]
        assert guesses == [None] * 5
        assert asyncio.run(aauthenticate(username="tomas", password="else")) is None
        call_command("bastide_purge")
        # What is no password is not counted.
        assert authenticate(remote_user="tomas") is None
        """,
        "attempts", backends=backends, **attempts,
    )  # fmt: skip


@pytest.mark.asvs("V6.3.1")
def test_many_guesses_of_one_request_are_each_counted(project: Project, attempts: dict[str, Any]) -> None:
    project.holds(
        """
        fill()
        answer = Browser().post("/many", {"name": "maud", "guesses": ["guess"] * 9 + ["right"]})
        assert answer.status_code == 429
        assert Browser().post("/many", {"name": "tomas", "guesses": ["guess", "else"]}).content == b"None tomas"
        """,
        "attempts", urls="support.beside.many_urls", **attempts,
    )  # fmt: skip


@pytest.mark.asvs("V6.3.1")
def test_the_budget_stands_in_front_of_rest_frameworks_ways_in(
    project: Project, attempts: dict[str, Any]
) -> None:
    attempts["apps"] += ["rest_framework", "rest_framework.authtoken"]
    project.holds(
        """
        from base64 import b64encode
        fill()
        def ask(password, name="maud"):
            told = "Basic " + b64encode(f"{name}:{password}".encode()).decode()
            return Browser().get("/drf", headers={"authorization": told})
        def token(password, name="tomas"):
            return Browser().post("/token", {"username": name, "password": password})
        for _ in range(7):
            assert ask("right").json() == {"name": "maud"}
            assert token("else").json()["token"]
        assert [ask("guess").status_code for _ in range(6)] == [401] * 5 + [429]
        assert int(ask("right").headers["Retry-After"]) > 800
        assert [token("guess").status_code for _ in range(6)] == [400] * 5 + [429]
        """,
        "attempts", urls="support.beside.drf_urls", **attempts,
    )  # fmt: skip


@pytest.mark.asvs("V6.3.1")
def test_the_budget_stands_in_front_of_allauth(project: Project, attempts: dict[str, Any]) -> None:
    attempts["apps"] += ["allauth", "allauth.account"]
    attempts["backends"] = [
        "django.contrib.auth.backends.ModelBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ]
    project.holds(
        """
        fill()
        def enter(browser, password="right", name="maud@example.org"):
            return browser.post("/accounts/login/", {"login": name, "password": password})
        owner, guesser = Browser(), Browser()
        assert enter(owner).status_code == 302
        assert owner.get("/mine").content == b"hello maud"
        assert [enter(guesser, "guess").status_code for _ in range(6)] == [200] * 5 + [429]
        assert enter(guesser).status_code == 429
        assert enter(Browser(), "else", "tomas").status_code == 302
        """,
        "attempts", urls="support.beside.allauth_urls", last=["allauth.account.middleware.AccountMiddleware"],
        **attempts,
    )  # fmt: skip


@pytest.mark.asvs("V16.4.2")
def test_the_log_alone_keeps_a_chain(project: Project) -> None:
    project.holds(
        """
        fill()
        assert tables() == {"bastide_event", "bastide_chain"} and complaints() == []
        foreign = {"origin": "https://evil.example"}
        assert Browser().post("/post", {"text": "words"}, headers=foreign).status_code == 403
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, length(link) FROM bastide_event")
            assert cursor.fetchall() == [("request:csrf:refused", 32)]
        call_command("bastide_log", "verify")
        call_command("bastide_purge")
        """,
        "log", "forgery", apps=["bastide.django", "bastide.django.log"],
    )  # fmt: skip


@pytest.mark.asvs("V5.2.2")
def test_uploads_alone_keep_files_of_declared_kinds(project: Project) -> None:
    project.holds(
        """
        from io import BytesIO
        fill()
        assert tables() == {"bastide_upload"} and complaints() == []
        def file(name, body):
            there = BytesIO(body)
            there.name = name
            return {"file": there}
        maud = Browser()
        assert maud.post("/send", file("a.txt", b"plain words")).status_code == 302
        log_in(maud)
        sent = maud.post("/send", file("a.txt", b"plain words"))
        assert sent.content == b"a.txt text/plain", sent.content
        assert maud.post("/send", file("a.html", b"<script>x</script>")).status_code == 415
        assert maud.post("/send", file("a.png", b"<script>x</script>")).status_code == 415
        # Beside the one file, too, nothing is kept that is larger than any.
        assert maud.post("/send", {**file("a.txt", b"words"), "more": BytesIO(b"x" * 7_000_000)}).status_code == 413
        call_command("bastide_purge")
        # Views of the project's own take what they took.
        assert maud.post("/post", file("a.bin", b"x" * 2_000_000)).status_code == 200
        """,
        "uploads", apps=["bastide.django", "bastide.django.uploads"], uploads=True,
        urls="support.beside.files_urls",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((), "no layer is named"),
        (("haeders",), "unknown layers: haeders"),
        (("accounts",), "take the whole"),
        (("attempts", "api_tokens"), "take the whole"),
    ],
)
def test_layers_that_do_not_exist_or_stand_on_accounts_are_refused(
    project: Project, layers: tuple[str, ...], words: str
) -> None:
    assert words in project.refuses(START, *layers)


@pytest.mark.parametrize(
    ("layer", "given", "lacks"),
    [
        ("attempts", {}, '"bastide.django.attempts" in INSTALLED_APPS (attempts)'),
        ("log", {}, '"bastide.django.log" in INSTALLED_APPS (log)'),
        ("uploads", {}, 'BASTIDE["upload_storage"] (uploads)'),
        ("headers", {"bastide": {"roles": {"editor": ["edit"]}}}, "no layer that is on works with roles"),
        ("headers", {"urls": "support.beside.files_urls"}, "/send takes files: take the layer uploads"),
        ("headers", {"first": ["bastide.django.middleware.BastideMiddleware"]}, "LayersMiddleware"),
        (
            "headers",
            {"backends": ["bastide.django.auth.BastideBackend"]},
            "AUTHENTICATION_BACKENDS of your own",
        ),
    ],
)
def test_what_does_not_fit_together_is_told_by_name(
    project: Project, layer: str, given: dict[str, Any], lacks: str
) -> None:
    assert lacks in project.refuses(START, layer, **given)


def test_what_a_layer_that_is_off_keeps_cannot_be_asked(project: Project) -> None:
    said = project.refuses(
        """
        from bastide.django import bastide
        bastide().services.stores.attempts.purge_attempts(now=None)
        """,
        "headers",
    )
    assert "the layer attempts is off" in said


@pytest.mark.asvs("V8.2.1")
def test_views_of_rest_framework_say_by_their_permissions_whom_they_let_in(project: Project) -> None:
    project.holds(
        """
        from django.urls import path
        from rest_framework.decorators import api_view, permission_classes
        from rest_framework.permissions import AllowAny, IsAuthenticated
        from rest_framework.views import APIView
        from bastide.django.requests.beside import declared_rule
        from bastide.django import public

        class Silent(APIView):
            pass

        class Asking(APIView):
            permission_classes = [IsAuthenticated]

        @api_view()
        def silent(request): ...

        @api_view()
        @permission_classes([AllowAny])
        def chosen(request): ...

        assert declared_rule(Silent.as_view()) is None and declared_rule(silent) is None
        assert declared_rule(Asking.as_view()) and declared_rule(chosen) and declared_rule(public(silent))
        """,
        "rules", apps=["bastide.django", "rest_framework"],
    )  # fmt: skip


def test_checks_of_the_database_ask_nothing_of_accounts_that_are_off(project: Project) -> None:
    project.holds(
        """
        fill()
        found = run_checks(databases=["default"], include_deployment_checks=True)
        assert [each.id for each in found if each.id.startswith("bastide.")] == []
        """,
        "headers", apps=["bastide.django"],
    )  # fmt: skip
