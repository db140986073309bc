"""API tokens as they are kept."""

from bastide.core.records import join_scopes, split_scopes


def test_scopes_are_kept_as_one_text() -> None:
    assert join_scopes({"write", "read"}) == "read write"
    assert split_scopes("read write") == {"read", "write"}
