"""Mail through a real server, and into a folder; the breach check against a server of its own."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from bastide.breaches import RangeBreachChecker
from bastide.core.foundation import ConfigurationError, Secret, StoreUnavailable
from bastide.core.mail import Message
from bastide.core.sign_in import BreachVerdict
from bastide.mailers import FolderMailer, SmtpMailer, SmtpSecurity

MESSAGE = Message(to="maud@example.org", subject="Grüße", body="Hällo\n.\nnext", reply_to="zoe@example.org")


class Inbox:
    def __init__(self) -> None:
        self.received: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        self.received.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    handler = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_a_message_arrives_whole(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox
    mailer = SmtpMailer(host="127.0.0.1", port=port, sender="blog@example.org", security=SmtpSecurity.NONE)
    mailer.send(MESSAGE)
    recipients, content = handler.received[0]
    mail = message_from_bytes(content)
    assert recipients == ["maud@example.org"]
    assert (mail["From"], mail["Reply-To"]) == ("blog@example.org", "zoe@example.org")
    assert "Bcc" not in mail
    assert mail.get_payload(decode=True).decode().splitlines() == ["Hällo", ".", "next"]


@pytest.mark.asvs("V1.3.11")
@pytest.mark.parametrize(
    ("reply_to", "header"),
    [
        ("zoe@example.org", "zoe@example.org"),
        ("zoe@münchen.example", "zoe@xn--mnchen-3ya.example"),
        ("josé@example.org", None),
        ("josé@local", None),
    ],
)
def test_answers_go_to_no_other_address(tmp_path: Path, reply_to: str, header: str | None) -> None:
    mailer = FolderMailer(tmp_path)
    mailer.send(Message(to="maud@example.org", subject="Hello", body="Text", reply_to=reply_to))
    (path,) = tmp_path.glob("*.eml")
    assert message_from_bytes(path.read_bytes())["Reply-To"] == header
    assert b"Reply-To: =?" not in path.read_bytes()


def test_a_server_that_is_down_or_speaks_no_tls_takes_nothing(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox
    strict = SmtpMailer(host="127.0.0.1", port=port, sender="blog@example.org")
    down = SmtpMailer(host="127.0.0.1", port=1, sender="blog@example.org", security=SmtpSecurity.TLS)
    for mailer in (strict, down):
        with pytest.raises(StoreUnavailable):
            mailer.send(MESSAGE)
    assert handler.received == []
    with pytest.raises(ConfigurationError):
        SmtpMailer(host="mail.example.org", sender="blog@example.org", security=SmtpSecurity.NONE)


def test_the_folder_keeps_messages_private_and_reads_no_other_file(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mail")
    assert mailer.list_messages() == []
    mailer.send(MESSAGE)
    names = mailer.list_messages()
    assert len(names) == 1
    assert (tmp_path / "mail" / f"{names[0]}.eml").stat().st_mode & 0o777 == 0o600
    found = mailer.read_message(names[0])
    assert found is not None
    assert found["Subject"] == "Grüße"
    (tmp_path / "secret.eml").write_text("secret")
    for name in ("../secret", "x", "", "20260301000000-0000000000000000", f"{names[0]}\n"):
        assert mailer.read_message(name) is None
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        FolderMailer(tmp_path / "file").send(MESSAGE)


@pytest.mark.asvs("V6.2.12")
def test_five_hex_digits_leave_the_process() -> None:
    asked: list[str] = []

    class Ranges(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            # The rest of SHA-1("password"), and a padding entry.
            self.wfile.write(
                b"1E4C9B93F3F0682250B6CF8331B7EE68FD8:10\r\n0018A45C4D1DEF81644B54AB7F969B88D65:0\r\n"
            )

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ranges)
    thread = Thread(target=server.serve_forever)
    thread.start()
    checker = RangeBreachChecker(range_url=f"http://127.0.0.1:{server.server_port}/range/")
    assert checker.check(Secret("password")) is BreachVerdict.BREACHED
    assert checker.check(Secret("x7 q9 z3 k1 m5 p")) is BreachVerdict.CLEAN
    server.shutdown()
    server.server_close()
    thread.join()
    assert asked[0] == "/range/5BAA6"
    assert all(len(path) == len("/range/12345") for path in asked)
    assert checker.check(Secret("password")) is BreachVerdict.UNKNOWN
    with pytest.raises(ConfigurationError):
        RangeBreachChecker(range_url="http://ranges.example/")
