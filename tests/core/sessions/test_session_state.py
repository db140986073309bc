"""What a session keeps when several requests write to it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import BastideError, StoreUnavailable
from bastide.core.records import NewSession
from bastide.core.sessions import keep_all, write_state
from bastide.core.sessions.session_state import MAX_TRIES, merge_state, save_state
from bastide.stores.memory import memory_stores
from bastide.testing.clock import START

VALUES = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2) | st.lists(st.integers(0, 1), max_size=2))


def merged(base: Any, wanted: Any, present: Any) -> dict[str, Any]:
    return merge_state(base=json.dumps(base), wanted=wanted, present=json.dumps(present))


@pytest.mark.asvs("V15.4.2")
@given(VALUES, VALUES, VALUES)
def test_a_request_changes_what_it_changed_and_nothing_else(base: Any, wanted: Any, present: Any) -> None:
    found = merged(base, wanted, present)
    for name in "abcd":
        side = present if base.get(name) == wanted.get(name) else wanted
        assert found.get(name) == side.get(name)
    assert merged(base, wanted, base) == wanted
    assert merged(base, base, present) == present


def test_what_json_writes_alike_is_no_change() -> None:
    base = {"pair": [1, 2], "1": "one"}
    assert merged(base, {"pair": (1, 2), 1: "one"}, {"pair": [3, 4], "1": "uno"}) == {
        "pair": [3, 4],
        "1": "uno",
    }


@given(VALUES)
def test_the_limit_is_one_of_bytes(values: dict[str, Any]) -> None:
    values["é"] = "é"
    text = json.dumps(values, separators=(",", ":"))
    assert write_state(values, max_size_bytes=len(text.encode())) == text
    with pytest.raises(BastideError):
        write_state(values, max_size_bytes=len(text.encode()) - 1)


@pytest.mark.asvs("V15.4.2")
def test_who_is_always_overtaken_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    store, tries = memory_stores().sessions, []
    new = NewSession(
        digest=b"s" * 32, account_id=None, state="{}", confirmed_at=None, agent_family="", network=""
    )
    store.create_session(new, now=START)
    monkeypatch.setattr(store, "save_session_state", lambda *_, **__: tries.append(1))
    with pytest.raises(StoreUnavailable):
        save_state(store, new.digest, {"a": 1}, base="{}", max_size_bytes=99, drop_oldest=keep_all)
    assert len(tries) == MAX_TRIES
