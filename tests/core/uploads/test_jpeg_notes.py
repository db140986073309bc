"""What a camera noted is cut out of a JPEG's bytes, and nothing else is."""

from io import BytesIO

import pytest
from PIL import Image

from bastide.core.uploads._jpeg_notes import without_notes
from support.files import MARKER, jpeg, marked_jpeg
from support.rows import rows


@pytest.mark.asvs("V14.2.8")
@rows("options", [{}, {"progressive": True}, {"mode": "CMYK"}, {"mode": "L"}])
def test_the_picture_stays_as_it_was(options: dict[str, object]) -> None:
    bare = jpeg((64, 48), **options)
    assert without_notes(bare) == bare
    with (
        Image.open(BytesIO(marked_jpeg())) as before,
        Image.open(BytesIO(without_notes(marked_jpeg()))) as after,
    ):
        assert before.tobytes() == after.tobytes()
        assert not {"exif", "comment", "icc_profile"} & after.info.keys()
    assert MARKER not in without_notes(marked_jpeg())
    assert without_notes(bare + b"PK") == bare


@rows("data", [b"", b"\xff", b"no picture", b"\xff\xd8", b"\xff\xd8\xff\xe1", jpeg()[:-2]])
def test_what_is_no_whole_picture_is_left(data: bytes) -> None:
    assert without_notes(data) == data
