"""What the applications do before anything of Bastide is in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.existing import Existing, formats, sign_everybody_in
from support.existing_users import COUNT, WERKZEUG, flask_security, make_people, mixed


@pytest.mark.parametrize(("name", "tests"), [("journal", 21), ("bazaar", 12), ("guild", 5)])
def test_their_own_tests_pass(tmp_path: Path, name: str, tests: int) -> None:
    assert Existing(name, tmp_path).run_own_tests() == tests


@pytest.mark.parametrize(
    ("name", "makers", "count"),
    # The guild's pages take their time; all five hundred sign in likewise.
    [("journal", WERKZEUG, COUNT), ("bazaar", mixed(), COUNT), ("guild", flask_security(), 60)],
    ids=["journal", "bazaar", "guild"],
)
def test_users_sign_in_with_six_formats_and_more(
    tmp_path: Path, name: str, makers: dict[str, Callable[[str], str]], count: int
) -> None:
    people = make_people(makers, count)
    entered = sign_everybody_in(Existing(name, tmp_path), people, settle=True)
    assert entered == formats(people)
    assert len(entered) >= 6
