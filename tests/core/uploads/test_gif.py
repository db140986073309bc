"""Of a GIF, every frame stays in its place and time, and nothing else does."""

from io import BytesIO

import pytest
from PIL import Image

from bastide.core.uploads._gif import read_size
from bastide.core.uploads.kinds import GIF
from support.content import anew, code_of
from support.files import MARKER, gif
from support.pictures import FOUR_COLOURS, gif_frame, gif_of, looks, moving
from support.rows import rows


def squares(count: int) -> list[Image.Image]:
    """Return squares that move over a clear ground."""
    frames = []
    for number in range(count):
        frame = Image.new("P", (24, 24), 0)
        frame.putpalette(FOUR_COLOURS)
        at = number * 4
        frame.paste(number % 3 + 1, (at, at, at + 8, at + 8))
        frames.append(frame)
    return frames


def ways(data: bytes) -> list[int]:
    """Return how each frame is taken away."""
    return [part[0] >> 2 for part in data.split(b"!\xf9\x04")[1:]]


@rows("disposals", [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3], [2, 1, 3], [1, 2, 2, 3], [3, 2, 1, 0]])
def test_an_animation_moves_as_it_did(disposals: list[int]) -> None:
    sent = moving("GIF", squares(len(disposals)), disposal=disposals, transparency=0, optimize=False)
    made = anew(sent, GIF)
    assert looks(made) == looks(sent)
    with Image.open(BytesIO(made)) as picture:
        assert picture.info["loop"] == 3
    assert ways(made) == disposals


def test_colours_that_no_single_table_holds_stay() -> None:
    frames = [
        Image.merge("RGB", [Image.linear_gradient("L").resize((32, 32)).rotate(turn + 90 * part) for part in range(3)]).quantize(250)
        for turn in (0, 90)
    ]  # fmt: skip
    sent = moving("GIF", frames)
    assert looks(anew(sent, GIF)) == looks(sent)


@rows(
    ("sent", "delays"),
    [
        (gif_of(*[gif_frame(1, control=b"\0\x0a\0\0")] * 3), [100, 100, 100]),
        (gif_of(*(gif_frame(number, control=bytes(4)) for number in range(3))), [0, 0, 0]),
        (gif_of(gif_frame(1, control=b"\0\x07\0\0"), gif_frame(2), gif_frame(3, control=b"\0\x09\0\0")), [70, 0, 90]),
        (gif_of(gif_frame(1, table=b"\xff" * 6), gif_frame(2), gif_frame(3), table=FOUR_COLOURS), [0, 0, 0]),
        (gif_of(gif_frame(1, table=b"\xff" * 6), table=b""), [0]),
    ],
)  # fmt: skip
def test_frames_that_look_alike_or_take_no_time_stay(sent: bytes, delays: list[int]) -> None:
    before, after = looks(sent), looks(anew(sent, GIF))
    assert [look for look, _ in after] == [look for look, _ in before]
    assert [delay for _, delay in after] == delays


def test_what_has_no_meaning_is_read_as_browsers_do() -> None:
    sent = gif_of(*(gif_frame(1, control=bytes((way << 2, 5, 0, 0))) for way in (4, 5, 7)))
    assert (ways(sent), ways(anew(sent, GIF))) == ([4, 5, 7], [3, 0, 0])
    # An index that has no colour is black, if it is not said to be clear.
    for control, opacity in ((b"", 255), (b"\x01\x05\0\x63", 0)):
        ((look, _),) = looks(anew(gif_of(gif_frame(99, control=control)), GIF))
        assert look[:4] == bytes((0, 0, 0, opacity))


def test_lines_that_come_out_of_order_are_put_in_order() -> None:
    out = BytesIO()
    Image.linear_gradient("L").save(out, "GIF", interlace=1)
    with Image.open(BytesIO(anew(out.getvalue(), GIF))) as made:
        assert made.convert("L").tobytes() == Image.linear_gradient("L").tobytes()


@pytest.mark.asvs("V14.2.8")
@rows(
    "sent",
    [
        gif(comment=MARKER),
        gif(frames=3, comment=MARKER),
        gif() + MARKER,
        gif_of(b"!\x01\x13" + MARKER + b"\0", gif_frame(1)),
        gif_of(b"!\xff\x0bXMP DataXMP\x13" + MARKER + b"\0", gif_frame(1)),
        gif_of(b"!\xff\x0bNETSCAPE2.0\x03\x01\x05\0\x13" + MARKER + b"\0", gif_frame(1)),
        gif_of(b"!\xf9\x13" + MARKER + b"\0", gif_frame(1)),
        gif_of(gif_frame(1), table=(FOUR_COLOURS + MARKER).ljust(96, b"\0")),
        gif_of(gif_frame(1, table=(FOUR_COLOURS + MARKER).ljust(96, b"\0"))),
        gif_of(gif_frame(0), gif_frame(1), table=(FOUR_COLOURS + MARKER).ljust(96, b"\0"), background=5),
    ],
)
def test_what_is_written_beside_the_frames_is_gone(sent: bytes) -> None:
    assert MARKER in sent
    made = anew(sent, GIF)
    for at in range(len(MARKER) - 4):
        assert MARKER[at : at + 4] not in made
    with Image.open(BytesIO(sent)) as before, Image.open(BytesIO(made)) as after:
        assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
        assert "comment" not in after.info


def test_words_in_colours_that_are_seen_are_torn() -> None:
    """Of what is written into a table, a colour that is seen keeps its three letters and not its neighbours."""
    words = b"<script>alert(1)//" * 3
    colours = [words[at : at + 3] for at in range(0, len(words), 3)]
    sent = gif_of(*(gif_frame(number) for number in range(len(colours))), table=words.ljust(96, b"\0"))
    assert b"<script>" in sent
    assert b"<script>" not in anew(sent, GIF)


@pytest.mark.asvs("V5.2.6")
@rows(
    "sent",
    [
        gif_of(gif_frame(1, (5, 0, 6, 10))), gif_of(gif_frame(1, (0, 5, 10, 6))), gif_of(),
        gif_of(gif_frame(1).replace(b"\x0a\0\x0a\0", b"\0\0\x0a\0")), gif_of(gif_frame(1))[:-1],
        gif_of(b"\x07", gif_frame(1)), gif_of(gif_frame(1), size=(0, 0)), gif_of(gif_frame(1, table=b""), table=b"")[:40],
    ],
)  # fmt: skip
def test_frames_beside_the_screen_and_files_cut_short_are_refused(sent: bytes) -> None:
    assert code_of(sent, GIF) == "file_broken"


def test_the_screen_counts_for_every_frame() -> None:
    assert read_size(gif_of(*[gif_frame(1, (0, 0, 1, 1))] * 7, size=(1000, 300))).pixels == 7 * 300_000
