"""What is noted of a body that somebody reads."""

from io import BytesIO

import pytest

from bastide.core.tripwires.bodies import MAX_NOTED, NotedBody


def test_all_that_was_read_is_noted_however_it_was_read() -> None:
    stream = BytesIO(b"one\ntwo\nthree\nfour\nfive")
    body = NotedBody(stream)
    assert (body.noted, body.read(2), body.noted) == (b"", b"on", b"on")
    assert (body.readline(), body.readline(2)) == (b"e\n", b"tw")
    assert next(iter(body)) == b"o\n"
    assert body.readlines() == [b"three\n", b"four\n", b"five"]
    assert (body.read(), body.noted) == (b"", stream.getvalue())
    body.close()
    assert stream.closed


@pytest.mark.asvs("V15.2.2")
def test_no_more_than_the_beginning_is_kept() -> None:
    body = NotedBody(BytesIO(bytes(MAX_NOTED + 10)))
    assert (len(body.read(MAX_NOTED - 1)), len(body.read(5)), len(body.read())) == (MAX_NOTED - 1, 5, 6)
    assert len(body.noted) == MAX_NOTED


def test_what_can_be_read_once_more_says_so() -> None:
    body = NotedBody(BytesIO(b"one two"))
    assert (body.seekable(), body.seek(4), body.read()) == (True, 4, b"two")
    assert not NotedBody(object()).seekable()
