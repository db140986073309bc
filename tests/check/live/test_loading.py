"""Applications of every temper: what goes wrong is said as theirs, and nothing of them reaches out."""

import json
import os
import socket
import sqlite3
import sys
import tracemalloc
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import pytest

from bastide.check.live.guarding import Attempts
from bastide.check.live.loading import load
from bastide.check.live.looking import look
from bastide.check.live.places import Places
from bastide.check.live.running import Look, look_at
from bastide.check.live.targets import read_target
from support.looked_at import RIGHT_DJANGO, RIGHT_FLASK

HOSTILE = """
import os, smtplib, socket, sqlite3, subprocess, sys, threading, time
from pathlib import Path
import sqlalchemy

print("this is no JSON")
print("nor is this", file=sys.stderr)
os.write(1, b"nor this")
threading.Thread(target=time.sleep, args=(60,), name="poller").start()
os.makedirs("instance/deep", exist_ok=True)
Path("log.txt").write_text("a line")
os.remove("kept.txt")
with open("kept.txt", "w") as file:
    file.write("overwritten")


def attempt(what, *values):
    try:
        what(*values)
    except (OSError, sqlalchemy.exc.OperationalError) as error:
        return
    raise SystemExit(f"{what} was let through")


attempt(socket.create_connection, ("127.0.0.1", PORT))
attempt(smtplib.SMTP, "127.0.0.1", PORT)
attempt(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b"x", ("127.0.0.1", PORT))
attempt(socket.getaddrinfo, "db.example", 5432)
attempt(sqlite3.connect, "shop.sqlite3")
attempt(subprocess.run, ["touch", "made.txt"])
attempt(os.system, "touch made.txt")
attempt(os.fork)
import multiprocessing
attempt(multiprocessing.get_context("spawn").Process(target=print).start)
attempt(socket.gethostbyaddr, "127.0.0.9")
attempt(socket.getnameinfo, ("127.0.0.9", 80), 0)
from multiprocessing import shared_memory
attempt(shared_memory.SharedMemory, "MEMORY")
os.mkfifo("pipe")
os.mknod("node")
import io
attempt(io.FileIO, "raw.txt", "w")
engine = sqlalchemy.create_engine("sqlite:///shop.sqlite3")
attempt(engine.connect)
sqlalchemy.MetaData().create_all(engine)
app.run(port=PORT)
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def memory() -> Iterator[SharedMemory]:
    made = SharedMemory(create=True, size=10)
    yield made
    made.close()
    made.unlink()


def look_at_text(here: Path, text: str, name: str = "shop:app", **options: float) -> Look:
    (here / "shop.py").write_text(text, encoding="utf-8")
    return look_at(read_target(name, here), **options)


def test_nothing_is_written_sent_or_asked_and_the_application_is_looked_at(
    here: Path, memory: SharedMemory
) -> None:
    (here / "kept.txt").write_text("kept")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        hostile = HOSTILE.replace("PORT", str(port)).replace("MEMORY", memory.name)
        found = look_at_text(here, RIGHT_FLASK + hostile)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert found.faults == ()
    assert found.is_loaded
    assert sorted(path.name for path in here.iterdir()) == ["kept.txt", "shop.py"]
    assert (here / "kept.txt").read_text() == "kept"
    line = RIGHT_FLASK.count("\n") + HOSTILE[: HOSTILE.index("        what(*values)")].count("\n") + 1
    whats = (
        "reached for the network",
        "reached for its database",
        "started or ended a process",
        "wrote a file",
        "reached for the memory of other processes",
    )
    assert set(found.notes) == {
        *(f"while it started, the application {what}, which was refused (shop.py:{line})" for what in whats),
        "the application starts a thread when it is imported (poller); they were left behind",
    }


FAULTS = [
    (
        "import os\nfrom flask import Flask\napp = Flask(__name__)\napp.secret_key = os.environ['SHOP_KEY']",
        "SHOP_KEY is not set, and the application does not start without it",
    ),
    (
        "import os\nkey = os.environ.get('SHOP_KEY')\nkey = os.environ.get('SHOP_KEY').encode()",
        "SHOP_KEY is not set",
    ),
    ("import sys\nsys.exit(3)", "the application ends its process when it is imported (status 3)"),
    ("import a_library_that_is_not_there", "No module named 'a_library_that_is_not_there'"),
    ("def app(:", "the application does not start: SyntaxError"),
    ("1 / 0", "the application does not start: ZeroDivisionError: division by zero"),
    ("app = 3", "shop:app is a builtins.int: no Flask or Django application"),
    ("web = 3", "shop has no app"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_a_fault_of_the_application_is_said_as_such(
    text: str, said: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process: what the loader says does not rest on where it runs."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    kind = type(os.environ)
    monkeypatch.setattr(kind, "__getitem__", kind.__getitem__)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    monkeypatch.delitem(sys.modules, "shop", raising=False)
    (here / "shop.py").write_text(text, encoding="utf-8")
    places = Places(here, "shop:app")
    loaded = load(read_target("shop:app", here), places)
    sys.modules.pop("shop", None)
    assert said in loaded.faults[0]
    assert len(loaded.faults) == 1


def test_a_missing_variable_leaves_what_was_made_before(here: Path) -> None:
    text, said = FAULTS[0]
    found = look_at_text(here, text)
    assert said in found.faults[0]
    assert '(shop.py:4); go on with SHOP_KEY=… bastide check "shop:app"' in found.faults[0]
    assert found.is_loaded
    assert {str(each.confidence) for each in found.findings} == {"low"}


def test_what_hangs_is_ended_and_named(here: Path) -> None:
    found = look_at_text(here, "import time\n\ntime.sleep(60)", seconds=0.3)
    assert found.faults == (
        "the application is still starting after 0.3 seconds (shop.py:3); --timeout waits longer",
    )


@pytest.mark.parametrize("number", [1, 2])
def test_what_prints_without_end_is_ended_and_kept_nowhere(here: Path, number: int) -> None:
    text = f"import os\n\nwhile True:\n    os.write({number}, b'x' * 1_000_000)"
    tracemalloc.start()
    found = look_at_text(here, text, seconds=0.5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.faults[0].startswith("the application is still starting after 0.5 seconds (shop.py:4)")
    assert peak < 10_000_000


@pytest.mark.parametrize("driver", ["cx_Oracle", "mysql.connector"])
def test_drivers_in_c_are_refused_by_name(here: Path, driver: str) -> None:
    module = here.joinpath(*driver.split(".")).with_suffix(".py")
    module.parent.mkdir(exist_ok=True)
    module.write_text("def connect(*_): return 'connected'", encoding="utf-8")
    found = look_at_text(here, f"{RIGHT_FLASK}\nimport {driver}\n{driver}.connect('db.example')\n")
    assert any(
        note.startswith("while it started, the application reached for its data") for note in found.notes
    )


def test_no_module_of_the_application_stands_for_one_of_python_before_it_is_guarded(here: Path) -> None:
    (here / "inspect.py").write_text("open('ran.txt', 'w').close()", encoding="utf-8")
    look_at_text(here, RIGHT_FLASK)
    assert not (here / "ran.txt").exists()


def test_what_ends_the_process_is_said(here: Path) -> None:
    found = look_at_text(here, "import os\nos._exit(7)")
    assert found.faults == ("the application ended its process when it was imported, with status 7",)


def write_project(folder: Path, views: str = "", **settings: object) -> None:
    shop = folder / "shop"
    shop.mkdir()
    (folder / "manage.py").write_text(
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n", encoding="utf-8"
    )
    (shop / "__init__.py").write_text("")
    values = {**RIGHT_DJANGO, **settings}
    text = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    (shop / "settings.py").write_text(text, encoding="utf-8")
    usual = "from django.http import HttpResponse\nfrom django.urls import path\n"
    (shop / "urls.py").write_text(usual + (views or "urlpatterns = []"), encoding="utf-8")


@pytest.fixture
def project(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    return here


ASKS_DATABASE = """
from django.contrib.auth.models import User

