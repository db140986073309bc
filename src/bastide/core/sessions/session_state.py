"""The values that a session keeps: within a limit, and merged with what other requests wrote meanwhile."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from bastide.core.foundation import BastideError, StoreUnavailable
from bastide.core.records import SessionStore

MAX_TRIES: Final = 50
DropOldest: TypeAlias = Callable[[dict[str, Any]], bool]


def keep_all(_values: dict[str, Any]) -> bool:
    """Drop nothing."""
    return False


def write_state(values: Mapping[str, Any], *, max_size_bytes: int, drop_oldest: DropOldest = keep_all) -> str:
    """Return the values as JSON text within the limit.

    Args:
        values: what JSON can say.
        max_size_bytes: of the text in UTF-8.
        drop_oldest: takes the oldest message that waits for a page out of what it is given; False where none
            is left. Asked as long as the text is too long.

    Raises:
        BastideError: it is too long even so.
    """
    fitting = dict(values)
    while True:
        text = json.dumps(fitting, separators=(",", ":"))
        if len(text.encode()) <= max_size_bytes:
            return text
        if not drop_oldest(fitting):
            msg = "the session holds more than its limit"
            raise BastideError(msg)


def merge_state(*, base: str, wanted: Mapping[str, Any], present: str) -> dict[str, Any]:
    """Return the present values with what was changed between ``base`` and ``wanted``, name by name.

    Args:
        base: JSON object that the request read.
        wanted: what it made of it.
        present: JSON object that is stored by now.
    """
    before = json.loads(base)
    merged: dict[str, Any] = json.loads(present)
    # As it would be read again: a tuple and a list are one in JSON, and so are 1 and "1" as names.
    after = json.loads(json.dumps(dict(wanted)))
    for name in before.keys() - after.keys():
        merged.pop(name, None)
    changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return merged | changed


def save_state(
    store: SessionStore,
    session_digest: bytes,
    values: Mapping[str, Any],
    *,
    base: str,
    max_size_bytes: int,
    drop_oldest: DropOldest,
) -> bool:
    """Keep the values of a session that still exists; a session that ended stays ended.

    Only what differs from ``base`` is written, so that requests at one moment keep each other's values. Of
    two that write one name, the later one wins.

    Args:
        store: keeps sessions.
        session_digest: of the session.
        values: what the request made of its values.
        base: JSON object that it read.
        max_size_bytes: see ``write_state``.
        drop_oldest: see ``write_state``.

    Raises:
        BastideError: they are too long.
        StoreUnavailable: others were faster at every try.
    """
    present, merged = base, values
    for _ in range(MAX_TRIES):
        state = write_state(merged, max_size_bytes=max_size_bytes, drop_oldest=drop_oldest)
        if store.save_session_state(session_digest, state, previous=present):
            return True
        stored = store.load_session(session_digest)
        if stored is None:
            return False
        present = stored.state
        merged = merge_state(base=base, wanted=values, present=present)
    msg = "the session is written to all the time"
    raise StoreUnavailable(msg)
