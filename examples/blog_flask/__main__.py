"""Serves the blog on this machine: ``python -m blog_flask``; Ctrl-C stops everything."""

import argparse
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from bastide.flask.cli import invitation_link
from blog_flask.app import create_app
from blog_flask.certificate import make_certificate
from blog_flask.database import migrate
from blog_flask.seed import seed

FIRST_PORT = 8000
WORKERS = 2
THREADS = 8


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with the blog's options."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand the options over."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application; workers are forked from it."""
        return self._app


def main() -> None:
    """Prepare what is missing, print where to go, and serve."""
    parser = argparse.ArgumentParser(prog="blog_flask")
    parser.add_argument("--port", type=int, help=f"default: the first free one from {FIRST_PORT}")
    parser.add_argument("--https", action="store_true", help="serve TLS with a certificate made here")
    parser.add_argument("--data", type=Path, default=Path("var"), help="folder for everything kept")
    parser.add_argument("--database-url", help="default: SQLite in the data folder")
    options = parser.parse_args()
    data: Path = options.data.resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = create_app(
        database_url=options.database_url or f"sqlite:///{data / 'blog.sqlite3'}",
        secret_key=_secret_key(data / "secret_key"),
        mail_folder=data / "mail",
        plain_http_hosts=frozenset() if options.https else frozenset({"localhost"}),
        is_development=True,
    )
    port = options.port or _free_port()
    scheme = "https" if options.https else "http"
    _prepare(app, f"{scheme}://localhost:{port}")
    served: dict[str, Any] = {
        "bind": f"127.0.0.1:{port}", "workers": WORKERS, "threads": THREADS, "worker_class": "gthread",
        "control_socket_disable": True, "forwarded_allow_ips": "", "loglevel": "warning",
        "proc_name": "bastide-blog", "timeout": 60, "graceful_timeout": 5,
    }  # fmt: skip
    if options.https:
        served["certfile"], served["keyfile"] = map(str, make_certificate(data))
    Server(app, served).run()


def _prepare(app: Flask, address: str) -> None:
    bastide = app.extensions["bastide"]
    migrate(bastide.engine)
    bastide.create_roles()
    if seed(app):
        print("Demo content loaded.")  # noqa: T201
    print(f"The blog is at {address} (Ctrl-C stops it); mail it sends is at {address}/dev/mail")  # noqa: T201
    if bastide.services.stores.accounts.count_role_holders("administrator") == 0:
        with app.app_context():
            link = invitation_link(bastide, role="administrator", email=None, base_url=address)
        print(f"Nobody administers it yet. This invitation works once:\n  {link}")  # noqa: T201
    sys.stdout.flush()
    bastide.engine.dispose()


def _secret_key(path: Path) -> str:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text()


def _free_port() -> int:
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"no free port from {FIRST_PORT} on; name one with PORT=")


if __name__ == "__main__":
    main()
