"""Asks clamd, the daemon of ClamAV, about uploads."""

import re
import socket
import struct
from typing import Final

from bastide.core.foundation import StoreUnavailable

CHUNK_SIZE_BYTES: Final = 65_536
MAX_ANSWER_SIZE_BYTES: Final = 4_096
_ANSWER: Final = re.compile(rb"stream: (?:OK|([ -~]*[!-~]) FOUND)\0")


class ClamdScanner:
    """See ``Scanner``; whatever is not one clear answer, whole to its NUL, counts as the scanner being away.

    Args:
        address: path of clamd's Unix socket, or host and port.
        timeout_seconds: for every step of the talk.

    Spec: clamd(8), INSTREAM; V5.4.3.
    """

    def __init__(self, address: str | tuple[str, int], *, timeout_seconds: float = 30) -> None:
        self._address = address
        self._timeout = timeout_seconds

    def find_malware(self, data: bytes) -> str | None:
        """See ``Scanner``."""
        try:
            answer = self._ask(data)
        except OSError as error:
            msg = "clamd did not answer"
            raise StoreUnavailable(msg) from error
        said = _ANSWER.fullmatch(answer)
        if said is None:
            msg = "clamd refused to say"
            raise StoreUnavailable(msg)
        return said[1].decode() if said[1] else None

    def _ask(self, data: bytes) -> bytes:
        family = socket.AF_UNIX if isinstance(self._address, str) else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(self._timeout)
            connection.connect(self._address)
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK_SIZE_BYTES):
                chunk = data[start : start + CHUNK_SIZE_BYTES]
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            # After its one answer clamd hangs up; what else it says makes the answer none.
            answer = b""
            while len(answer) < MAX_ANSWER_SIZE_BYTES and (part := connection.recv(MAX_ANSWER_SIZE_BYTES)):
                answer += part
            return answer
