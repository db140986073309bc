"""What the applications do before anything of Bastide is in them."""

from collections import Counter
from pathlib import Path

import pytest

from support.existing import Existing, sign_everybody_in
from support.existing_users import COUNT, WERKZEUG, flask_security, make_people, mixed


@pytest.mark.parametrize(("name", "tests"), [("journal", 21), ("bazaar", 12), ("guild", 5)])
def test_their_own_tests_pass(tmp_path: Path, name: str, tests: int) -> None:
    assert Existing(name, tmp_path).run_own_tests() == tests


@pytest.mark.parametrize(
    ("name", "makers"),
    [("journal", WERKZEUG), ("bazaar", mixed()), ("guild", flask_security())],
    ids=["journal", "bazaar", "guild"],
)
def test_five_hundred_users_sign_in_with_six_formats_and_more(
    tmp_path: Path, name: str, makers: dict[str, object]
) -> None:
    people = make_people(makers)  # type: ignore[arg-type]
    entered = sign_everybody_in(Existing(name, tmp_path), people, settle=True)
    assert entered == Counter(person.format for person in people)
    assert (entered.total(), len(entered) >= 6) == (COUNT, True)
