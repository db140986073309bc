"""Queries, output and encryption alone: what the application keeps and shows."""

from pathlib import Path

import pytest
from flask import render_template, request
from jinja2 import DictLoader
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bastide import (
    COMMENT,
    SystemEntropy,
    new_ring,
    sanitize,
)
from bastide.core.foundation import ConfigurationError
from bastide.flask import (
    EncryptedText,
    Layers,
)
from bastide.testing import Tripped
from support.flask_beside import HERE, make


@pytest.mark.asvs("V1.2.4")
def test_queries_alone_refuse_a_statement_that_carries_the_request(
    engine: Engine, tripwires: Tripped
) -> None:
    app = make()
    Layers("queries", engine=engine).init_app(app)

    @app.get("/find")
    def find() -> str:
        with engine.connect() as connection:
            name = request.args["name"]
            if "unsafe" in request.args:
                return str(connection.scalar(text(f"SELECT count(*) FROM user WHERE username = '{name}'")))
            return str(
                connection.scalar(text("SELECT count(*) FROM user WHERE username = :name"), {"name": name})
            )

    client = app.test_client()
    attack = "x' OR 'a'='a"
    assert client.get("/find", query_string={"name": attack}, **HERE).text == "0"
    with tripwires.expected():
        assert client.get("/find", query_string={"name": attack, "unsafe": "1"}, **HERE).status_code == 400
    assert client.get(f"/find?name=x&id={2**40}", **HERE).text == "0"


@pytest.mark.asvs("V1.2.1", "V1.3.1")
def test_output_alone_escapes_and_cleans() -> None:
    app = make()
    app.jinja_env.filters["own"] = str.upper
    Layers("output").init_app(app)
    with app.test_request_context():
        page = app.jinja_env.from_string("{{ html }}").render(html="<b>")
        assert page == "&lt;b&gt;"
        app.jinja_loader = DictLoader({"page.txt": "{{ html }}"})
        assert render_template("page.txt", html="<b>") == "&lt;b&gt;"
        cleaned = app.jinja_env.from_string("{{ html | sanitize }}").render(
            html="<em>a</em><script>x</script>"
        )
    assert cleaned == sanitize("<em>a</em><script>x</script>", COMMENT) == "<em>a</em>"


@pytest.mark.asvs("V11.3.2")
def test_encrypted_columns_alone_need_a_key_ring_and_nothing_else(tmp_path: Path) -> None:
    class Own(DeclarativeBase):
        pass

    class Patient(Own):
        __tablename__ = "patient"
        id: Mapped[int] = mapped_column(primary_key=True)
        diagnosis: Mapped[str] = mapped_column(EncryptedText(row="id"))

    engine = create_engine(f"sqlite:///{tmp_path / 'sealed.sqlite3'}")
    app = make(BASTIDE_KEYS=new_ring(SystemEntropy()))
    Layers("encryption", metadata=Own.metadata).init_app(app)
    Own.metadata.create_all(engine)
    assert set(Own.metadata.tables) == {"patient"}
    with Session(engine) as database:
        database.add(Patient(id=1, diagnosis="a cold"))
        database.commit()
        assert database.scalar(select(Patient)).diagnosis == "a cold"  # type: ignore[union-attr]
        assert b"a cold" not in database.scalar(text("SELECT diagnosis FROM patient"))
    with pytest.raises(ConfigurationError, match="BASTIDE_KEYS"):
        Layers("encryption", metadata=Own.metadata).init_app(make())
