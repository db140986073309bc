"""The security log and uploads alone, each with its own tables."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, text

from bastide import (
    FolderStorage,
)
from bastide.flask import (
    Layers,
    receive_upload,
    takes_files,
)
from support.flask_beside import HERE, SECRET, log_in, make, tables_of, with_login


@pytest.mark.asvs("V16.4.2")
def test_the_log_alone_keeps_a_chain(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    Layers("log", "forgery", engine=engine, metadata=kept).init_app(app)
    kept.create_all(engine)
    assert tables_of(kept) == {"bastide_event", "bastide_chain"}

    @app.post("/post")
    def post() -> str:
        return "taken"

    assert app.test_client().post("/", **HERE).status_code == 405
    assert app.test_client().post("/post", **HERE).status_code == 403
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT kind, link FROM bastide_event")).all()
    assert [(kind, len(link)) for kind, link in rows] == [("request:csrf:refused", 32)]


def test_what_layers_keep_is_purged_and_the_log_checked_by_commands(
    engine: Engine, kept: MetaData, tmp_path: Path
) -> None:
    def run(*names: str) -> list[str]:
        app = make(SECRET_KEY=SECRET, SECRET_KEY_FALLBACKS=["dev"])
        Layers(*names, engine=engine, metadata=kept).init_app(app)
        kept.create_all(engine)
        runner = app.test_cli_runner()
        ran = [runner.invoke(args=["bastide", *words]) for words in (("purge",), ("log", "verify"))]
        return [f"{each.exit_code} {each.output}".splitlines()[0] for each in ran]

    assert run("attempts") == [
        "0 0 attempt lanes deleted",
        "2 Usage: there bastide [OPTIONS] COMMAND [ARGS]...",
    ]
    purged, verified = run("log", "attempts")
    assert purged == "0 0 attempt lanes deleted"
    assert verified.startswith("0 ")
    assert "bastide" not in make().cli.commands


@pytest.mark.asvs("V5.2.2")
def test_uploads_alone_keep_files_of_declared_kinds(engine: Engine, kept: MetaData, tmp_path: Path) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)

    class Owner:
        metadata = kept
        __table__ = kept.tables["user"]

    Layers("uploads", engine=engine, users=Owner, upload_storage=FolderStorage(tmp_path / "files")).init_app(
        app
    )
    kept.create_all(engine)
    assert tables_of(kept) == {"bastide_upload"}

    @app.post("/files")
    @takes_files
    def send() -> Any:
        upload = receive_upload("note:1")
        return {"name": upload.display_name, "type": upload.media_type}

    client = app.test_client()
    log_in(client)

    def post(name: str, body: bytes) -> Any:
        return client.post("/files", data={"file": (BytesIO(body), name)}, **HERE)

    assert post("a.txt", b"plain words").json == {"name": "a.txt", "type": "text/plain"}
    assert post("a.html", b"<script>x</script>").status_code == 415
    assert post("a.png", b"<script>x</script>").status_code == 415
