"""Where an author sends files from, whole ones and others."""

from io import BytesIO
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from support.blog import BASE, Blog, Browser
from support.files import (
    TYPES,
)


class Desk:
    """An author's post, and ways to send files to it."""

    def __init__(self, blog: Blog) -> None:
        self.blog = blog
        self.author = blog.signed_in("maud", "author", "reader")
        self.post_id = blog.write_post(self.author, "A post with files")
        self.path = f"/posts/{self.post_id}/files"
        self.subject = f"post:{self.post_id}"

    def send(
        self, name: str, body: bytes, declared: str = "", browser: Browser | None = None, **form: Any
    ) -> TestResponse:
        kind = declared or TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        return (browser or self.author).post(self.path, {"file": (BytesIO(body), name, kind), **form})

    def names(self) -> list[str]:
        return [row.name for row in self.blog.services.require_uploads().list_of(f"post:{self.post_id}")]

    def only(self) -> str:
        (name,) = self.names()
        return f"{self.path}/{name}"

    def stored(self) -> list[Path]:
        return sorted((self.blog.folder / "uploads").iterdir())

    def clear(self) -> None:
        """Remove the one file that was sent."""
        assert self.author.post(f"{self.only()}/remove").status_code == 303
        assert self.stored() == []


def by_script(browser: Browser) -> dict[str, str]:
    """Return the headers of a script on the site's own pages, which calls the API in a session."""
    return {"X-CSRF-Token": browser.token(), "Origin": BASE, "Sec-Fetch-Site": "same-origin"}


class Body:
    """A body as a server hands it over, which counts what is taken of it."""

    def __init__(self, data: bytes) -> None:
        self._data = BytesIO(data)
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        part = self._data.read(65_536 if size < 0 else min(size, 65_536))
        self.taken += len(part)
        return part

    def readline(self, size: int = -1) -> bytes:
        part = self._data.readline(size)
        self.taken += len(part)
        return part


def form_with(desk: Desk, size: int, *, names: int = 1) -> bytes:
    """Return a form with a token and so many files, as it travels."""
    token = f'name="{desk.author.token_field}"\r\n\r\n{desk.author.token()}'.encode()
    file = b'name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n' + b"x" * size
    return (
        b"".join(b"--b\r\nContent-Disposition: form-data; %b\r\n" % part for part in [token, *[file] * names])
        + b"--b--\r\n"
    )


def send_raw(desk: Desk, body: Any, length: int | None, browser: Browser | None = None) -> int:
    """Send a body that is as long as it says, or not, or says nothing, as behind chunks."""
    environ = {
        "CONTENT_TYPE": "multipart/form-data; boundary=b", "wsgi.input": body, "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "" if length is None else str(length),
    }  # fmt: skip
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    return (browser or desk.author).open("POST", desk.path, headers=headers, environ=environ).status_code
