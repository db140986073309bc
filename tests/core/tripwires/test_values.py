"""Everything that a request carries is looked at."""

from bastide.core.tripwires import Value, body_values, environ_values, pair_values


def test_everything_that_a_request_carries_is_looked_at() -> None:
    environ = {
        "PATH_INFO": "/caf\xc3\xa9/x%y", "QUERY_STRING": "a=b%27&c", "HTTP_X_TENANT": "one", "HTTP_COOKIE": "d=e",
        "REMOTE_ADDR": "192.0.2.1",
    }  # fmt: skip
    values = list(environ_values(environ))
    assert values == [
        Value("path", ""), Value("path", "café"), Value("path", "x%y"), Value("path", "café/x%y"),
        Value("path", "x%y"), Value("query", "a"), Value("query", "b'"),
        Value("query", "c"), Value("query", ""), Value("header", "one"),
    ]  # fmt: skip
    assert list(environ_values({})) == [Value("path", "")]
    assert next(environ_values({"PATH_INFO": "é"})) == Value("path", "é")
    assert list(pair_values("form", [("n", "v")])) == [Value("form", "n"), Value("form", "v")]
    assert sorted(
        value.text for value in body_values(b'{"a": ["b", {"c": "d"}, 1, null], "e": true}')
    ) == list("abcde")
    assert next(iter(body_values(b"a\xff"))) == Value("body", "a\ufffd")
    assert next(iter(body_values(b"[" * 100_000))) == Value("body", "[" * 100_000)
    form = [value.text for value in body_values(b"v=x%27+OR&w=%ff")]
    assert form == ["v=x%27+OR&w=%ff", "v", "x' OR", "w", "\ufffd"]
    assert len(list(body_values(b"&".join([b"a=b"] * 1_000)))) == 1 + 2 * 1_000
    assert len(list(body_values(b"&".join([b"a=b"] * 1_001)))) == 1
