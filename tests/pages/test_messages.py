"""The texts of the pages speak the language at hand, and outside of a request the one they are written in."""

import ast

from bastide import MESSAGES
from bastide.pages import speaking
from bastide.pages.sentences import SENTENCES
from conftest import ROOT


class Shouting:
    """A language of capitals."""

    def gettext(self, message: str) -> str:
        return message.replace("Up to", "UP TO").replace("Name", "NAME").replace("Issued", "ISSUED")

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return (singular if number == 1 else plural).upper().replace("{NUMBER}", "{number}")


def test_texts_speak_the_language_at_hand_and_no_other() -> None:
    assert (MESSAGES.token_created, MESSAGES.count_text("days", 2)) == ("Issued", "2 days")
    with speaking(Shouting()):
        assert (MESSAGES.token_created, MESSAGES.count_text("days", 2)) == ("ISSUED", "2 DAYS")
        assert MESSAGES.count_text("days", 1) == "1 DAY"
    assert MESSAGES.token_created == "Issued"


def test_what_is_declared_once_is_worded_for_each_request() -> None:
    declared = (
        SENTENCES["token_name"],
        SENTENCES["username_help"],
        "A label of one's own, {braces} and all",
        "",
    )
    rest = "letters, digits or underscores. Everybody can see it."
    own = declared[2:]
    assert tuple(map(MESSAGES.worded, declared)) == ("Name", f"Up to 30 {rest}", *own)
    with speaking(Shouting()):
        assert tuple(map(MESSAGES.worded, declared)) == ("NAME", f"UP TO 30 {rest}", *own)


def test_no_text_is_worded_at_import_and_stays_in_the_language_of_whoever_came_first() -> None:
    found = [
        f"{path.name}: {node.attr}"
        for path in sorted((ROOT / "src/bastide/pages").glob("*.py"))
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in {"T", "MESSAGES"}
    ]
    assert found == []
