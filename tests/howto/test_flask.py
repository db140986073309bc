"""A notebook made by following docs/howto/flask.md and nothing else."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

GUIDE = (ROOT / "docs/howto/flask.md").read_text(encoding="utf-8")
TRIAL = """
import pathlib
import re
from app import app, bastide

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
    models, app = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)
    for name, text in (("models", models), ("app", app), ("trial", TRIAL)):
        (tmp_path / f"{name}.py").write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "trial.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert "held" in done.stdout.splitlines(), done.stdout + done.stderr
