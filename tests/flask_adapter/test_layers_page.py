"""What docs/layers.md says of each layer, as it is."""

import re
from pathlib import Path
from typing import Final

import pytest
from flask import Flask
from flask_login import LoginManager, UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import NullPool, inspect

from bastide import Layer, SystemEntropy, new_ring
from bastide.flask import public
from conftest import ROOT

PAGE: Final = (ROOT / "docs/layers.md").read_text(encoding="utf-8").partition("## On Django")[0]
ROWS: Final = {
    row[1]: row for row in re.finditer(r"^\| `(\w+)` \| (\d+)[^|]* \| ([^|]+) \|", PAGE, re.MULTILINE)
}
CODE: Final = dict(re.findall(r"^## `(\w+)`\n\n```python\n(.*?)```", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_every_layer_that_can_be_taken_alone_is_there() -> None:
    assert list(ROWS) == list(CODE) == [layer for layer in Layer if layer is not Layer.ACCOUNTS]


@pytest.mark.parametrize("name", CODE)
def test_a_layer_takes_the_lines_and_tables_that_the_page_names(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = tmp_path / "keys"
    keys.touch(mode=0o600)
    keys.write_text(new_ring(SystemEntropy()))
    app = Flask("there", root_path=str(tmp_path / "code"))
    app.config["SECRET_KEY"] = "k" * 64
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'there.sqlite3'}"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": NullPool}
    db = SQLAlchemy(app)

    class User(UserMixin, db.Model):  # type: ignore[name-defined, misc]  # made at run time
        id = db.Column(db.Integer, primary_key=True)

    LoginManager(app).user_loader(lambda _user_id: None)
    app.add_url_rule("/", "home", public(lambda: "welcome"))
    app.add_url_rule("/login", "login", public(lambda: "in"), methods=["POST"])
    exec(CODE[name], {"app": app, "db": db, "User": User, "Path": Path})  # noqa: S102 -- the page's own code
    assert len(re.findall(r"^.+$", CODE[name], re.MULTILINE)) == int(ROWS[name][2])
    with app.app_context():
        db.create_all()
        made = {table for table in inspect(db.engine).get_table_names() if table.startswith("bastide_")}
    assert made == set(re.findall(r"bastide_\w+", ROWS[name][3]))
    assert app.test_client().get("/", base_url="https://shop.example").text == "welcome"
    if made:
        app.extensions["bastide"].database.dispose()
