"""Signed-in pages through gunicorn, as many a second as one worker answers, beside the bare application.

``python -m bench.servers`` prints one table; ``python -m bench.servers FRAMEWORK CANDIDATE FOLDER SOCKET``
serves one application on a socket that it was handed and prints the cookie of somebody signed in.
"""

import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from gunicorn.app.base import BaseApplication
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 31
REQUESTS = 50
TIMEOUT_SECONDS = 30
CANDIDATES = {
    "flask": ("bare", "bastide", "usual", "flask_security"),
    "django": ("bare", "bastide", "stock", "full"),
}


class Site(NamedTuple):
    """Where an application is served, and the request of somebody signed in there."""

    address: tuple[str, int]
    request: bytes


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """One worker of the plainest kind, which makes the application itself: nothing open is forked."""

    def __init__(self, framework: str, name: str, folder: Path, listener: int) -> None:
        self._made_from = framework, name, folder
        self._listener = listener
        super().__init__()

    def load_config(self) -> None:
        """Listen on the socket and say nothing."""
        self.cfg.set("bind", f"fd://{self._listener}")
        self.cfg.set("loglevel", "error")

    def load(self) -> Any:
        """Return the application, in the worker."""
        framework, name, folder = self._made_from
        application, cookie = flask_site(name, folder) if framework == "flask" else django_site(name, folder)
        print(cookie, flush=True)
        return application


def flask_site(name: str, folder: Path) -> tuple[Any, str]:
    """Return the application and a cookie that it takes."""
    from bench import assemblies

    candidate = assemblies.bare() if name == "bare" else getattr(assemblies, name)(folder)
    return candidate.application, candidate.environs["signed in"].get("HTTP_COOKIE", "")


def django_site(name: str, folder: Path) -> tuple[Any, str]:
    """Return the application and a cookie that it takes."""
    from django.core.wsgi import get_wsgi_application

    from bench import django_candidate

    django_candidate.configure(name, folder)
    django_candidate.urlpatterns = django_candidate.routes(name)  # type: ignore[attr-defined]  # its URLconf
    return get_wsgi_application(), django_candidate.cookie(name)


@contextmanager
def serving(framework: str, name: str, folder: Path) -> "Iterator[Site]":
    """Serve one application on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        arguments = [framework, name, str(folder), str(number)]
        command = [sys.executable, "-W", "ignore", "-m", "bench.servers", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=[number]) as server:  # noqa: S603
            try:
                out: IO[str] = server.stdout  # type: ignore[assignment]  # a pipe was asked for
                lines = ["GET /own HTTP/1.1", "Host: localhost", "X-Forwarded-Proto: https"]
                if cookie := out.readline().strip():
                    lines.append(f"Cookie: {cookie}")
                yield Site(listener.getsockname(), "\r\n".join([*lines, "", ""]).encode())
            finally:
                server.terminate()


def ask(site: Site) -> None:
    """Send one request, as a proxy on the same machine does, and read its answer."""
    with socket.create_connection(site.address, timeout=TIMEOUT_SECONDS) as connection:
        connection.sendall(site.request)
        answer = connection.recv(65_536)
        while piece := connection.recv(65_536):
            answer += piece
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(answer[:200])


def rate(site: Site) -> float:
    """Return the answers a second, over a batch, by the clock on the wall."""
    start = time.perf_counter()
    for _ in range(REQUESTS):
        ask(site)
    return REQUESTS / (time.perf_counter() - start)


def rates(framework: str, folder: Path) -> dict[str, list[float]]:
    """Measure each candidate in rounds, in turns."""
    found: dict[str, list[float]] = {name: [] for name in CANDIDATES[framework]}
    with ExitStack() as stack:
        sites = {name: stack.enter_context(serving(framework, name, folder)) for name in found}
        for site in sites.values():
            rate(site)
        for _ in range(ROUNDS):
            for name, site in sites.items():
                found[name].append(rate(site))
    return found


def servers_table() -> Table:
    """Measure both frameworks and return one table."""
    table = Table("gunicorn, signed-in GET", "candidate", "a second", "of bare", "target")
    for framework in CANDIDATES:
        with tempfile.TemporaryDirectory() as folder:
            found = rates(framework, Path(folder))
        for name, values in found.items():
            ratio = statistics.median(one / bare for one, bare in zip(values, found["bare"], strict=True))
            target = ">= 0.7x" if name == "bastide" else ""
            table.add_row(framework, name, f"{statistics.median(values):.0f}", f"{ratio:.2f}x", target)
    return table


def main() -> None:
    """Do what the arguments say."""
    if len(sys.argv) > 1:
        framework, name, folder, listener = sys.argv[1:]
        Server(framework, name, Path(folder), int(listener)).run()
        return
    Console(width=110).print(servers_table())


if __name__ == "__main__":
    main()
