"""What people see of a picture, before it is sent and after it was made anew, frame by frame in a real browser (U1)."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from bastide.core.uploads.kinds import GIF, JPEG, PNG, WEBP, FileKind
from support.content import anew
from support.files import jpeg
from support.pictures import (
    ADOBE_CURVE,
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB_CURVE,
    gif_frame,
    gif_of,
    moving,
    rgb_profile,
    squares,
)
from support.rows import rows
from support.walk import SCREENSHOTS, SIZES

# Every frame as the browser makes it, and how long it is shown, in milliseconds.
FRAMES = """async ([type, data]) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0))
    const decoder = new ImageDecoder({type, data: bytes})
    await decoder.tracks.ready
    await decoder.completed
    const frames = [], count = decoder.tracks.selectedTrack.frameCount
    for (let frameIndex = 0; frameIndex < count; frameIndex++) {
        const {image} = await decoder.decode({frameIndex})
        const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight)
        const context = canvas.getContext("2d")
        context.drawImage(image, 0, 0)
        const {data} = context.getImageData(0, 0, canvas.width, canvas.height)
        frames.push({size: [canvas.width, canvas.height], time: (image.duration || 0) / 1000, pixels: btoa(String.fromCharCode(...data))})
        image.close()
    }
    return {frames, plays: decoder.tracks.selectedTrack.repetitionCount}
}"""
# All frames of each file in a row.
SHEET = """async ([type, ...files]) => {
    for (const data of files) {
        const row = document.body.appendChild(document.createElement("p"))
        const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0))
        const decoder = new ImageDecoder({type, data: bytes})
        await decoder.tracks.ready
        for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex++) {
            const {image} = await decoder.decode({frameIndex})
            const canvas = row.appendChild(document.createElement("canvas"))
            canvas.width = image.displayWidth
            canvas.height = image.displayHeight
            canvas.getContext("2d").drawImage(image, 0, 0)
            image.close()
        }
    }
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    # Browsers decode for pages of a safe origin only.
    context.route(
        "http://localhost/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    page = context.new_page()
    page.goto("http://localhost/")
    yield page
    context.close()


def seen(page: Page, data: bytes, kind: FileKind) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(FRAMES, [kind.media_type, b64encode(data).decode()])
    return found


def ground(disposal: int) -> list[bytes]:
    """Return frames that leave parts of the screen to what was there before."""
    places = ((0, 0, 5, 5), (3, 3, 5, 5), (5, 0, 5, 5), (0, 0, 2, 2))
    return [
        gif_frame(number % 3 + 1, place, control=bytes((disposal << 2 | number % 2, 7 + number, 0, 0)))
        for number, place in enumerate(places)
    ]


@rows(
    ("sent", "kind"),
    [
        *((moving("GIF", squares(5, "P"), disposal=way), GIF) for way in range(4)),
        *((gif_of(*ground(way), background=2), GIF) for way in range(5)),
        (gif_of(*[gif_frame(1)] * 3, gif_frame(9), gif_frame(99, control=b"\1\0\0\x63")), GIF),
        *((moving("PNG", squares(5), disposal=way, blend=blend), PNG) for way in range(3) for blend in range(2)),
        (moving("PNG", squares(5), default_image=True), PNG), (moving("PNG", squares(3, "P")), PNG),
        (moving("WEBP", squares(5), lossless=True), WEBP), (moving("WEBP", squares(5), lossless=True, minimize_size=True), WEBP),
    ],
)  # fmt: skip
def test_a_browser_shows_the_same_frames_for_as_long(page: Page, sent: bytes, kind: FileKind) -> None:
    before, after = seen(page, sent, kind), seen(page, anew(sent, kind), kind)
    assert len(before["frames"]) > 1
    assert after == before


@rows(
    "profile",
    [b"", rgb_profile(DISPLAY_P3, SRGB_CURVE), rgb_profile(ADOBE_RGB, ADOBE_CURVE)],
)
def test_a_browser_shows_the_same_colours(page: Page, profile: bytes) -> None:
    for colour in ((180, 90, 60), (60, 150, 90), (90, 90, 170), (128, 128, 128)):
        sent = jpeg((8, 8), colour=colour, quality=95, icc_profile=profile)
        before, after = (
            b64decode(seen(page, data, JPEG)["frames"][0]["pixels"]) for data in (sent, anew(sent, JPEG))
        )
        assert max(abs(one - other) for one, other in zip(before, after, strict=True)) <= 3


def test_an_animation_is_looked_at_before_and_after(page: Page) -> None:
    sent = moving("GIF", [frame.resize((96, 96)) for frame in squares(6)], disposal=2)
    for name, size in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto("http://localhost/")
        page.evaluate(SHEET, ["image/gif", *(b64encode(data).decode() for data in (sent, anew(sent, GIF)))])
        before, after = (page.locator("p").nth(number).screenshot() for number in range(2))
        assert before == after
        if SCREENSHOTS:
            page.screenshot(path=f"{SCREENSHOTS}/animation-{name}.png")
