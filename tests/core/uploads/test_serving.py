"""A file is sent as it was asked for: whole, in part, or not again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.core.foundation import PreconditionFailed
from bastide.core.uploads import RangeRefused, Served, Upload, serve
from support.rows import rows

TAG = f'"{bytes(32).hex()}"'
SIZE = 10


def asked(media_type: str = "text/plain", **headers: str) -> Served:
    upload = Upload(
        name="0" * 40, owner=1, display_name="Größe.txt", media_type=media_type, size_bytes=SIZE,
        digest=bytes(32), created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return serve(upload, SIZE, lambda name: headers.get(name.replace("-", "_")))


@rows(
    ("media_type", "sent"),
    [
        ("text/plain", "text/plain; charset=utf-8"), ("text/csv", "text/csv; charset=utf-8"),
        ("application/pdf", "application/pdf"), ("image/png", "image/png"),
    ],
)  # fmt: skip
def test_text_says_that_it_is_utf_8(media_type: str, sent: str) -> None:
    shown = "inline" if media_type == "image/png" else "attachment"
    assert asked(media_type) == Served(
        status=200, part=slice(0, SIZE), headers={
            "ETag": TAG, "Cache-Control": "no-cache", "Accept-Ranges": "bytes", "Content-Type": sent,
            "Content-Length": "10",
            "Content-Disposition": f"{shown}; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt",
        },
    )  # fmt: skip


@pytest.mark.asvs("V5.4.1")
@rows("known", [TAG, f"W/{TAG}", "*", f'"another", {TAG}'])
def test_what_a_reader_has_is_not_sent_again_whatever_part_it_asks_for(known: str) -> None:
    for more in ({}, {"Range": "bytes=0-1"}, {"Range": "bytes=99-"}, {"If_Match": TAG}):
        found = asked(If_None_Match=known, **more)
        assert (found.status, found.part) == (304, slice(0, 0))
        assert found.headers == {"ETag": TAG, "Cache-Control": "no-cache"}


@rows("known", ['"another"', "nonsense", f"{TAG} {TAG}", ""])
def test_what_a_reader_does_not_have_is_sent(known: str) -> None:
    assert asked(If_None_Match=known).status == 200


@rows("match", ['"another"', f"W/{TAG}", "nonsense", ""])
def test_who_goes_by_another_file_gets_nothing(match: str) -> None:
    with pytest.raises(PreconditionFailed):
        asked(If_Match=match, Range="bytes=0-1")
    assert asked(If_Match=TAG).status == asked(If_Match="*").status == 200


@rows(
    ("header", "part"),
    [
        ("", None), ("bytes=-", None), ("bytes=0-4", (0, 5)), ("bytes=5-", (5, 10)),
        ("bytes=-3", (7, 10)), ("bytes=-99", (0, 10)), ("bytes=2-99", (2, 10)), ("bytes=4-2", None),
        ("bytes=0-1,3-4", None), ("items=0-1", None), ("bytes=٠-١", None), ("bytes=0-0", (0, 1)),
        ("bytes=9-2", None), (f"bytes=0-{'9' * 16}", None),
    ],
)  # fmt: skip
def test_a_range_is_answered_with_that_part(header: str, part: tuple[int, int] | None) -> None:
    found = asked(Range=header)
    if part is None:
        assert (found.status, found.part) == (200, slice(0, SIZE))
        assert "Content-Range" not in found.headers
        return
    start, stop = part
    assert (found.status, found.part) == (206, slice(start, stop))
    assert found.headers["Content-Range"] == f"bytes {start}-{stop - 1}/10"
    assert found.headers["Content-Length"] == str(stop - start)


@rows("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(RangeRefused) as caught:
        asked(Range=header)
    assert caught.value.size_bytes == SIZE


@rows(
    ("of", "status"),
    [
        (TAG, 206), ('"another"', 200), (f"W/{TAG}", 200), ("Tue, 01 Dec 2026 00:00:00 GMT", 200), ("", 200),
    ],
)  # fmt: skip
def test_a_part_is_of_this_very_file_or_the_whole_is_sent(of: str, status: int) -> None:
    assert asked(Range="bytes=2-4", If_Range=of).status == status


@given(st.from_regex(r"\A[0-9]{0,3}-[0-9]{0,3}\Z") | st.text(max_size=20))
def test_a_part_is_never_outside_the_file(header: str) -> None:
    try:
        part = asked(Range=f"bytes={header}").part
    except RangeRefused:
        return
    assert 0 <= part.start < part.stop <= SIZE
