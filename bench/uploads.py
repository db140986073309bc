"""What taking a file costs: telling its kind, making it anew, and the whole way to the disk.

``python -m bench.uploads`` prints one table.
"""

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import puremagic
from PIL import Image, ImageOps
from rich.console import Console
from rich.table import Table

from bastide.core.foundation import Client, SystemClock, SystemEntropy
from bastide.core.security_log import Recorder
from bastide.core.uploads import KINDS, Uploads, UploadSettings, sniff
from bastide.core.uploads._images import encode_anew
from bastide.core.uploads._jpeg import QUALITY
from bastide.stores.folder import FolderStorage
from bastide.stores.memory import memory_stores

ROUNDS = 21
SIZE = (2240, 1680)
SETTINGS = UploadSettings(quota_bytes=2**40, quota_files=2**20)
HERE = Client()


class _NoLog:
    """Takes events and forgets them: what the log costs is measured elsewhere."""

    def append_event(self, event: Any) -> None:
        """Forget the event."""


def photo() -> bytes:
    """Return a JPEG of about 4 MB, held upright: noise, which is the hardest to code."""
    out = BytesIO()
    noise = Image.frombytes("RGB", SIZE, os.urandom(SIZE[0] * SIZE[1] * 3))
    held = Image.Exif()
    held[0x0112] = 6
    noise.save(out, "JPEG", quality=94, exif=held)
    return out.getvalue()


def plain(data: bytes) -> bytes:
    """Decode, turn and encode with Pillow and nothing else."""
    out = BytesIO()
    with Image.open(BytesIO(data)) as image:
        ImageOps.exif_transpose(image).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def medians(calls: Mapping[str, Callable[[], Any]], repeat: int) -> dict[str, float]:
    """Return the CPU microseconds of one call of each; batches interleaved, so that drift hits all alike."""
    costs: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.process_time()
            for _ in range(repeat):
                call()
            costs[name].append((time.process_time() - start) / repeat * 1e6)
    return {name: statistics.median(values) for name, values in costs.items()}


def uploads_per_second(folder: Path, name: str, media_type: str, data: bytes, count: int) -> float:
    """Return how many files a second one thread takes: checked, kept on the disk, known by a row."""
    clock = SystemClock()
    uploads = Uploads(
        store=memory_stores().uploads, storage=FolderStorage(folder / "uploads"), scanner=None,
        recorder=Recorder(sink=_NoLog(), clock=clock), clock=clock, entropy=SystemEntropy(),
        settings=SETTINGS,
    )  # fmt: skip
    start = time.perf_counter()
    for number in range(count):
        uploads.receive(
            1, HERE, subject=f"bench:{number}", raw_name=name, declared_type=media_type, body=BytesIO(data)
        )
    return count / (time.perf_counter() - start)


def uploads_table(folder: Path) -> Table:
    """Measure and return one table."""
    table = Table("uploads", "candidate", "us", "ratio", "target")
    sent = photo()
    sniffing = medians(
        {"bastide": lambda: sniff(sent), "puremagic": lambda: puremagic.from_string(sent)}, repeat=50
    )
    for name, cost in sniffing.items():
        table.add_row("tell the kind", name, f"{cost:.2f}", "", "<= 1 us" if name == "bastide" else "")
    jpeg = KINDS["jpg"]
    limits = {"max_pixels": SETTINGS.max_pixels, "max_frames": SETTINGS.max_frames}
    making = medians(
        {"bastide": lambda: encode_anew(sent, jpeg, **limits), "pillow alone": lambda: plain(sent)}, repeat=1
    )
    for name, cost in making.items():
        is_own = name == "bastide"
        ratio = f"{cost / making['pillow alone']:.3f}x" if is_own else ""
        table.add_row(
            f"JPEG of {len(sent) / 1e6:.1f} MB anew", name, f"{cost:.0f}", ratio, "<= 1.1x" if is_own else ""
        )
    note = b"Plain text of a few lines.\n" * 40
    for title, rate in (
        ("notes of 1 kB, per second", uploads_per_second(folder, "a.txt", "text/plain", note, 200)),
        ("such JPEGs, per second", uploads_per_second(folder, "a.jpg", "image/jpeg", sent, 20)),
    ):
        table.add_row(title, "bastide", f"{rate:.0f}/s", "", "")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    table.add_row("most memory of this process", "", f"{peak} MiB", "", "")
    return table


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        Console(width=110).print(uploads_table(Path(place)))
