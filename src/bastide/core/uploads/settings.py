"""Which files people may send, and how much of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bastide.core.foundation import ConfigurationError
from bastide.core.uploads.kinds import KINDS

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSettings:
    """Which files people may send, and how much of them.

    Attributes:
        kinds: extensions that are taken: any of ``txt``, ``csv``, ``pdf``, ``png``, ``jpg``, ``jpeg``,
            ``gif`` and ``webp``.
        max_size_bytes: of one file, as sent.
        max_pixels: of an image, all frames together; taking one apart takes 10 bytes of memory for each at
            most, which a larger JPEG is kept within by decoding it at half or a quarter of its scale.
        max_frames: of an animation.
        max_inflated_bytes: what the compressed parts of a PDF may grow to; parsing it takes up to 250 MiB of
            memory besides.
        max_seconds: of processor time that making a document anew may take, asked between its steps.
        max_at_once: files that one process checks at the same time; the others wait.
        quota_bytes: what one account may keep, as stored.
        quota_files: how many files one account may keep.
        abandoned_after: age at which ``purge`` removes what never ended or was refused.

    Spec: V5.2.1, V5.2.4, V5.2.6, V15.2.2.
    """

    kinds: tuple[str, ...] = ("txt", "pdf", "png", "jpg", "jpeg", "gif")
    max_size_bytes: int = 5 * MIB
    max_pixels: int = 25_000_000
    max_frames: int = 200
    max_inflated_bytes: int = 50 * MIB
    max_seconds: float = 10
    max_at_once: int = 2
    quota_bytes: int = 100 * MIB
    quota_files: int = 200
    abandoned_after: timedelta = timedelta(hours=1)

    @property
    def max_size_mib(self) -> str:
        """The largest file as people are told of it."""
        return f"{self.max_size_bytes / MIB:g}"

    def __post_init__(self) -> None:
        unknown = sorted(set(self.kinds) - KINDS.keys())
        if unknown:
            msg = f"no such kinds of files: {unknown}; there are {sorted(KINDS)}"
            raise ConfigurationError(msg)
        limits = (
            self.max_size_bytes, self.max_pixels, self.max_frames, self.max_inflated_bytes, self.max_at_once,
            self.max_seconds, self.quota_bytes, self.quota_files,
        )  # fmt: skip
        if min(limits) < 1 or self.abandoned_after <= timedelta():
            msg = "the limits of uploads are positive"
            raise ConfigurationError(msg)
