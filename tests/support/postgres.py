"""A throw-away PostgreSQL cluster: private socket, free port, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.tools import fast_folder, find_postgres


def _as_unprivileged() -> Callable[[], None] | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")

    def drop() -> None:
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)

    return drop


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes:
        address: user, host and port, without the driver's name.
        stop: stops the server as a crash would.
        start: starts it again on the same data.
    """

    address: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Give a fresh cluster."""
    # Socket paths may have 107 bytes at most, so the folder is short.
    folder = Path(tempfile.mkdtemp(prefix="bpg", dir=fast_folder()))
    drop = _as_unprivileged()
    if drop is not None:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
    data, port = folder / "data", _free_port()

    def run(program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603
            [find_postgres(program), *arguments], check=True, preexec_fn=drop, cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    try:
        run("initdb", "-D", str(data), "-A", "trust", "-U", "bastide", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"

        def start() -> None:
            run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")

        def stop() -> None:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")

        start()
        try:
            yield Cluster(f"bastide@127.0.0.1:{port}", stop, start)
        finally:
            stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
