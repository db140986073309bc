"""Files in a real browser: they are added without scripts, pictures show, and nothing that was sent runs (U1, U4)."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support.blog import PASSWORD, Blog
from support.files import gif, marked_jpeg, pdf
from support.walk import SIZE_OF, SIZES, Walk

# What is taken as it is, and would run if anything took it for a page.
SLY = b"words\n<b onmouseover=window.top.planted=1>words</b> javascript:window.top.planted=2\n"


@pytest.mark.asvs("V3.2.1", "V5.4.1")
def test_files_are_added_shown_and_inert(
    chromium: Browser, served: tuple[Blog, str], framework: str, tmp_path: Path
) -> None:
    (blog, base), size = served, SIZE_OF[framework]
    blog.add_account("maud", "author")
    context = chromium.new_context(viewport=SIZES[size])  # type: ignore[arg-type]
    context.route("**/*.js", lambda route: route.abort())
    context.add_init_script("window.planted = 0")
    page = context.new_page()
    walk = Walk(page, base, f"uploads-{size}")
    walk.go("/account/sign-in")
    walk.fill("Sign in", name="maud", password=PASSWORD)
    walk.go("/posts/new")
    walk.fill("Save the draft", title="A post with files", content="Ten letters and more.", tags="")
    page.get_by_role("button", name="Publish").click()
    walk.go("/posts/1/files")
    sent = {
        "The garden in May, seen from the kitchen window.jpg": marked_jpeg(), "sly.txt": SLY,
        "Minutes of the meeting.pdf": pdf(), "small.gif": gif(),
    }  # fmt: skip
    for name, data in sent.items():
        (tmp_path / name).write_bytes(data)
        page.set_input_files("input[type=file]", tmp_path / name)
        page.get_by_role("button", name="Add it").click()
    assert page.locator(".rows li").count() == len(sent)
    walk.stop()
    (tmp_path / "page.txt").write_bytes(b"<script>window.planted = 3</script>")
    page.set_input_files("input[type=file]", tmp_path / "page.txt")
    page.get_by_role("button", name="Add it").click()
    assert page.get_by_role("alert").is_visible()
    walk.stop()
    walk.go("/posts/1")
    for picture in page.locator("figure img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            "image => image.complete && image.naturalWidth > 0", arg=picture.element_handle()
        )
    for name in ("sly.txt", "Minutes of the meeting.pdf"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename == name
        kept = Path(download.value.path()).read_bytes()
        assert kept.startswith(b"%PDF-") if name.endswith(".pdf") else kept == sent[name]
    page.goto(base + str(page.locator("figure img").first.get_attribute("src")))
    assert page.evaluate("document.contentType").startswith("image/")
    assert page.evaluate("window.origin") == "null"
    assert page.evaluate("window.planted") == 0
    context.close()