def index(request):
    return HttpResponse(f"<p>{User.objects.count()}")

def about(request):
    return HttpResponse("<p>about")

urlpatterns = [path("", index), path("about/", about)]
"""


def test_a_django_project_is_looked_at_without_its_database(project: Path) -> None:
    write_project(
        project, ASKS_DATABASE, SESSION_COOKIE_SECURE=False,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.sqlite3"}},
    )  # fmt: skip
    found = look_at(read_target("manage.py", project))
    assert found.faults == ()
    assert {(each.id, each.path) for each in found.findings} == {
        (id_, "shop/settings.py") for id_ in ("BST204", "BST226", "BST227", "BST230")
    } | {("BST233", "shop/settings.py")}
    (cookie,) = [each for each in found.findings if each.id == "BST204"]
    text = (project / "shop/settings.py").read_text(encoding="utf-8").splitlines()
    assert text[cookie.line - 1] == "SESSION_COOKIE_SECURE = False"
    assert [route["path"] for route in found.routes] == ["/", "/about/"]
    assert not (project / "shop.sqlite3").exists()


ADMIN = """
from django.contrib import admin

def asking_for_a_factor(request): ...

urlpatterns = [path("admin/", admin.site.urls)]
"""


@pytest.mark.parametrize("is_right", [False, True])
def test_an_admin_beside_a_second_factor_is_found(project: Path, *, is_right: bool) -> None:
    views = ADMIN + ("admin.site.login = asking_for_a_factor\n" if is_right else "")
    apps = [*RIGHT_DJANGO["INSTALLED_APPS"], "django.contrib.admin", "django.contrib.messages", "mfa"]
    write_project(project, views, INSTALLED_APPS=apps)
    (project / "mfa").mkdir()
    (project / "mfa" / "__init__.py").write_text("")
    found = look_at(read_target("manage.py", project))
    assert found.faults == ()
    assert ("BST220" in {each.id for each in found.findings}) is not is_right


def test_a_urlconf_that_does_not_load_leaves_the_settings(project: Path) -> None:
    write_project(project, "import a_library_that_is_not_there", DEBUG=True)
    found = look_at(read_target("shop.settings", project))
    assert found.faults[0].startswith("the URLconf shop.urls does not load: ModuleNotFoundError")
    assert {each.id for each in found.findings} == {"BST202"}


def test_an_answer_is_plain_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    kind = type(os.environ)
    monkeypatch.setattr(kind, "__getitem__", kind.__getitem__)
    (tmp_path / "plain_shop.py").write_text(RIGHT_FLASK, encoding="utf-8")
    target = read_target("plain_shop:app", tmp_path)
    places = Places(tmp_path, target.name)
    parts = look(target, places, Attempts(places.is_own), workers=1)
    sys.modules.pop("plain_shop", None)
    assert json.loads(json.dumps(parts)) == parts
    assert parts["findings"] == []
    assert parts["look_seconds"] < parts["import_seconds"] + 60
    assert sqlite3  # of the standard library, and not closed in this process
