"""A session's handle for its owner opens nothing."""

from bastide.core.records import SessionSummary
from bastide.core.records.sessions import HANDLE_LENGTH
from bastide.testing.clock import START


def test_a_handle_is_half_of_the_digest() -> None:
    digest = bytes(range(32))
    summary = SessionSummary(
        digest=digest, created_at=START, last_seen_at=START, agent_family="Firefox", network="203.0.113.7"
    )
    assert summary.handle == digest.hex()[:HANDLE_LENGTH] == "000102030405060708090a0b0c0d0e0f"
