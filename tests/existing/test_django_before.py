"""What the Django projects do before anything of Bastide is in them."""

from collections import Counter
from pathlib import Path

import pytest

from support.existing import Existing
from support.existing_django import DJANGO, run_own_tests, sign_everybody_in
from support.existing_users import make_people


@pytest.mark.parametrize(("name", "tests"), [("gazette", 14), ("depot", 12)])
def test_their_own_tests_pass(tmp_path: Path, name: str, tests: int) -> None:
    assert run_own_tests(Existing(name, tmp_path)) == tests


@pytest.mark.parametrize("name", ["gazette", "depot"])
def test_people_sign_in_with_eight_formats(tmp_path: Path, name: str) -> None:
    people, there = make_people(DJANGO, 24), Existing(name, tmp_path)
    there.run("manage.py", "migrate", "-v0")
    assert sign_everybody_in(there, people, settle=True) == Counter(person.format for person in people)
