"""Both reference blogs, in the configuration that they are deployed in: nothing is found."""

from pathlib import Path

import pytest

from bastide.check.live.running import Look, look_at
from bastide.check.live.targets import read_target
from bastide.check.routes_command import route_lines
from conftest import ROOT
from support.blog import KEYS
from support.looked_at import KEY

FLASK = f"""
from pathlib import Path
from blog_flask.app import create_app

app = create_app(
    database_url="sqlite:////srv/blog/blog.sqlite3", secret_key="{KEY}", keys={KEYS!r},
    mail_folder=Path("/srv/blog/mail"), allowed_hosts=frozenset({{"blog.example"}}), plain_http_hosts=frozenset(),
)
"""


def look(framework: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    if framework == "flask":
        (folder / "serving_blog.py").write_text(FLASK, encoding="utf-8")
        monkeypatch.chdir(ROOT / "examples")
        return look_at(read_target(f"{folder}/serving_blog.py", ROOT / "examples"), workers=4)
    monkeypatch.chdir(ROOT / "examples")
    for name in ("DJANGO_SETTINGS_MODULE", "BLOG_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    variables = {"BLOG_SECRET_KEY": KEY, "BLOG_KEYS": KEYS, "BLOG_HTTPS_HOST": "blog.example"}
    return look_at(read_target("manage.py", ROOT / "examples"), variables=variables, workers=4)


@pytest.mark.parametrize("framework", ["flask", "django"])
def test_the_blog_has_nothing_open(framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = look(framework, tmp_path, monkeypatch)
    assert found.faults == ()
    assert found.findings == ()
    lines = route_lines(found.routes)
    assert len(lines) > 100
    assert not [line for line in lines if "nothing seen" in line]
    (edit,) = [
        line for line in lines if line.startswith("POST") and "/admin/users/<" in line and "unlock" in line
    ]
    assert "stranger=deny" in edit
    assert "administrator=allow" in edit
