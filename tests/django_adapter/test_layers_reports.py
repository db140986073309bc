"""Reports of browsers alone: taken, counted, and turned into directives."""

from typing import Any

import pytest

from support.beside.project import START, Project

REPORTS: dict[str, Any] = {
    "apps": ["bastide.django", "bastide.django.attempts", "bastide.django.reports"],
    "urls": "support.beside.report_urls",
}
LAYERS = ("headers", "reports", "attempts")


@pytest.mark.asvs("V3.4.3")
def test_reports_alone_are_taken_counted_and_made_directives(project: Project) -> None:
    project.holds(
        """
        from io import StringIO
        fill()
        assert tables() == {"bastide_violation", "bastide_attempt"} and complaints() == []
        answer = Browser().get("/")
        assert "report-uri /csp-reports" in answer.headers["Content-Security-Policy"]
        def report(blocked, browser=Browser(enforce_csrf_checks=True)):
            body = {"csp-report": {
                "effective-directive": "img-src", "blocked-uri": blocked, "document-uri": "https://localhost/page",
            }}
            kind = "application/csp-report"
            # As browsers send it: of no site, and with no form's token.
            return browser.post("/csp-reports", json.dumps(body), content_type=kind, headers={"origin": "null"})
        import json
        assert [report("https://images.example/a.png").status_code for _ in range(2)] == [204, 204]
        assert Browser().get("/csp-reports").status_code == 405
        assert Browser().post("/csp-reports", "{", content_type="application/csp-report").status_code == 400
        with connection.cursor() as cursor:
            cursor.execute("SELECT directive, count FROM bastide_violation")
            assert cursor.fetchall() == [("img-src", 2)]
        said = StringIO()
        call_command("bastide_csp", stdout=said)
        assert '"img-src": ["\\'self\\'", ' in said.getvalue() and "https://images.example" in said.getvalue()
        rated = [report("https://more.example/").status_code for _ in range(200)]
        assert rated[-1] == 429, rated
        """,
        *LAYERS, "forgery", "rules", **REPORTS,
    )  # fmt: skip


def test_a_project_without_an_address_for_reports_is_told(project: Project) -> None:
    project.holds(
        "assert complaints() == ['bastide.E012'], complaints()",
        *LAYERS, apps=REPORTS["apps"],
    )  # fmt: skip
    said = project.refuses(START, *LAYERS, apps=REPORTS["apps"][:2])
    assert '"bastide.django.reports" in INSTALLED_APPS (reports)' in said
    assert "reports needs headers" in project.refuses(START, "reports", "attempts", **REPORTS)
