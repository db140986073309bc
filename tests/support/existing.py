"""Applications that were there, copied to where a test may follow a guide on them."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Final

from support.existing_users import Person

ROOT: Final = Path(__file__).parent.parent.parent
APPLICATIONS: Final = ROOT / "tests/existing"
_BLOCK: Final = re.compile(r"^```diff\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
_FILE: Final = re.compile(r"^--- (\S+)\n", flags=re.MULTILINE)
_HUNK: Final = re.compile(r"^@@.*\n", flags=re.MULTILINE)


@dataclass(frozen=True)
class Lines:
    """How much a step changes."""

    added: int = 0
    removed: int = 0

    def __add__(self, other: "Lines") -> "Lines":
        return Lines(self.added + other.added, self.removed + other.removed)


class Existing:
    """A copy of an application."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder / name
        copytree(
            APPLICATIONS / name,
            self.folder,
            ignore=ignore_patterns("__pycache__", "instance", ".pytest_cache"),
        )

    def run(self, *arguments: str, **environment: str) -> str:
        """Run Python in the application's folder; return what it printed, and fail where it failed."""
        inherited = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("PYTEST", "COV", "DJANGO_SETTINGS"))
        }  # fmt: skip
        done = subprocess.run(  # noqa: S603 -- this interpreter
            [sys.executable, *arguments], cwd=self.folder, capture_output=True, text=True, check=False,
            env={**inherited, "PYTHONPATH": f".:{ROOT / 'src'}", "PYTHONWARNINGS": "ignore", **environment},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_own_tests(self) -> int:
        """Return how many of the application's own tests pass; all do."""
        printed = self.run(
            "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "-p", "no:cacheprovider", "tests"
        )
        summary = printed.strip().splitlines()[-1]
        found = re.match(r"(\d+) passed(?:, \d+ warnings?)? in", summary)
        assert found, summary
        return int(found[1])

    def follow(self, step: str) -> dict[str, Lines]:
        """Change what the diffs of a guide's step change; return how much, by file."""
        counts: dict[str, Lines] = {}
        for block in _BLOCK.findall(step):
            _, *parts = _FILE.split(block)
            for name, hunks in zip(parts[::2], parts[1::2], strict=True):
                for hunk in _HUNK.split(hunks):
                    counts[name] = counts.get(name, Lines()) + self._change(name, hunk)
        return counts

    def _change(self, name: str, hunk: str) -> Lines:
        path = self.folder / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] or "\n" for line in lines if line[0] != "+")
        after = "".join(line[1:] or "\n" for line in lines if line[0] != "-")
        if before:
            assert text.count(before) == 1, f"{name} has this {text.count(before)} times:\n{before}"
            path.write_text(text.replace(before, after), encoding="utf-8")
        else:
            assert not text, f"{name} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, encoding="utf-8")
        return Lines(sum(line[0] == "+" for line in lines), sum(line[0] == "-" for line in lines))


def steps_of(guide: str) -> dict[str, str]:
    """Return the steps of a guide in docs/howto, by heading."""
    text = (ROOT / "docs/howto" / guide).read_text(encoding="utf-8")
    _, *parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


# Run in an application's folder: everybody in people.json signs in at the application's own form.
_SIGN_IN: Final = {
    "journal": """
import json, re, sys
from collections import Counter
from journal import create_app
from journal.db import Base, User
from sqlalchemy import insert

people = json.load(open("people.json"))
app = create_app()
if "settle" in sys.argv:
    with app.app_context():
        Base.metadata.create_all(app.engine)
        with app.engine.begin() as connection:
            connection.execute(insert(User), [
                {"id": p["number"], "username": f"User {p['number']}", "password": p["hash"]} for p in people
            ])

def enter(person, password):
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/auth/login").text)
    form = {"username": f"User {person['number']}", "password": password, "csrf_token": token and token[1]}
    client.post("/auth/login", data=form, headers={"Origin": "http://localhost"})
    return "Log out" in client.get("/").text
""",
    "bazaar": """
import json, re, sys
from collections import Counter
from bazaar import create_app
from bazaar.extensions import db
from bazaar.models import User
from sqlalchemy import insert

people = json.load(open("people.json"))
app = create_app()
if "settle" in sys.argv:
    with app.app_context():
        db.create_all()
        db.session.execute(insert(User), [
            {"id": p["number"], "email": f"User.{p['number']}@shop.example", "name": "somebody", "password": p["hash"]}
            for p in people
        ])
        db.session.commit()

def enter(person, password):
    client = app.test_client()
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', client.get("/login").text)[1]
    form = {"email": f"User.{person['number']}@shop.example", "password": password, "csrf_token": token}
    client.post("/login", data=form)
    return "Sign out" in client.get("/").text
""",
}
_COUNT: Final = """
assert not enter(people[0], "wrong")
print(json.dumps(Counter(person["format"] for person in people if enter(person, person["password"]))))
"""


def sign_everybody_in(there: Existing, people: list[Person], *, settle: bool = False) -> Counter[str]:
    """Return how many people of each format the application's own sign-in lets in, and that it refuses others.

    Args:
        there: the application.
        people: who signs in.
        settle: put them into its database before.
    """
    (there.folder / "people.json").write_text(json.dumps([asdict(person) for person in people]))
    (there.folder / "sign_in.py").write_text(_SIGN_IN[there.name] + _COUNT)
    return Counter(json.loads(there.run("sign_in.py", *(["settle"] if settle else []))))
