"""A notebook made by following docs/howto/flask.md and nothing else."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

GUIDE = (ROOT / "docs/howto/flask.md").read_text(encoding="utf-8")
STORAGE = """
from bastide import FolderStorage

storage = FolderStorage(Path("uploads"))"""
SHARE = """
from bastide.flask import record

@app.post("/notes/<int:note_id>/share")
@policy_required(own_note, Note)
def share(note):
    record(NoteEvent.SHARED, target=f"note:{note.id}")
    return "", 204
"""
TRIAL = """
import pathlib
from io import BytesIO
import re
from app import app, bastide
from models import Patient, engine, session
from sqlalchemy import select, text

PASSWORD = "correct horse battery staple"
ORIGIN = {"base_url": "http://localhost"}

def post(client, path, **form):
    page = client.get("/account/sign-in", **ORIGIN).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return client.post(path, data={**form, "csrf_token": token[1]}, **ORIGIN)

def enter(name):
    result = app.test_cli_runner().invoke(args=["bastide", "invite", "--role", "reader", "--base-url", "http://localhost"])
    path, client = result.output.strip().removeprefix("http://localhost"), app.test_client()
    form = {"email": f"{name}@example.org", "username": name, "password": PASSWORD, "password_again": PASSWORD}
    assert post(client, path, **form).status_code == 303
    assert post(client, "/account/sign-in", name=name, password=PASSWORD, next="").status_code == 303
    return client

maud, tomas, stranger = enter("maud"), enter("tomas"), app.test_client()
assert maud.post("/notes", data={"text": "without a token at all"}, **ORIGIN).status_code == 403
made = post(maud, "/notes", text="A note of my own.")
assert made.status_code == 201, made.text
note = f"/notes/{made.json['id']}"
assert post(maud, "/notes", text="short").status_code == 400
assert post(maud, "/notes", text="A note of my own.", owner_id="2").status_code == 400
assert maud.get("/notes", **ORIGIN).json == {"notes": ["A note of my own."]}
assert tomas.get("/notes", **ORIGIN).json == {"notes": []}
assert maud.get(note, **ORIGIN).text == "A note of my own."
assert tomas.get(note, **ORIGIN).status_code == 404
assert maud.get("/notes/search?q=own&sort=text&dir=desc", **ORIGIN).json == {"notes": ["A note of my own."]}
assert tomas.get("/notes/search", **ORIGIN).json == {"notes": []}
assert maud.get("/notes/search?q=own&utm_source=news&fbclid=x", **ORIGIN).status_code == 200
for refused in ("role=x", "page=1&page=1", "sort=owner_id", "dir=down", "page=x", "q=o"):
    assert maud.get(f"/notes/search?{refused}", **ORIGIN).status_code == 400, refused
sent = post(maud, f"{note}/files", file=(BytesIO(b"plain words"), "a.txt"))
assert (sent.status_code, sent.json["state"]) == (201, "ready"), sent.text
file = f"{note}/files/{sent.json['file']}"
assert maud.get(file, **ORIGIN).text == "plain words"
assert maud.get(f"{note}/files/other", **ORIGIN).status_code == tomas.get(file, **ORIGIN).status_code == 404
assert post(maud, f"{note}/files", file=(BytesIO(b"<script>alert(1)</script>"), "a.html")).status_code == 415
assert post(maud, f"{note}/share").status_code == 204
assert post(tomas, f"{note}/share").status_code == 404
assert "A note was shared." in maud.get("/account/activity", **ORIGIN).text
assert "A note was shared." not in tomas.get("/account/activity", **ORIGIN).text
token = re.search(r'name="csrf_token" value="([^"]+)"', maud.get("/account", **ORIGIN).text)[1]
by_script = {"headers": {"X-CSRF-Token": token}, **ORIGIN}
assert maud.post("/api/notes", json={"text": "From a script."}, **ORIGIN).status_code == 403
assert maud.post("/api/notes", json={"text": "From a script."}, **by_script).status_code == 201
assert maud.post("/api/notes", json={"text": "From a script.", "owner_id": 2}, **by_script).status_code == 400
from bastide import InvalidInput
from models import Note
for broken in ("short", "A bell rings in here: \\x07"):
    session.add(Note(owner_id=1, text=broken))
    try:
        session.commit()
        raise AssertionError(broken)
    except InvalidInput:
        session.rollback()
session.add(Patient(user_id=1, diagnosis="a cold", insurance="M1"))
session.commit()
assert session.scalar(select(Patient).where(Patient.insurance == "M1")).diagnosis == "a cold"
with engine.connect() as connection:
    assert b"a cold" not in connection.scalar(text("SELECT diagnosis FROM patient"))
answer = stranger.get("/notes", **ORIGIN)
assert answer.headers["Location"] == "/account/sign-in?next=/notes"
assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
for _ in range(5):
    assert post(app.test_client(), "/account/sign-in", name="maud", password="wrong", next="").status_code == 403
assert post(app.test_client(), "/account/sign-in", name="maud", password=PASSWORD, next="").status_code == 429
assert post(app.test_client(), "/account/register", email="new@example.org").status_code == 303
assert len(list(pathlib.Path("mail").glob("*.eml"))) == 1
app._got_first_request = False
app.add_url_rule("/forgotten", "forgotten", lambda: "open")
try:
    bastide.seal(app)
except Exception as error:
    assert "/forgotten" in str(error)
    print("held")
"""


@pytest.mark.asvs("V8.2.2", "V6.3.1", "V3.5.1")
def test_following_the_guide_makes_a_secure_notebook(tmp_path: Path) -> None:
    models, app, lists, patient, files, api, events, tests = re.findall(
        r"```python\n(.*?)```", GUIDE, flags=re.DOTALL
    )
    app = app.replace(
        "bastide = Bastide(",
        f"{STORAGE}\nfrom events import NoteEvent\nbastide = Bastide(\n    upload_storage=storage, event_kinds=NoteEvent,",
    )
    app = app.replace("bastide.seal(app)", f"{lists}\n{files}\n{api}\n{SHARE}\nbastide.seal(app)")
    for name, text in (
        ("models", models + patient),
        ("app", app),
        ("events", events),
        ("trial", TRIAL),
        ("test_notes", tests),
    ):
        (tmp_path / f"{name}.py").write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "ignore"}
    # Tests of the other framework, in this process before this one, leave it set for whatever it starts.
    environment.pop("DJANGO_SETTINGS_MODULE", None)

    def run(*arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 -- this interpreter
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "1 passed" in run("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_notes.py")
    (tmp_path / "notes.sqlite3").unlink()
    assert "held" in run("trial.py").splitlines()
