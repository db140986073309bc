"""Both blogs send a file in the same words: status, headers and bytes, however it is asked for."""

import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bastide.core.uploads import KINDS
from bastide.testing import FrozenClock
from conftest import make_blog
from support.blog import Blog
from support.desk import Desk
from support.documents import document
from support.files import gif, jpeg, png

SENT = {
    "txt": "Größe: plain words.".encode(), "csv": "name;Größe\nMaud;5\n".encode(), "pdf": document(), "png": png(),
    "gif": gif(), "jpg": jpeg(),
}  # fmt: skip
ASKED: dict[str, tuple[int, dict[str, str]]] = {
    "whole": (200, {}),
    "a part": (206, {"Range": "bytes=1-3"}),
    "its end": (206, {"Range": "bytes=-2"}),
    "a part of this": (206, {"Range": "bytes=1-3", "If-Range": "ETAG"}),
    "a part of another": (200, {"Range": "bytes=1-3", "If-Range": '"another"'}),
    "a part of what was then": (200, {"Range": "bytes=1-3", "If-Range": "Tue, 01 Dec 2026 00:00:00 GMT"}),
    "two parts": (200, {"Range": "bytes=0-1,3-4"}),
    "behind its end": (416, {"Range": "bytes=9999999-"}),
    "unless it is this": (304, {"If-None-Match": "ETAG"}),
    "unless it is this, weakly": (304, {"If-None-Match": 'W/"another", W/ETAG'}),
    "unless there is any": (304, {"If-None-Match": "*"}),
    "a part unless it is this": (304, {"Range": "bytes=0-1", "If-None-Match": "ETAG"}),
    "unless it is another": (200, {"If-None-Match": '"another"'}),
    "if it is this": (200, {"If-Match": "ETAG"}),
    "if it is another": (412, {"If-Match": '"another"'}),
}
# Of the page that refuses, which each framework renders and measures itself.
OF_PAGES = {"Content-Length"}


def told(answer: TestResponse) -> tuple[int, dict[str, str], bytes]:
    """Return what an answer says, but for what is new in each; several lines of a header are one list."""
    is_page = answer.status_code >= 400
    headers: dict[str, str] = {}
    for name, value in answer.headers:
        if name not in {"Date", "X-Request-ID", *(OF_PAGES if is_page else ())}:
            before = f"{headers[name.lower()]}, " if name.lower() in headers else ""
            headers[name.lower()] = before + re.sub(r"'nonce-[^']+'", "'nonce-'", value)
    return answer.status_code, headers, b"" if is_page else answer.data


def answers(blog: Blog) -> dict[tuple[str, str, str], Any]:
    """Return what the blog says to whom it lets see a file, in each way of asking; and to who may not."""
    found, desk, stranger = {}, Desk(blog), blog.browser()
    for extension, body in SENT.items():
        assert desk.send(f"Größe.{extension}", body, KINDS[extension].media_type).status_code == 303
        path = desk.only()
        etag = desk.author.get(path).headers["ETag"]
        for name, (status, asked) in ASKED.items():
            headers = {key: value.replace("ETAG", etag) for key, value in asked.items()}
            for place in (path, f"/api/v1{path}/content"):
                answer = desk.author.get(place, headers=headers)
                assert answer.status_code == status, (extension, name)
                found[extension, name, place[:4]] = told(answer)
        head = desk.author.open("HEAD", path)
        found[extension, "head", ""] = (head.status_code, told(head)[1])
        assert found[extension, "head", ""] == found[extension, "whole", "/pos"][:2]
        found[extension, "a stranger", ""] = told(stranger.get(path))
        desk.clear()
    return found


@pytest.mark.asvs("V5.4.1", "V3.2.1")
def test_both_blogs_send_the_same_headers_for_a_file(tmp_path: Path, clock: FrozenClock) -> None:
    both = []
    for framework in ("flask", "django"):
        (tmp_path / framework).mkdir()
        blog = make_blog(
            f"sqlite:///{tmp_path / framework / 'blog.sqlite3'}", tmp_path / framework, clock, framework=framework,
            settings={"uploads": {"kinds": tuple(SENT)}},
        )  # fmt: skip
        both.append(answers(blog))
        blog.close()
    flask, django = both
    assert flask.keys() == django.keys()
    assert {key: flask[key] for key in flask if flask[key] != django[key]} == {}
    for extension in ("txt", "csv"):
        types = {key: value[1].get("content-type") for key, value in flask.items() if key[0] == extension}
        assert types[extension, "whole", "/pos"] == f"{KINDS[extension].media_type}; charset=utf-8"
        assert types[extension, "unless it is this", "/pos"] is None
