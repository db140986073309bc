"""The tutorial of the API is true: each of its commands gets the answer it says, on both frameworks."""

import http.client
import json
import re
import shlex
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import pytest

from bastide.core.foundation import SystemClock
from blog_shared.openapi import PREFIX
from conftest import ROOT, make_blog
from support.api import issue
from support.served import served_at

TUTORIAL = ROOT / "docs" / "api.md"
COMMANDS = re.findall(r"^    (curl .+)\n    # (\d{3})$", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture
def known(framework: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What the reader's shell knows: where a fresh blog is, and a token of an author's."""
    url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
    blog = make_blog(url, tmp_path, SystemClock(), framework=framework)  # type: ignore[arg-type]
    author = blog.signed_in("maud", "author", "reader")
    author.confirm("maud")
    token = issue(author, "read_post", "write_post", "delete_post", "write_comment", "edit_profile")
    with served_at(blog) as origin:
        yield {"BLOG": f"{origin}{PREFIX}", "TOKEN": token}


def run(command: str, known: dict[str, str]) -> tuple[int, Message, bytes]:
    """Send what curl would; an option that is not known here fails."""
    method, url, body, headers = "", "", b"", {"User-Agent": "curl/8", "Accept": "*/*"}
    # A shell puts variables into words, whose quotes are then those of the value.
    words = iter([Template(word).substitute(known) for word in shlex.split(command)[1:]])
    for word in words:
        match word:
            case "-i":
                pass
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                body = next(words).encode()
                headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            case "-F":
                name, path, kind = re.fullmatch(r"(\w+)=@([\w.]+);type=(.+)", next(words)).groups()  # type: ignore[union-attr]
                headers["Content-Type"] = "multipart/form-data; boundary=curl"
                part = f'Content-Disposition: form-data; name="{name}"; filename="{path}"\r\nContent-Type: {kind}'
                body = f"--curl\r\n{part}\r\n\r\nWhat I noted.\n\r\n--curl--\r\n".encode()
            case _:
                assert not word.startswith("-"), word
                assert not url
                url = word
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc)
    target = where.path + (f"?{where.query}" if where.query else "")
    connection.request(method or ("POST" if body else "GET"), target, body or None, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


@pytest.mark.asvs("V4.1.1")
def test_every_command_gets_the_answer_that_it_is_said_to_get(known: dict[str, str]) -> None:
    assert len(COMMANDS) == TUTORIAL.read_text(encoding="utf-8").count("    curl ") > 10
    for command, expected in COMMANDS:
        status, headers, content = run(command, known)
        assert str(status) == expected, (command, content)
        # What the reader is told to keep; the tag is that of the draft until the end.
        if "Location" in headers and "POST" not in known:
            known["POST"] = known["BLOG"].removesuffix(PREFIX) + headers["Location"]
            known["ETAG"] = headers["ETag"]
        if "-F" in command:
            known["FILE"] = json.loads(content)["id"]
        if command.endswith("/content"):
            assert content == b"What I noted.\n"
        if int(expected) >= 400:
            assert headers["Content-Type"] == "application/problem+json"
            assert json.loads(content)["request_id"]
