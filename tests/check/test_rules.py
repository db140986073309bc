"""One table of what is looked for."""

import re

from bastide.check.rules import CHAPTERS, RULES
from conftest import ASVS_IDS
from support.rows import rows


@rows("rule", RULES.values())
def test_a_rule_has_an_id_a_chapter_a_requirement_an_attack_and_mends(rule: object) -> None:
    assert re.fullmatch(r"BST[0123]\d\d", rule.id)
    assert rule.asvs in ASVS_IDS
    assert rule.chapter in CHAPTERS
    for text in (rule.title, rule.attack, rule.mends.bastide, rule.mends.without):
        assert text
        assert "  " not in text
    assert not rule.title.endswith(".")
    for text in (rule.attack, rule.mends.bastide, rule.mends.without):
        assert text.endswith((".", "`", ")")), text
