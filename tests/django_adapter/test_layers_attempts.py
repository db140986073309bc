"""The attempt budget alone, in front of whatever signs people in."""

from typing import Any

import pytest

from support.beside.project import Project


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


@pytest.fixture
def either(attempts: dict[str, Any]) -> dict[str, Any]:
    """A backend that is handed two names at once, and looks at both."""
    return {**attempts, "backends": ["support.beside.backends.ByEither"]}


@pytest.mark.asvs("V6.3.1")
def test_a_second_name_beside_the_first_buys_no_guesses(project: Project, either: dict[str, Any]) -> None:
    project.holds(
        """
        from django.contrib.auth import authenticate
        fill()
        def enter(name, email, password):
            user = authenticate(username=name, email=email, password=password)
            return user and user.username
        for n in range(5):
            assert enter(f"nobody{n}", "maud@example.org", "guess") is None
        assert enter("nobody", "maud@example.org", "right") is None
        for n in range(5):
            assert enter("tomas", f"nobody{n}@example.org", "guess") is None
        assert enter("tomas", "", "else") is None
        """,
        "attempts", **either,
    )  # fmt: skip


@pytest.mark.asvs("V6.3.1")
def test_who_signs_in_gets_no_guesses_at_a_second_name(project: Project, either: dict[str, Any]) -> None:
    project.holds(
        """
        from django.contrib.auth import authenticate
        fill()
        def enter(name, email, password):
            user = authenticate(username=name, email=email, password=password)
            return user and user.username
        # With an account of one's own the lane of somebody else's name neither opens nor is vouched for.
        for n in range(4):
            assert enter("maud", "", "guess") is None
        assert enter("maud", "tomas@example.org", "else") == "tomas"
        assert enter("maud", "", "right") is None
        # Both names of one person go on as one.
        for n in range(7):
            assert enter("tomas", "tomas@example.org", "else") == "tomas"
        """,
        "attempts", **either,
    )  # fmt: skip


@pytest.mark.asvs("V6.3.1")
def test_people_whom_a_project_knows_by_a_word_of_its_own_have_a_budget_each(
    project: Project, attempts: dict[str, Any]
) -> None:
    project.holds(
        """
        from django.contrib.auth import authenticate
        fill()
        for n in range(5):
            assert authenticate(badge="maud", password="guess") is None
        assert authenticate(badge="maud", password="right") is None
        assert authenticate(badge="tomas", password="else").username == "tomas"
        """,
        "attempts", backends=["support.beside.backends.ByBadge"], **attempts,
    )  # fmt: skip


@pytest.mark.asvs("V6.3.1")
def test_the_budget_stands_in_front_of_allauths_sign_in_for_programs(
    project: Project, attempts: dict[str, Any]
) -> None:
    attempts["apps"] += ["allauth", "allauth.account", "allauth.headless"]
    attempts["backends"] = ["allauth.account.auth_backends.AuthenticationBackend"]
    project.holds(
        """
        import json
        fill()
        def enter(password, kind="app", email="maud@example.org"):
            said = json.dumps({"email": email, "password": password})
            return Browser().post(f"/_allauth/{kind}/v1/auth/login", said, content_type="application/json")
        entered = enter("right").json()
        headers = {"x-session-token": entered["meta"]["session_token"]}
        assert Browser().get("/_allauth/app/v1/auth/session", headers=headers).status_code == 200
        assert [enter("guess").status_code for _ in range(6)] == [400] * 5 + [429]
        assert enter("right", "browser").status_code == 429
        # The form for people draws from the same.
        form = {"login": "maud@example.org", "password": "right"}
        assert Browser().post("/accounts/login/", form).status_code == 429
        assert enter("else", email="tomas@example.org").status_code == 200
        """,
        "attempts", "headers", "rules", "forgery", "queries", urls="support.beside.headless_urls",
        last=["allauth.account.middleware.AccountMiddleware"], login_methods=["email"],
        prefixes=["/accounts/"], **attempts,
    )  # fmt: skip
