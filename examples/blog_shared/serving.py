"""Serves either blog on this machine with gunicorn: options, secrets, ports, certificates."""

import argparse
import fcntl
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Thread
from typing import Any

from gunicorn.app.base import BaseApplication

from bastide import StoreUnavailable, SystemEntropy, new_ring
from blog_shared.certificate import make_certificate

FIRST_PORT = 8000
PAUSE_SECONDS = 30
WORKERS = 2
THREADS = 8


@dataclass(frozen=True)
class Options:
    """What the command line said.

    Attributes:
        listener: listens on 127.0.0.1 already.
        is_https: serve TLS with a certificate made here.
        data: folder for everything kept.
        database_url: SQLite file or PostgreSQL.
        secret_key: kept in the data folder.
        keys: the key ring, kept there too.
    """

    listener: socket.socket
    is_https: bool
    data: Path
    database_url: str
    secret_key: str
    keys: str

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def address(self) -> str:
        return f"{'https' if self.is_https else 'http'}://localhost:{self.port}"


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with the blog's options."""

    def __init__(self, application: Any, options: dict[str, Any]) -> None:
        self._application = application
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand the options over."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application; workers are forked from it."""
        return self._application


def read_options(program: str, database_name: str) -> Options:
    """Read the command line and prepare the data folder."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--port", type=int, help=f"default: the first free one from {FIRST_PORT}")
    parser.add_argument("--https", action="store_true", help="serve TLS with a certificate made here")
    parser.add_argument("--data", type=Path, default=Path("var"), help="folder for everything kept")
    parser.add_argument("--database-url", help="default: SQLite in the data folder")
    given = parser.parse_args()
    data: Path = given.data.resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Options(
        listener=_listen(given.port),
        is_https=given.https,
        data=data,
        database_url=given.database_url or f"sqlite:///{data / database_name}",
        secret_key=_kept(data / "secret_key", secrets.token_hex(32)),
        keys=_kept(data / "keys", new_ring(SystemEntropy())),
    )


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Prepare the database alone: of two servers started at once, one waits for the other."""
    with (data / "prepare.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def announce(address: str, *, is_seeded: bool, invitation: Callable[[], str] | None) -> None:
    """Say where the blog is, and how its first administrator gets in."""
    if is_seeded:
        print("Demo content loaded.")  # noqa: T201
    print(f"The blog is at {address} (Ctrl-C stops it); mail it sends is at {address}/dev/mail")  # noqa: T201
    if invitation is not None:
        print(f"Nobody administers it yet. This invitation works once:\n  {invitation()}")  # noqa: T201
    sys.stdout.flush()


def serve(application: Any, options: Options, *, keep_house: Callable[[], object]) -> None:
    """Serve until Ctrl-C.

    Args:
        application: WSGI.
        options: where and how.
        keep_house: what to do again and again beside the requests, such as handing over mail that waits.
    """
    served: dict[str, Any] = {
        "bind": f"fd://{options.listener.fileno()}", "workers": WORKERS, "threads": THREADS,
        "worker_class": "gthread", "control_socket_disable": True, "forwarded_allow_ips": "",
        "loglevel": "warning", "proc_name": "bastide-blog", "timeout": 60, "graceful_timeout": 5,
        "post_worker_init": partial(_start_housekeeper, keep_house),
    }  # fmt: skip
    if options.is_https:
        served["certfile"], served["keyfile"] = map(str, make_certificate(options.data))
    Server(application, served).run()


def _start_housekeeper(keep_house: Callable[[], object], worker: Any) -> None:
    def run() -> None:
        while worker.alive:
            time.sleep(PAUSE_SECONDS)
            # A store that is away is there again another time.
            with suppress(StoreUnavailable):
                keep_house()

    Thread(target=run, daemon=True, name="housekeeper").start()


def _kept(path: Path, fresh: str) -> str:
    """Return what the file keeps; ``fresh`` where there is none yet."""
    with NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(fresh)
        file.flush()
        # The name appears with the whole text behind it: another server never reads half of it.
        with suppress(FileExistsError):
            os.link(file.name, path)
    return path.read_text()


def _listen(port: int | None) -> socket.socket:
    """Return a socket that listens on the port, or on the first free one; nobody else gets it meanwhile."""
    for candidate in range(port, port + 1) if port else range(FIRST_PORT, FIRST_PORT + 100):
        with suppress(OSError):
            return socket.create_server(("127.0.0.1", candidate))
    sys.exit(
        f"port {port} is not free" if port else f"no free port from {FIRST_PORT} on; name one with PORT="
    )
