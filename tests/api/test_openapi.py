"""The served description is true: of the routes, of the rules, and of the answers to whatever is sent."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bastide.core.foundation import SystemClock
from blog_shared.openapi import DESCRIPTION, PREFIX
from conftest import make_blog
from support.api import Program, issue
from support.blog import Blog
from support.served import served_at

UNLIMITED = dict.fromkeys(("token_limit", "account_limit", "network_limit"), 10**6)
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "negative_data_rejection,ignored_auth"
)


@pytest.fixture
def served(framework: str, tmp_path: Path) -> Iterator[tuple[Blog, str]]:
    """The blog on a real port; nobody is told to wait, since a refusal for haste tests nothing else."""
    blog = make_blog(
        f"sqlite:///{tmp_path / 'blog.sqlite3'}", tmp_path, SystemClock(), framework=framework,  # type: ignore[arg-type]
        settings={"api_rates": UNLIMITED},
    )  # fmt: skip
    with served_at(blog) as origin:
        yield blog, origin


def explore(origin: str, folder: Path, *options: str) -> None:
    """Send whatever the description says and does not say, and hold every answer against it."""
    done = subprocess.run(  # noqa: S603 -- the tool of the environment at hand, over loopback
        [
            Path(sys.executable).with_name("st"), "run", f"{origin}{PREFIX}/openapi.json",
            "--checks", CHECKS, "--seed", "1", "--generation-deterministic", "--no-color",
            "--suppress-health-check", "all", *options,
        ],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert "Test cases" in done.stdout or "passed" in done.stdout


def fill(blog: Blog) -> str:
    """Write posts and comments; return a token with every right over them."""
    boss = blog.signed_in("boss1", "administrator", "author", "reader")
    boss.confirm("boss1")
    token = issue(boss, "read_post", "write_post", "delete_post", "moderate_comments", "change_any_post")
    program = Program(blog, token)
    for number in range(3):
        made = program.call("POST", "/posts", {"title": f"Post {number}", "content": "Ten letters and more."})
        path = f"/posts/{made.get_json()['id']}"
        program.call("PATCH", path, {"status": "published"})
        program.call("POST", f"{path}/comments", {"body": "Well said."})
    return token


@pytest.mark.asvs("V4.1.1", "V16.5.3")
def test_whatever_is_sent_the_answer_is_a_described_one(served: tuple[Blog, str], tmp_path: Path) -> None:
    blog, origin = served
    token = fill(blog)
    explore(
        origin, tmp_path, "--header", f"Authorization: Bearer {token}", "--phases", "examples,coverage,fuzzing",
        "--max-examples", "15",
    )  # fmt: skip


@pytest.mark.asvs("V4.1.1", "V8.2.1", "V16.5.3")
@pytest.mark.parametrize("caller", ["a stranger", "a token of one scope"])
def test_whoever_may_do_little_is_told_so_as_described_and_changes_nothing(
    served: tuple[Blog, str], tmp_path: Path, caller: str
) -> None:
    blog, origin = served
    fill(blog)
    options: list[str] = []
    if caller != "a stranger":
        reader = blog.signed_in("ines", "reader")
        reader.confirm("ines")
        options = ["--header", f"Authorization: Bearer {issue(reader, 'read_post')}"]
    tables = ("post", "comment", "profile", "bastide_upload")
    before = {table: blog.rows(f"SELECT * FROM {table}") for table in tables}
    explore(origin, tmp_path, *options, "--phases", "examples,coverage,fuzzing", "--max-examples", "5")
    assert {table: blog.rows(f"SELECT * FROM {table}") for table in tables} == before


def test_the_description_is_served_and_lists_every_call(blog: Blog) -> None:
    answer = Program(blog).get("/openapi.json")
    assert answer.status_code == 200
    assert answer.get_json() == DESCRIPTION
    described = {
        (method.upper(), PREFIX + path)
        for path, item in DESCRIPTION["paths"].items()
        for method in item.keys() - {"parameters"}
    }
    printed = (line.split()[:2] for line in blog.matrix().splitlines() if f" {PREFIX}/" in line)
    routed = {(method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)) for method, path in printed}
    assert routed == described | {("GET", f"{PREFIX}/openapi.json")}


def test_every_scope_that_is_described_is_what_the_rule_asks(blog: Blog) -> None:
    lines = [line for line in blog.matrix().splitlines() if f" {PREFIX}/" in line]
    for path, item in DESCRIPTION["paths"].items():
        for method in item.keys() - {"parameters"}:
            pattern = re.escape(PREFIX + path).replace(r"\{", r"<(?:\w+:)?").replace(r"\}", ">")
            (line,) = [line for line in lines if re.match(rf"{method.upper()} +{pattern} ", line)]
            needed = re.search(r"has (\w+)[,\]]", line)
            assert [scope for need in item[method]["security"] for scope in need.get("token", ())] == (
                [] if needed is None else [needed[1]]
            )
