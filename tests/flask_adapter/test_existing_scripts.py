"""Scripts of others and inline styles: a start that only reports, and the way from reports to a policy."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.orm import DeclarativeBase

from bastide.core.foundation import ConfigurationError
from bastide.flask import Layers, public

HERE = {"base_url": "https://localhost"}


def make(**csp: Any) -> Flask:
    app = Flask("there")
    app.config.update(SECRET_KEY="k" * 64, BASTIDE={"csp": csp})

    @app.get("/")
    @public
    def home() -> str:
        return "<script src='https://cdn.example.org/a.js'></script>"

    return app


def send(client: FlaskClient, directive: str, blocked: str) -> int:
    body = {"effective-directive": directive, "blocked-uri": blocked, "document-uri": "https://localhost/"}
    sent = json.dumps({"csp-report": body})
    return client.post("/csp-reports", data=sent, content_type="application/csp-report", **HERE).status_code


@pytest.mark.asvs("V3.4.3", "V3.4.7")
def test_an_application_starts_with_reports_and_ends_with_a_policy(tmp_path: Path) -> None:
    class Base(DeclarativeBase):
        pass

    engine = create_engine(f"sqlite:///{tmp_path / 'there.sqlite3'}")
    app = make(is_enforced=False)
    Layers("headers", "reports", "attempts", engine=engine, metadata=Base.metadata).init_app(app)
    Base.metadata.create_all(engine)
    assert set(Base.metadata.tables) == {"bastide_attempt", "bastide_violation"}
    client = app.test_client()
    answer = client.get("/", **HERE)
    assert "Content-Security-Policy" not in answer.headers
    assert "report-uri /csp-reports" in answer.headers["Content-Security-Policy-Report-Only"]
    for directive, blocked in (
        ("script-src-elem", "https://cdn.example.org"), ("style-src-elem", "https://cdn.example.org"),
        ("style-src-attr", "inline"),
    ):  # fmt: skip
        assert send(client, directive, blocked) == 204
    assert client.post("/csp-reports", data="x", content_type="text/plain", **HERE).status_code == 400
    printed = app.test_cli_runner().invoke(args=["bastide", "csp"]).output
    assert (
        "not proposed: script-src https://cdn.example.org (1 report, on /): give the element nonce" in printed
    )
    assert "not proposed: style-src 'unsafe-inline' (1 report, on /): move it into a file" in printed
    pasted = eval("{" + "\n".join(printed.splitlines()[: printed.splitlines().index("}}") + 1]) + "}")  # noqa: S307
    assert pasted == {"csp": {"directives": {"style-src": ["'self'", "https://cdn.example.org"]}}}
    enforced = make(**pasted["csp"])
    Layers("headers").init_app(enforced)
    policy = enforced.test_client().get("/", **HERE).headers["Content-Security-Policy"]
    assert "style-src 'self' https://cdn.example.org;" in policy
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM bastide_violation")) == 3
    engine.dispose()


@pytest.mark.asvs("V2.4.1")
def test_who_reports_without_end_is_stopped(tmp_path: Path) -> None:
    class Base(DeclarativeBase):
        pass

    engine = create_engine(f"sqlite:///{tmp_path / 'there.sqlite3'}")
    app = make()
    Layers("headers", "reports", "attempts", engine=engine, metadata=Base.metadata).init_app(app)
    Base.metadata.create_all(engine)
    client = app.test_client()
    assert [send(client, "img-src", f"https://a{number}.example.org") for number in range(61)][-2:] == [
        204,
        429,
    ]
    engine.dispose()


@pytest.mark.parametrize("layers", [("reports",), ("reports", "headers"), ("reports", "attempts")])
def test_reports_say_what_they_stand_on(layers: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match=r"reports needs headers.*and attempts"):
        Layers(*layers)
    assert "csp" not in make().cli.commands
