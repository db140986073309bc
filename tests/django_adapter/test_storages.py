"""Uploads in Django's storages (U3)."""

from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.test import override_settings

from bastide.core.errors import ConfigurationError, StoreUnavailable
from bastide.core.uploads import UploadMissing
from bastide.django.storages import DjangoStorage, require_unserved_storage
from support.django_blog import set_up

pytestmark = pytest.mark.asvs("V5.3.2")
NAME = "a" * 40


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
