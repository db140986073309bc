"""The database really goes away under a running blog, and comes back."""

from pathlib import Path

import pytest

from bastide.core.api_tokens.token_text import issue_token_text
from bastide.testing import FrozenClock, SeededEntropy
from conftest import make_blog
from support.postgres import cluster

MADE_UP = issue_token_text(SeededEntropy()).text.reveal()


@pytest.mark.asvs("V16.5.2", "V16.5.3")
def test_a_stopped_database_lets_nobody_in_and_its_return_needs_no_restart(
    framework: str, tmp_path: Path, clock: FrozenClock
) -> None:
    with cluster() as server:
        blog = make_blog(f"postgresql+psycopg://{server.address}/blog", tmp_path, clock, framework=framework)
        maud = blog.signed_in("maud", "author")
        blog.publish(maud, "Written before")
        token = maud.token()
        stranger = blog.browser()
        form = {"name": "maud", "password": "correct horse battery staple", "next": ""}
        form[blog.token_field] = stranger.token()
        server.stop()
        for answer in (
            maud.get("/account"), maud.get("/"), stranger.get("/"), stranger.get(f"/?exposed={MADE_UP}"),
            maud.open("POST", "/posts/new", data={blog.token_field: token, "title": "Lost?", "content": "Ten letters."}),
            stranger.open("POST", "/account/sign-in", data=form),
        ):  # fmt: skip
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "30"
            assert "quote" in answer.text
            assert "psycopg" not in answer.text
            assert "Traceback" not in answer.text
        assert stranger.get("/account/sign-in").status_code == 200
        server.start()
        assert "Written before" in maud.get("/").text
        assert maud.get("/account").status_code == 200
        assert stranger.open("POST", "/account/sign-in", data=form).status_code == 303
        assert blog.rows("SELECT count(*) FROM post")[0][0] == 1
        blog.close()
