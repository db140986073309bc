"""Fields beside a file (V15.3.3)."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import request

from bastide.flask import receive_upload
from bastide.testing import FrozenClock
from conftest import make_blog


@pytest.mark.asvs("V15.3.3")
def test_a_view_names_the_fields_beside_the_file(tmp_path: Path, clock: FrozenClock) -> None:
    blog = make_blog(f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path, clock)
    maud = blog.signed_in("maud", "author", "reader")

    def add(**_: Any) -> str:
        kept = receive_upload("note:1", fields=("caption",))
        return f"{kept.display_name}: {request.form['caption']}"

    blog.application.view_functions["files.add"] = add

    def send(**fields: str) -> Any:
        form = {"file": (BytesIO(b"words"), "a.txt", "text/plain"), **fields}
        return maud.post("/posts/1/files", form)

    assert send(caption="A caption").text == "a.txt: A caption"
    assert send(caption="A caption", owner="1").status_code == 400
    blog.close()
