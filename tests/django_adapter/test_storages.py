"""Uploads in Django's storages (U3)."""

from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, InMemoryStorage, Storage
from django.test import override_settings

from bastide.core.foundation import ConfigurationError, StoreUnavailable, SystemEntropy
from bastide.core.uploads import UploadMissing
from bastide.core.uploads.names import new_storage_name
from bastide.django.storages import DjangoStorage, require_unserved_storage
from support.django_blog import set_up

pytestmark = pytest.mark.asvs("V5.3.2")
NAME = "a" * 40


class Late(File):
    """A file whose bytes travel with the first look at them."""

    def __init__(self, bucket: Any, name: str) -> None:
        self.name, self._bucket = name, bucket

    @property
    def file(self) -> Any:
        return self._bucket.fetch(self.name)

    def close(self) -> None:
        pass


class Bucket(Storage):
    """Behaves as the usual storage of S3 does by default: writes over what is there, and reads late."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002
        return name

    def exists(self, name: str) -> bool:  # noqa: ARG002
        return False

    def _save(self, name: str, content: Any) -> str:
        self.held[name] = content.read()
        return name

    def _open(self, name: str, mode: str = "rb") -> Any:  # noqa: ARG002
        if name not in self.held:
            raise FileNotFoundError(name)
        return Late(self, name)

    def fetch(self, name: str) -> BytesIO:
        return BytesIO(self.held[name])

    def delete(self, name: str) -> None:
        self.held.pop(name, None)


@pytest.fixture
def bucket() -> Any:
    set_up()
    with override_settings(STORAGES={"uploads": {"BACKEND": "django_adapter.test_storages.Bucket"}}):
        storage = DjangoStorage("uploads")
        yield storage, storage._storage  # noqa: SLF001


@pytest.fixture(params=["folder", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    backends = {
        "folder": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files", "file_permissions_mode": 0o600},
        },
        "memory": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    set_up()
    with override_settings(STORAGES={"uploads": backends[request.param]}):
        yield DjangoStorage("uploads")


def test_bytes_are_kept_read_and_deleted(storage: DjangoStorage) -> None:
    storage.write(NAME, b"words")
    with storage.open(NAME) as file:
        assert file.read() == b"words"
    storage.delete(NAME)
    storage.delete(NAME)
    with pytest.raises(UploadMissing):
        storage.open(NAME)


def test_a_bucket_that_writes_over_what_is_there_keeps_uploads_apart_by_their_names(bucket: Any) -> None:
    storage, kept = bucket
    first, second = (new_storage_name(SystemEntropy()) for _ in range(2))
    assert first != second
    for name in (first, second):
        storage.write(name, name.encode())
    for name in (first, second):
        with storage.open(name) as file:
            assert file.read() == name.encode()
    storage.delete(first)
    storage.delete(first)
    with pytest.raises(UploadMissing):
        storage.open(first)
    assert list(kept.held) == [second]


@pytest.mark.parametrize("call", ["_save", "_open", "fetch", "delete"])
def test_a_bucket_that_is_away_is_unavailable_and_never_an_error(bucket: Any, call: str) -> None:
    storage, kept = bucket
    storage.write(NAME, b"words")
    verbs = {
        "_save": lambda: storage.write("b" * 40, b"x"), "_open": lambda: storage.open(NAME),
        "fetch": lambda: storage.open(NAME), "delete": lambda: storage.delete(NAME),
    }  # fmt: skip
    is_away = mock.patch.object(kept, call, side_effect=RuntimeError("the bucket is away"))
    with is_away, pytest.raises(StoreUnavailable):
        verbs[call]()
    with storage.open(NAME) as file:
        assert file.read() == b"words"


def test_a_name_that_is_taken_stays_what_it_was(storage: DjangoStorage) -> None:
    storage.write(NAME, b"old")
    with pytest.raises(StoreUnavailable):
        storage.write(NAME, b"new")
    with storage.open(NAME) as file:
        assert file.read() == b"old"
    kept: Any = storage._storage  # noqa: SLF001
    assert kept.listdir("")[1] == [NAME]


@pytest.mark.parametrize("verb", ["save", "open", "delete"])
def test_whatever_a_storage_raises_is_unavailable(storage: DjangoStorage, verb: str) -> None:
    calls = {
        "save": lambda: storage.write(NAME, b"x"),
        "open": lambda: storage.open(NAME),
        "delete": lambda: storage.delete(NAME),
    }
    for backend in (FileSystemStorage, InMemoryStorage):
        with mock.patch.object(backend, verb, side_effect=RuntimeError("the bucket is away")):
            if isinstance(storage._storage, backend):  # noqa: SLF001
                with pytest.raises(StoreUnavailable):
                    calls[verb]()


@pytest.mark.asvs("V5.3.1")
def test_a_storage_in_media_or_static_files_is_refused(tmp_path: Path) -> None:
    set_up()
    files = "django.core.files.storage.FileSystemStorage"
    backends = {
        "default": {"BACKEND": files}, "apart": {"BACKEND": files, "OPTIONS": {"location": tmp_path / "uploads"}},
        "below": {"BACKEND": files, "OPTIONS": {"location": tmp_path / "static" / "x"}},
        "memory": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }  # fmt: skip
    with override_settings(STORAGES=backends, MEDIA_ROOT=tmp_path / "media", STATIC_ROOT=tmp_path / "static"):
        for alias in ("default", "below"):
            with pytest.raises(ConfigurationError, match="folder of its own"):
                require_unserved_storage(DjangoStorage(alias))
        for alias in ("apart", "memory"):
            require_unserved_storage(DjangoStorage(alias))
    require_unserved_storage(None)
    # Nobody said where media files are: they are where the process was started, and so is everything else.
    with override_settings(STORAGES=backends), pytest.raises(ConfigurationError, match="folder of its own"):
        require_unserved_storage(DjangoStorage("default"))
