"""Where the application runs: each fault of its environment and server, and the right one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from bastide.check.deployment import read_deployment
from bastide.check.live.places import Places
from bastide.check.live.stores import check_stores
from support.looked_at import KEY, ids
from support.rows import rows


class Twins(NamedTuple):
    """A file with the fault, and right; a configuration of gunicorn where ``is_server``."""

    id: str
    wrong: str
    right: str
    is_server: bool = False


TWINS = [
    Twins("BST302", 'forwarded_allow_ips = "*"', 'forwarded_allow_ips = "10.0.0.5"', is_server=True),
    Twins("BST303", "reload = True", "reload = False", is_server=True),
    Twins("BST303", "export FLASK_DEBUG=1", "FLASK_DEBUG=0"),
    Twins("BST303", "DJANGO_DEBUG='True'", "SENTRY_DEBUGGING=maybe"),
    Twins("BST304", "SECRET_KEY=change-me-please-change-me", f'SECRET_KEY="{KEY}"  # of 32'),
    Twins("BST304", "DJANGO_SECRET_KEY=secret", ""),
    Twins("BST306", "DATABASE_URL=postgresql://shop:x@db.example/shop", "DATABASE_URL=postgresql://shop:x@db.example/shop?sslmode=verify-full"),
    Twins("BST306", "DB=mysql+pymysql://shop@10.0.0.2/shop", "DB=mysql+pymysql://shop@localhost/shop"),
    Twins("BST307", "limit_request_line = 0", "limit_request_line = 4094", is_server=True),
]  # fmt: skip


def read(folder: Path, text: str, *, is_server: bool, mode: int = 0o600) -> Any:
    file = folder / "file"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return read_deployment(gunicorn=file) if is_server else read_deployment(env=file)


@rows("twins", TWINS)
def test_the_line_is_found_and_the_right_one_is_not(twins: Twins, tmp_path: Path) -> None:
    assert ids(read(tmp_path, twins.wrong, is_server=twins.is_server).findings) == {twins.id}
    assert read(tmp_path, twins.right, is_server=twins.is_server).findings == ()


def test_secrets_that_everybody_can_read_are_found(tmp_path: Path) -> None:
    assert ids(read(tmp_path, f"SECRET_KEY={KEY}", is_server=False, mode=0o644).findings) == {"BST305"}
    assert read(tmp_path, f"SECRET_KEY={KEY}", is_server=False, mode=0o640).findings == ()
    assert read(tmp_path, "LANG=C", is_server=False, mode=0o644).findings == ()


@rows(
    "text, workers, is_server",
    [
        ("workers = 4", 4, True), ("import os\nworkers = os.cpu_count()", 2, True), ("bind = ':8000'", 1, True),
        ("workers = (", 1, True), ("WEB_CONCURRENCY=3", 3, False), ("LANG=C", 1, False),
    ],
)  # fmt: skip
def test_workers_are_counted_and_nothing_is_run(
    text: str, workers: int, tmp_path: Path, *, is_server: bool
) -> None:
    assert read(tmp_path, text, is_server=is_server).workers == workers


CACHE = "django.core.cache.backends"


def settings(**more: Any) -> SimpleNamespace:
    usual = {
        "CACHES": {"default": {"BACKEND": f"{CACHE}.locmem.LocMemCache"}}, "INSTALLED_APPS": ["django_ratelimit"],
        "SESSION_ENGINE": "django.contrib.sessions.backends.db",
    }  # fmt: skip
    return SimpleNamespace(**{**usual, **more})


def flask(**config: Any) -> SimpleNamespace:
    limiter = [SimpleNamespace(_storage_uri=config.pop("uri", "memory://"))]
    return SimpleNamespace(config=config, extensions={"limiter": limiter})


def test_a_count_of_each_worker_is_found(tmp_path: Path) -> None:
    places = Places(tmp_path, "shop")
    for app, django in ((flask(), None), (None, settings())):
        assert ids(check_stores(app, django, places, workers=4)) == {"BST301"}
        assert check_stores(app, django, places, workers=1) == []
    shared = {"default": {"BACKEND": f"{CACHE}.redis.RedisCache"}}
    assert check_stores(flask(uri="redis://localhost"), settings(CACHES=shared), places, workers=4) == []
    assert check_stores(flask(RATELIMIT_STORAGE_URI="redis://localhost"), None, places, workers=4) == []
