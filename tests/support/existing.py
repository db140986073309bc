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
_ROW: Final = re.compile(
    r"^\| (?P<step>\d\. [^|]+) \| (?P<app>[^|]+) \| (?P<tests>[^|]+) \| (?P<tables>[^|]+) \|$", re.MULTILINE
)
_COUNTED: Final = re.compile(r"\+(\d+) −(\d+)")
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
            "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "-p", "no:cacheprovider", "tests",
            PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        )  # fmt: skip
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


class Guide:
    """A guide of docs/howto: its steps by heading, and what its table says of each.

    Args:
        name: of the file.
    """

    def __init__(self, name: str) -> None:
        text = (ROOT / "docs/howto" / name).read_text(encoding="utf-8")
        _, *parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
        self.steps = dict(zip(parts[::2], parts[1::2], strict=True))
        self.table = {row["step"]: row for row in _ROW.finditer(text)}

    def follow(self, there: Existing, step: str) -> None:
        """Follow a step; it changes as many lines as the table says."""
        changed = there.follow(self.steps[step])
        own_tests = [name for name in changed if name.startswith("tests/")]
        assert _counted(self.table[step]["tests"]) == sum(
            (changed.pop(name) for name in own_tests), Lines()
        ), step
        assert _counted(self.table[step]["app"]) == sum(changed.values(), Lines()), step

    def attack(self, there: Existing, step: str, begin: str, script: str, password: str) -> None:
        """Run a script in the application; the database has those tables of Bastide's that the table names."""
        text = f"{begin}\nPASSWORD = {password!r}\n{script}\nprint('held', *tables)"
        (there.folder / "attack.py").write_text(text)
        rows = list(self.table.values())[: list(self.table).index(step) + 1]
        named = sorted(re.findall(r"`(bastide_\w+)`", " ".join(row["tables"] for row in rows)))
        assert there.run("attack.py").split() == ["held", *named], step


def _counted(cell: str) -> Lines:
    found = _COUNTED.fullmatch(cell.strip())
    return Lines(int(found[1]), int(found[2])) if found else Lines()


def formats(people: list[Person]) -> Counter[str]:
    """Return how many people have each format."""
    return Counter(person.format for person in people)


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
    client, there = app.test_client(), {"base_url": "https://shop.example"}
    page = client.get("/login", **there).text
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)[1]
    form = {"email": f"User.{person['number']}@shop.example", "password": password, "csrf_token": token}
    client.post("/login", data=form, headers={"Referer": "https://shop.example/login"}, **there)
    return "Sign out" in client.get("/", **there).text
""",
    "guild": """
import json, re, sys
from collections import Counter
from guild import create_app
from guild.models import User, db
from sqlalchemy import insert

people = json.load(open("people.json"))
app = create_app()
if "settle" in sys.argv:
    with app.app_context():
        db.create_all()
        db.session.execute(insert(User), [
            {"id": p["number"], "email": f"user.{p['number']}@guild.example", "fs_uniquifier": str(p["number"]),
             "password": p["hash"], "active": True}
            for p in people
        ])
        db.session.commit()

def enter(person, password):
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/login").text)
    form = {"email": f"user.{person['number']}@guild.example", "password": password, "csrf_token": token and token[1]}
    client.post("/login", data=form)
    return client.get("/minutes").status_code == 200
""",
}
_COUNT: Final = """
assert not enter(people[0], "wrong")
print(json.dumps(Counter(person["format"] for person in people if enter(person, person["password"]))))
"""


def sign_everybody_in(
    there: Existing, people: list[Person], *, settle: bool = False, enter: str = ""
) -> Counter[str]:
    """Return how many people of each format the application's own sign-in lets in, and that it refuses others.

    Args:
        there: the application.
        people: who signs in.
        settle: put them into its database before.
        enter: another way in than the application's own, as code.
    """
    (there.folder / "people.json").write_text(json.dumps([asdict(person) for person in people]))
    (there.folder / "sign_in.py").write_text(_SIGN_IN[there.name] + enter + _COUNT)
    return Counter(json.loads(there.run("sign_in.py", *(["settle"] if settle else []))))
