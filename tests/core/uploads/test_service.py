"""An upload is kept whole, checked, within its owner's quota and known by a row; or nothing of it is."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from typing import Any, BinaryIO

import pytest

from bastide.core.foundation import ConfigurationError, InvalidInput, Secret, StoreUnavailable
from bastide.core.request import Settings, assemble
from bastide.core.security_log import EventFilter
from bastide.core.uploads import Upload, UploadMissing, Uploads, UploadSettings, UploadState
from bastide.pages import CatalogueMails
from bastide.stores.memory import memory_stores
from bastide.testing import FrozenClock, SeededEntropy
from support.blog import Outbox
from support.core import HERE, kinds, make
from support.files import TRUE, TYPES, jpeg, png
from support.rows import rows

ME, POST = 1, "post:7"


@dataclass
class Bytes:
    """A storage that counts what it holds, and fails when told."""

    held: dict[str, bytes] = field(default_factory=dict)
    is_full: bool = False
    is_stuck: bool = False

    def write(self, name: str, data: bytes) -> None:
        if self.is_full:
            self.held[f"{name}.part"] = data[:1]
            raise StoreUnavailable(name)
        self.held[name] = data

    def open(self, name: str) -> BinaryIO:
        if name not in self.held:
            raise UploadMissing(name)
        return BytesIO(self.held[name])

    def delete(self, name: str) -> None:
        if self.is_stuck:
            raise StoreUnavailable(name)
        self.held.pop(name, None)
        self.held.pop(f"{name}.part", None)


@dataclass
class Eyes:
    """A scanner that finds one word."""

    is_away: bool = False
    seen: list[bytes] = field(default_factory=list)

    def find_malware(self, data: bytes) -> str | None:
        if self.is_away:
            raise StoreUnavailable("clamd")
        self.seen.append(data)
        return "Eicar" if b"EICAR" in data else None


@dataclass
class Desk:
    uploads: Uploads
    services: Any
    storage: Bytes
    scanner: Eyes

    def send(
        self, name: str = "a.txt", body: bytes = b"words", declared: str = "", owner: int = ME
    ) -> Upload:
        return self.uploads.receive(
            owner, HERE, subject=POST, raw_name=name, declared_type=declared or TYPES[name.rpartition(".")[2]],
            body=BytesIO(body),
        )  # fmt: skip

    def refuse(self, name: str = "a.txt", body: bytes = b"words", declared: str = "") -> str:
        before = dict(self.storage.held)
        with pytest.raises(InvalidInput) as caught:
            self.send(name, body, declared)
        assert self.storage.held == before
        return caught.value.code

    def rows(self) -> list[Upload]:
        return list(self.services.stores.uploads.list_uploads_of(POST))


def desk(clock: FrozenClock, *, with_scanner: bool = True, **settings: Any) -> Desk:
    services, storage, scanner = make(clock, Outbox()), Bytes(), Eyes()
    uploads = Uploads(
        store=services.stores.uploads, storage=storage, scanner=scanner if with_scanner else None,
        recorder=services.recorder, clock=clock, entropy=SeededEntropy(), settings=UploadSettings(**settings),
    )  # fmt: skip
    return Desk(uploads, services, storage, scanner)


@pytest.mark.asvs("V5.2.2", "V5.3.2")
@rows("extension", sorted(TRUE))
def test_every_declared_kind_is_kept_whole_under_a_random_name(clock: FrozenClock, extension: str) -> None:
    made = desk(clock, kinds=tuple(TRUE))
    kept = made.send(f"Größe.{extension}", TRUE[extension])
    assert made.rows() == [kept]
    # What was sent, not what is left of it.
    assert made.scanner.seen == [TRUE[extension]]
    assert (kept.owner, kept.display_name, kept.media_type) == (ME, f"Größe.{extension}", TYPES[extension])
    assert (kept.state, kept.created_at) == (UploadState.READY, clock.now())
    assert kept.size_bytes == len(made.storage.held[kept.name])
    with made.uploads.open(kept) as file:
        data = file.read()
    assert len(kept.digest) == 32
    assert extension != "txt" or data == TRUE[extension]
    assert kinds(made.services) == ["content:upload:stored"]
    assert made.uploads.list_of(POST) == [kept]
    assert made.uploads.find(kept.name, subject=POST) == kept
    assert made.uploads.find(kept.name, subject="post:8") is None
    assert made.uploads.find("0" * 40, subject=POST) is None


@pytest.mark.asvs("V5.2.1", "V5.2.2")
def test_every_refusal_names_its_rule_and_is_an_event(clock: FrozenClock) -> None:
    made = desk(clock, max_size_bytes=2048, max_pixels=100)
    codes = [
        made.refuse("a.exe", b"MZ", "text/plain"), made.refuse("a.png", TRUE["png"], "image/gif"),
        made.refuse("a.png", TRUE["gif"]), made.refuse("a.pdf", TRUE["png"]), made.refuse("a.txt", b""),
        made.refuse("a.txt", b"x" * 2049), made.refuse("a.png", png((11, 10))), made.refuse("a.txt", b"<html>"),
        made.refuse("a.pdf", b"%PDF-1.7"), made.refuse("a.txt", b"EICAR"),
    ]  # fmt: skip
    assert codes == [
        "file_extension", "file_type", "file_content", "file_content", "file_empty", "file_too_large", "file_pixels",
        "file_markup", "file_broken", "file_infected",
    ]  # fmt: skip
    assert made.rows() == []
    events, _ = made.services.stores.events.list_events(EventFilter(), offset=0, limit=100)
    assert [event.detail["code"] for event in reversed(events)] == codes
    assert made.send("a.txt", b"x" * 2048).size_bytes == 2048
    assert {(str(event.kind), event.target, event.actor) for event in events} == {
        ("content:upload:refused", POST, str(ME))
    }


@pytest.mark.asvs("V5.2.4")
def test_quotas_count_bytes_and_files_of_one_owner(clock: FrozenClock) -> None:
    made = desk(clock, quota_bytes=10, quota_files=2)
    made.send(body=b"12345678")
    assert made.refuse(body=b"123") == "quota"
    made.send(body=b"12")
    made.send(body=b"1234567890", owner=2)
    small = desk(clock, quota_files=1)
    small.send()
    assert small.refuse() == "quota"


@pytest.mark.asvs("V5.2.4")
def test_a_picture_that_grows_beyond_the_quota_is_taken_back(clock: FrozenClock) -> None:
    sent = jpeg((64, 64), colour=(9, 200, 120), quality=5)
    made = desk(clock, quota_bytes=len(sent))
    assert made.refuse("a.jpg", sent) == "quota"
    assert made.rows() == []


@pytest.mark.asvs("V5.4.3")
def test_what_the_scanner_could_not_see_is_held_and_never_served(clock: FrozenClock) -> None:
    made = desk(clock)
    made.scanner.is_away = True
    held, bad, gone = made.send("a.txt"), made.send("b.txt", b"EICAR"), made.send("c.txt")
    assert held.state is UploadState.HELD
    assert made.uploads.find(held.name, subject=POST) is None
    assert made.uploads.list_of(POST) == sorted([held, bad, gone], key=lambda row: row.name)
    with pytest.raises(StoreUnavailable):
        made.uploads.scan_held(HERE)
    made.scanner.is_away = False
    del made.storage.held[gone.name]
    assert made.uploads.scan_held(HERE) == {UploadState.READY: 1, UploadState.REFUSED: 2}
    assert made.uploads.scan_held(HERE) == {UploadState.READY: 0, UploadState.REFUSED: 0}
    assert [row.name for row in made.uploads.list_of(POST)] == [held.name]
    assert made.uploads.find(held.name, subject=POST) is not None
    assert list(made.storage.held) == [held.name]
    assert kinds(made.services)[:3] == ["content:upload:held"] * 3
    assert sorted(kinds(made.services)[3:]) == ["content:upload:refused"] * 2 + ["content:upload:stored"]


def test_a_decision_that_somebody_else_made_is_not_counted(clock: FrozenClock) -> None:
    made = desk(clock)
    made.scanner.is_away = True
    made.send()
    made.scanner.is_away = False
    made.services.stores.uploads.decide_upload = lambda *_: False
    assert made.uploads.scan_held(HERE) == {UploadState.READY: 0, UploadState.REFUSED: 0}


def test_without_a_scanner_held_files_stay_held(clock: FrozenClock) -> None:
    made = desk(clock, with_scanner=False)
    assert made.send().state is UploadState.READY
    assert made.uploads.scan_held(HERE) == {UploadState.READY: 0, UploadState.REFUSED: 0}


@pytest.mark.asvs("V5.3.1")
def test_a_full_disk_leaves_nothing_and_keeps_what_was_there(clock: FrozenClock) -> None:
    made = desk(clock)
    old = made.send()
    made.storage.is_full = True
    with pytest.raises(StoreUnavailable):
        made.send()
    assert made.rows() == [old]
    assert list(made.storage.held) == [old.name]


def test_what_cannot_be_taken_back_at_once_is_purged_later(clock: FrozenClock) -> None:
    made = desk(clock)
    made.storage.is_full = made.storage.is_stuck = True
    with pytest.raises(StoreUnavailable, match=r"^[0-9a-f]{40}$"):
        made.send()
    (row,) = made.rows()
    assert row.state is UploadState.PENDING
    assert made.uploads.list_of(POST) == []
    assert made.uploads.find(row.name, subject=POST) is None
    assert made.uploads.purge() == 0
    clock.advance(timedelta(hours=1, seconds=1))
    with pytest.raises(StoreUnavailable):
        made.uploads.purge()
    made.storage.is_stuck = False
    assert made.uploads.purge() == 1
    assert (made.rows(), made.storage.held) == ([], {})


def test_files_are_removed_by_their_subject_only(clock: FrozenClock) -> None:
    made = desk(clock)
    one, two = made.send(), made.send()
    assert one.name != two.name
    assert not made.uploads.remove(one.name, HERE, subject="post:8", by=ME)
    assert not made.uploads.remove("0" * 40, HERE, subject=POST, by=ME)
    assert made.uploads.remove(one.name, HERE, subject=POST, by=ME)
    assert list(made.storage.held) == [two.name]
    made.uploads.remove_all(POST, HERE, by=ME)
    assert (made.rows(), made.storage.held) == ([], {})
    assert kinds(made.services)[2:] == ["content:upload:removed"] * 2


def test_a_request_may_carry_a_file_and_the_form_around_it() -> None:
    made = desk(FrozenClock(), max_size_bytes=1000)
    assert made.uploads.max_request_bytes == 1000 + 16_384


def test_images_without_pillow_are_an_error_at_start_up(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bastide.core.uploads._images.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"bastide\[images\]"):
        desk(clock)
    assert desk(clock, kinds=("txt", "pdf")).send().state is UploadState.READY


def test_documents_without_pikepdf_are_an_error_at_start_up(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bastide.core.uploads._pdf.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"bastide\[documents\]"):
        desk(clock)
    assert desk(clock, kinds=("txt", "png")).send().state is UploadState.READY


def test_an_application_without_a_storage_takes_no_uploads(clock: FrozenClock) -> None:
    assert make(clock, Outbox()).uploads is None


def test_an_application_with_a_storage_takes_uploads(clock: FrozenClock) -> None:
    made = desk(clock)
    assert made.services.uploads is None
    services = assemble(
        settings=Settings(), stores=memory_stores(), secret_key=Secret("k" * 32), mailer=Outbox(), mail_texts=CatalogueMails(),
        sink=lambda log: log, clock=clock, entropy=SeededEntropy(), upload_storage=made.storage,
    )  # fmt: skip
    assert services.require_uploads() is services.uploads
    with pytest.raises(ConfigurationError, match="takes no files"):
        made.services.require_uploads()
    made.services.require_place_for_files([])
    services.require_place_for_files(["add"])
    with pytest.raises(ConfigurationError, match="take files: add, more"):
        made.services.require_place_for_files(["more", "add"])
    assert services.require_uploads().max_request_bytes == 5 * 1024 * 1024 + 16_384


def test_what_could_not_be_removed_at_once_is_shown_no_more_and_purged_later(clock: FrozenClock) -> None:
    made = desk(clock)
    kept = made.send()
    made.storage.is_stuck = True
    with pytest.raises(StoreUnavailable):
        made.uploads.remove(kept.name, HERE, subject=POST, by=ME)
    assert (made.uploads.list_of(POST), made.uploads.find(kept.name, subject=POST)) == ([], None)
    made.storage.is_stuck = False
    assert not made.uploads.remove(kept.name, HERE, subject=POST, by=ME)
    assert list(made.storage.held) == [kept.name]
    clock.advance(timedelta(hours=1, seconds=1))
    assert made.uploads.purge() == 1
    assert (made.rows(), made.storage.held) == ([], {})


@pytest.mark.parametrize("is_killed", [False, True])
def test_an_upload_whose_subject_goes_meanwhile_leaves_nothing(
    clock: FrozenClock, *, is_killed: bool
) -> None:
    made = desk(clock)
    write = made.storage.write

    def write_late(name: str, data: bytes) -> None:
        made.uploads.remove_all(POST, HERE, by=ME)
        write(name, data)
        # What a killed process does about it: nothing.
        made.storage.is_stuck = is_killed

    made.storage.write = write_late  # type: ignore[method-assign]
    with pytest.raises(InvalidInput):
        made.send()
    made.storage.is_stuck = False
    assert len(made.storage.held) == is_killed
    clock.advance(timedelta(hours=1, seconds=1))
    assert made.uploads.purge() == is_killed
    assert (made.rows(), made.storage.held) == ([], {})


@pytest.mark.asvs("V14.2.7")
def test_files_without_an_owner_are_not_served_and_go_with_the_next_purge(clock: FrozenClock) -> None:
    made = desk(clock)
    others = [made.send(owner=2) for _ in range(3)]
    kept = made.send()
    rows = made.services.stores.uploads._data.uploads  # noqa: SLF001 -- as a database does it
    for other in others:
        rows[other.name] = replace(other, owner=None)
    assert made.uploads.list_of(POST) == [kept]
    assert made.uploads.find(others[0].name, subject=POST) is None
    assert made.uploads.purge() == 3
    assert (made.rows(), list(made.storage.held)) == ([kept], [kept.name])


@pytest.mark.asvs("V5.2.4")
def test_refused_files_do_not_fill_the_quota_for_ever(clock: FrozenClock) -> None:
    made = desk(clock, quota_files=1)
    made.scanner.is_away = True
    made.send(body=b"EICAR")
    made.scanner.is_away = False
    assert made.uploads.scan_held(HERE)[UploadState.REFUSED] == 1
    clock.advance(timedelta(hours=1, seconds=1))
    assert made.uploads.purge() == 1
    assert made.send().state is UploadState.READY
