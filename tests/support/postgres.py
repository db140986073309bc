"""A throw-away PostgreSQL cluster, and a pooler in front of one: free ports, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.tools import fast_folder, find_postgres, find_tool


def _as_unprivileged() -> Callable[[], None] | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")

    def drop() -> None:
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)

    return drop


def _hand_over(path: Path) -> None:
    """Give the path to whom the servers run as."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


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
def cluster(*, certificate: tuple[Path, Path] | None = None) -> Iterator[Cluster]:
    """Give a fresh cluster.

    Args:
        certificate: files of a certificate and its key: whoever connects has to use TLS.
    """
    # Socket paths may have 107 bytes at most, so the folder is short.
    folder = Path(tempfile.mkdtemp(prefix="bpg", dir=fast_folder()))
    drop = _as_unprivileged()
    _hand_over(folder)
    data, port = folder / "data", _free_port()

    def run(program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603
            [find_postgres(program), *arguments], check=True, preexec_fn=drop, cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    try:
        run("initdb", "-D", str(data), "-A", "trust", "-U", "bastide", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        if certificate is not None:
            options += " -c ssl=on"
            for source, name in zip(certificate, ("server.crt", "server.key"), strict=True):
                shutil.copy(source, data / name)
                (data / name).chmod(0o600)
                _hand_over(data / name)
            rules = data / "pg_hba.conf"
            rules.write_text(rules.read_text().replace("\nhost ", "\nhostssl "))

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


@contextmanager
def pooler(address: str) -> Iterator[str]:
    """Give the address of PgBouncer in transaction mode before the cluster at ``address``."""
    program = find_tool("pgbouncer", package="pgbouncer")
    host, _, server_port = address.rpartition("@")[2].partition(":")
    folder, port = Path(tempfile.mkdtemp(prefix="bpb", dir=fast_folder())), _free_port()
    config = folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n* = host={host} port={server_port} user=bastide\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = 20\nmax_client_conn = 200\nlogfile = {folder / 'log'}\n"
    )
    for path in (folder, config):
        _hand_over(path)
    process = subprocess.Popen(  # noqa: S603
        [program, str(config)], preexec_fn=_as_unprivileged(), cwd=folder,  # noqa: PLW1509
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield f"bastide@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
