"""A clamd that speaks INSTREAM and knows one virus."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

# The test file of EICAR, in two halves so that no scanner takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MAX_STREAM_SIZE_BYTES = 1_000_000


def answer(connection: socket.socket, say: bytes | None) -> None:
    """Read one command as clamd(8) has it and say what was found, or what is given."""
    file = connection.makefile("rb")
    if file.read(10) != b"zINSTREAM\0":
        connection.sendall(b"UNKNOWN COMMAND\0")
        return
    data = b""
    while size := struct.unpack("!I", file.read(4))[0]:
        data += file.read(size)
        if len(data) > MAX_STREAM_SIZE_BYTES:
            connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            return
    found = b"stream: Eicar-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
    # Who was told too much hangs up.
    with suppress(ConnectionError):
        connection.sendall(found if say is None else say)


@contextmanager
def clamd(address: str | tuple[str, int], say: bytes | None = None) -> Iterator[str | tuple[str, int]]:
    """Listen at a path or a loopback port; say the given bytes to everybody where some are given."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.bind(address)
        server.listen()
        server.settimeout(0.05)
        is_over: list[bool] = []

        def serve() -> None:
            while not is_over:
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(5)
                    answer(connection, say)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()
        finally:
            is_over.append(True)
            thread.join()
            if isinstance(address, str):
                Path(address).unlink()
