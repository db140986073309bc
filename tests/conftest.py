"""Fixtures and markers for every test."""

import csv
import json
import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bastide.core.request.settings import PROFILES
from bastide.testing import FrozenClock, tripwires
from support import django_blog, flask_blog
from support.blog import Blog
from support.postgres import cluster
from support.templates import drop_database
from support.tools import fast_folder

# No test times anything: a busy machine is not a failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
__all__ = ["tripwires"]  # every test fails that touches one
ROOT = Path(__file__).parent.parent
# Where pytest makes `tmp_path`, unless somebody chose a place.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(fast_folder()))
ASVS_IDS = {
    row["id"]
    for row in csv.DictReader(files("bastide.testing").joinpath("asvs_levels.csv").read_text().splitlines())
}

# What a named profile states otherwise than the default one: ``control.setting``.
PROFILED = {
    f"{control}.{name}"
    for controls in PROFILES.values()
    for control, values in controls.items()
    for name in values
}


# Whole applications and browsers: begun first, so that no worker has one left when the others are done.
LONG = re.compile(r"tests/(existing|howto|api/test_openapi|browser/test_journey|test_user_keys)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.match(item.nodeid) is None)
    for item in items:
        for name, known in (("asvs", ASVS_IDS), ("profiles", PROFILED)):
            for marker in item.iter_markers(name):
                unknown = set(marker.args) - known
                if unknown or not marker.args:
                    msg = f"{item.nodeid}: {name} does not know {sorted(unknown)}"
                    raise pytest.UsageError(msg)


def corpora_folder() -> Path | None:
    folder = Path(os.environ.get("BASTIDE_CORPORA") or ROOT.parent / "shared" / "corpora")
    return folder if folder.is_dir() else None


def pytest_report_header() -> str:
    folder = corpora_folder()
    return "public attack corpora: " + ("read" if folder else "not here, the project's own payloads only")


ATTACK = re.compile(r"tests/attacks/test_(\w+)\.py::test_(\w+)\[.*?\b(flask|django)\b")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print which attack was withstood on which framework, and how often it was tried."""
    tried: dict[str, dict[str, list[bool]]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            found = ATTACK.match(report.nodeid)
            if found is not None and getattr(report, "when", "") == "call":
                row = tried.setdefault(f"{found[1]}: {found[2].replace('_', ' ')}", {})
                row.setdefault(found[3], []).append(outcome == "passed")
    if not tried:
        return
    terminalreporter.section("attacks")
    for name, row in sorted(tried.items()):
        cells = (
            f"{framework} {sum(row.get(framework, ()))}/{len(row.get(framework, ()))}"
            for framework in ("flask", "django")
        )
        terminalreporter.write_line(f"{name:<100.100} {'  '.join(f'{cell:<14}' for cell in cells)}".rstrip())


@pytest.fixture(scope="session")
def corpora() -> dict[str, list[str]]:
    """Payloads by collection; empty where the folder is missing."""
    folder = corpora_folder()
    if folder is None:
        return {}
    return {
        path.stem: [entry["payload"] for entry in json.loads(path.read_text(encoding="utf-8"))]
        for path in sorted(folder.glob("*.json"))
    }


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with cluster() as server:
        yield server.address


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The SQLAlchemy address of a database that is not there yet, and is gone after the test."""
    counter = getattr(request.session, "_databases", 0) + 1
    request.session._databases = counter  # type: ignore[attr-defined]  # noqa: SLF001
    name = f"test_{counter}"
    yield f"postgresql+psycopg://{postgres_server}/{name}"
    drop_database(f"postgresql://{postgres_server}", name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each database in turn; it is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def make_blog(
    url: str, folder: Path, clock: FrozenClock, *, framework: str = "flask", **options: Any
) -> Blog:
    make: Any = flask_blog.make if framework == "flask" else django_blog.make
    made: Blog = make(url, folder, clock, **options)
    return made


@pytest.fixture(params=["flask", "django"])
def framework(request: pytest.FixtureRequest) -> str:
    """Each framework in turn."""
    name: str = request.param
    return name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try what a profile changes under each of them in turn, and everything else under the default one."""
    if "profile" in metafunc.fixturenames:
        is_changed = any(metafunc.definition.iter_markers("profiles"))
        metafunc.parametrize("profile", list(PROFILES) if is_changed else ["default"])


def with_profile(made: Blog, profile: str, request: pytest.FixtureRequest) -> Blog:
    """Under ``asvs`` nobody has rights without a second factor: accounts come with one, where it is not the subject."""
    made.gives_factors = profile == "asvs" and request.node.get_closest_marker("own_factors") is None
    return made


@pytest.fixture
def blog(
    framework: str, profile: str, tmp_path: Path, clock: FrozenClock, request: pytest.FixtureRequest
) -> Iterator[Blog]:
    """The blog on each framework, on SQLite; under each profile where the test says so."""
    url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
    made = make_blog(url, tmp_path, clock, framework=framework, settings={"profile": profile})
    yield with_profile(made, profile, request)
    made.close()


@pytest.fixture
def blog_on_each_database(
    framework: str,
    profile: str,
    database_url: str,
    tmp_path: Path,
    clock: FrozenClock,
    request: pytest.FixtureRequest,
) -> Iterator[Blog]:
    """The blog on each framework, on SQLite and on PostgreSQL; under each profile where the test says so."""
    made = make_blog(database_url, tmp_path, clock, framework=framework, settings={"profile": profile})
    yield with_profile(made, profile, request)
    made.close()
