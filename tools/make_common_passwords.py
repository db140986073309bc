"""Make the bundled list of common passwords from word-per-line text files given as arguments."""

import sys
from pathlib import Path

from bastide.core.sign_in.passwords.common import BUNDLED, build_table

MAX_ENTRIES = 125_000
MIN_POLICY_LENGTH = 12


def main(paths: list[str]) -> None:
    """Write the table: the words in the order of the files, folded, up to the cap."""
    words: dict[str, None] = {}
    for path in paths:
        for line in Path(path).read_text(encoding="utf-8", errors="ignore").splitlines():
            word = line.strip("\r\n")
            if word:
                words.setdefault(word.casefold())
    # Only these can meet a policy's floor as they stand; the short ones catch their dressed-up forms.
    long_words = [word for word in words if len(word) >= MIN_POLICY_LENGTH]
    kept = list(dict.fromkeys([*long_words, *words]))[:MAX_ENTRIES]
    BUNDLED.write_bytes(build_table(kept))
    print(f"{len(kept)} words, {len(long_words)} of them of {MIN_POLICY_LENGTH} characters or more")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
