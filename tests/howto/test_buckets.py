"""The bucket of docs/howto/flask.md, as an application keeps uploads in it."""

from io import BytesIO
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from bastide import StoreUnavailable, UploadMissing
from bastide.testing import FrozenClock
from conftest import ROOT, make_blog

GUIDE = (ROOT / "docs/howto/flask.md").read_text(encoding="utf-8")
NAME = "a" * 40


class NoSuchKeyError(Exception):
    """As a client of S3 has it."""


class Client:
    """Keeps objects as S3 does."""

    exceptions = SimpleNamespace(NoSuchKey=NoSuchKeyError)

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], bytes] = {}
        self.is_away = False

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str) -> dict[str, Any]:  # noqa: N803
        self._answer()
        assert IfNoneMatch == "*"
        if (Bucket, Key) in self.held:
            raise FileExistsError(Key)
        self.held[Bucket, Key] = Body
        return {"ETag": "x"}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._answer()
        if (Bucket, Key) not in self.held:
            raise NoSuchKeyError(Key)
        return {"Body": BytesIO(self.held[Bucket, Key])}

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._answer()
        self.held.pop((Bucket, Key), None)
        return {}

    def _answer(self) -> None:
        if self.is_away:
            raise TimeoutError


def make_bucket(client: Client) -> Any:
    _, code = GUIDE.split("Files go to a bucket", 1)[1].split("\n\n", 1)
    names: dict[str, Any] = {}
    exec(dedent(code.split("\n## ", 1)[0]), names)  # noqa: S102 -- the guide's own code
    return names["Bucket"](client, "uploads")


@pytest.mark.asvs("V5.3.2")
def test_the_bucket_keeps_gives_and_deletes_and_is_never_an_error() -> None:
    client = Client()
    bucket = make_bucket(client)
    bucket.write(NAME, b"words")
    with pytest.raises(StoreUnavailable):
        bucket.write(NAME, b"other words")
    with bucket.open(NAME) as file:
        assert file.read() == b"words"
    assert client.held == {("uploads", NAME): b"words"}
    client.is_away = True
    for verb in (
        lambda: bucket.write("b" * 40, b"x"),
        lambda: bucket.open(NAME),
        lambda: bucket.delete(NAME),
    ):
        with pytest.raises(StoreUnavailable):
            verb()
    client.is_away = False
    for _ in range(2):
        bucket.delete(NAME)
    with pytest.raises(UploadMissing):
        bucket.open(NAME)


def test_the_blog_keeps_its_files_in_it(tmp_path: Path, clock: FrozenClock) -> None:
    client, blog = Client(), make_blog(f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path, clock)
    blog.services.require_uploads()._storage = make_bucket(client)  # noqa: SLF001 -- as it is handed in
    author = blog.signed_in("maud", "author", "reader")
    path = f"/posts/{blog.write_post(author, 'A post with files')}/files"
    form = {"file": (BytesIO(b"words"), "a.txt", "text/plain")}
    assert author.post(path, form).status_code == 303
    ((_, name),) = client.held
    assert author.get(f"{path}/{name}").data == b"words"
    client.is_away = True
    assert author.get(f"{path}/{name}").status_code == 503
    assert author.post(path, {"file": (BytesIO(b"more"), "b.txt", "text/plain")}).status_code == 503
    client.is_away = False
    assert author.post(f"{path}/{name}/remove").status_code == 303
    assert client.held == {}
    blog.close()
