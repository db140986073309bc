"""Queries, output and encryption alone: what the project keeps and shows."""

from typing import Final

import pytest

from support.beside.project import START, Project

KEYS: Final = ["bastide.django", "bastide.django.keys"]


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
        "encryption", apps=KEYS, first=[], keys=True,
    )  # fmt: skip
    assert "BASTIDE_KEYS (encryption)" in project.refuses(START, "encryption")


@pytest.mark.asvs("V11.2.2")
def test_keys_are_listed_and_changed_without_accounts(project: Project) -> None:
    project.holds(
        """
        from io import StringIO
        from django.conf import settings
        from django.core.management import CommandError
        from django.test import override_settings
        from support.beside.models import Patient
        def run(*words):
            said = StringIO()
            call_command("bastide_keys", *words, stdout=said)
            return said.getvalue()
        def starts():
            with connection.cursor() as cursor:
                cursor.execute("SELECT substr(diagnosis, 1, 3) FROM beside_patient")
                return {bytes(row[0]) for row in cursor.fetchall()}
        def findings():
            found = run_checks(databases=["default"], include_deployment_checks=True)
            return [each.id for each in found if each.id.startswith("bastide.")]
        fill()
        for number in range(3):
            Patient.objects.create(id=number, diagnosis=f"a cold {number}")
        assert "beside_patient.diagnosis" in run("list") and findings() == [], findings()
        before, former = starts(), settings.BASTIDE_KEYS
        with override_settings(BASTIDE_KEYS=former + "\\n" + run("new")):
            run("rotate")
            assert starts() != before and len(starts()) == 1
            assert [each.diagnosis for each in Patient.objects.order_by("id")] == [f"a cold {n}" for n in range(3)]
        # Without the key that seals now.
        assert findings() == ["bastide.E011"], findings()
        try:
            run("list")
        except CommandError as error:
            assert "a key is gone" in str(error)
        else:
            raise AssertionError
        """,
        "encryption", apps=KEYS, first=[], keys=True,
    )  # fmt: skip


@pytest.mark.asvs("V11.3.2")
def test_a_missing_key_ring_is_told_by_its_own_check(project: Project) -> None:
    project.holds(
        """
        from io import StringIO
        from django.conf import settings
        from django.test import override_settings
        assert complaints() == ["bastide.E006"], complaints()
        with override_settings(BASTIDE_KEYS=settings.FOLDER / "missing"):
            assert complaints() == ["bastide.E006"], complaints()
        said = StringIO()
        call_command("bastide_keys", "new", stdout=said)
        assert len(said.getvalue()) > 40
        """,
        "encryption", apps=KEYS, first=[],
    )  # fmt: skip
