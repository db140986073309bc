"""Which application is meant, and which one a project has."""

from pathlib import Path

import pytest

from bastide.check.live.targets import TargetError, find_target, read_target

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FACTORY = "from flask import Flask\n\n\ndef create_app():\n    app = Flask(__name__)\n    return app\n"
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(here: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "name", "folder"),
    [
        ({"app.py": FLASK, "tests/app.py": FLASK}, "app:app", "."),
        ({"wsgi.py": "from shop import create_app\napp = create_app()", "shop/__init__.py": FACTORY}, "wsgi:app", "."),
        ({"shop/__init__.py": FACTORY}, "shop:create_app()", "."),
        ({"src/shop/__init__.py": FACTORY, "setup.py": ""}, "shop:create_app()", "src"),
        ({"backend/app.py": FLASK}, "app:app", "backend"),
        ({"shop/__init__.py": "", "shop/app.py": FACTORY}, "shop.app:create_app()", "."),
        ({"manage.py": MANAGE, "shop/wsgi.py": ""}, "manage.py", "."),
        ({"site/manage.py": MANAGE}, "site/manage.py", "site"),
        ({"manage.py": "from shop import create_app\napp = create_app('prod')\n"}, "manage:app", "."),
    ],
)  # fmt: skip
def test_the_application_of_a_usual_project_is_found(
    files: dict[str, str], name: str, folder: str, here: Path
) -> None:
    write(here, files)
    found = find_target(here)
    assert (found.name, found.folder) == (name, here / folder)
    if name.endswith("manage.py"):
        assert found.settings == "shop.settings"


def test_none_and_two_are_said_with_the_command_that_goes_on(here: Path) -> None:
    write(here, {"app.py": "def app(:", "main.py": "print('no application')"})
    with pytest.raises(TargetError, match=r"bastide check module:app"):
        find_target(here)
    write(here, {"app.py": FLASK, "shop/__init__.py": "", "shop/app.py": FLASK})
    with pytest.raises(TargetError) as caught:
        find_target(here)
    assert str(caught.value).splitlines() == [
        "2 applications found; name one:", "  bastide check app:app", "  bastide check shop.app:app",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "a b:c", "no/such/folder", "no_such.py:app", "1x:app"])
def test_what_names_no_application_is_said_so(name: str, here: Path) -> None:
    with pytest.raises(TargetError, match=r"not an application|no such"):
        read_target(name, here)


def test_a_file_is_named_by_its_path(here: Path) -> None:
    write(here, {"shop/__init__.py": "", "shop/web.py": FLASK})
    found = read_target("shop/web.py:app", here)
    assert (found.module, found.expression, found.folder) == ("shop.web", "app", here)


def test_links_are_not_followed(here: Path) -> None:
    (here / "loop").symlink_to(here)
    write(here, {"app.py": FLASK})
    assert find_target(here).name == "app:app"
