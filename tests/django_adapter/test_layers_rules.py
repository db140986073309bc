"""Rules alone, beside accounts that are the project's own: who acts is ``request.user``."""

import pytest

from support.beside.project import START, Project


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
        "rules", last=everywhere, apps=["bastide.django"], **forgotten,
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


@pytest.mark.asvs("V8.2.1")
def test_who_asks_everybody_to_sign_in_leaves_out_what_has_a_rule(project: Project) -> None:
    everywhere = ["django.contrib.auth.middleware.LoginRequiredMiddleware"]
    project.holds(
        """
        import asyncio
        fill()
        assert Browser().get("/").content == b"welcome"
        assert Browser().get("/old").status_code == 302 and Browser().get("/old").headers["Location"] == "/"
        assert asyncio.run(AsyncBrowser().get("/later")).content == b"welcome, later"
        assert Browser().get("/only").status_code == 405
        assert Browser().get("/me").headers["Location"] == "/accounts/login/?next=/me"
        # What has none is asked about by Django, as is what says so in Django's words, or what a prefix says.
        assert Browser().get("/forgotten").headers["Location"] == "/accounts/login/?next=/forgotten"
        assert Browser().get("/mine").headers["Location"] == "/accounts/login/?next=/mine"
        maud = Browser()
        log_in(maud)
        assert maud.get("/forgotten").content == b"whoever maud is"
        """,
        "rules", last=everywhere, urls="support.beside.forgotten_urls", apps=["bastide.django"],
        prefixes=["/forgotten"],
    )  # fmt: skip
    assert "for LoginRequiredMiddleware" in project.refuses(START, "rules", last=everywhere)
