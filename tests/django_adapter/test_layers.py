"""Which layers go together, and what one that is taken alone asks for."""

from typing import Any

import pytest

from support.beside.project import START, Project


def test_the_check_before_a_migration_asks_nothing_of_accounts_that_are_not_there(project: Project) -> None:
    project.holds(
        """
        from django.core.management import call_command
        call_command("check", databases=["default"])
        """,
        "headers",
    )


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((), "no layer is named"),
        (("haeders",), "unknown layers: haeders"),
        (("accounts",), "take the whole"),
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


def test_checks_of_the_database_ask_nothing_of_accounts_that_are_off(project: Project) -> None:
    project.holds(
        """
        fill()
        found = run_checks(databases=["default"], include_deployment_checks=True)
        assert [each.id for each in found if each.id.startswith("bastide.")] == []
        """,
        "headers", apps=["bastide.django"],
    )  # fmt: skip
