"""Every kind of finding of the live application and of the deployment is tried."""

from pathlib import Path

from bastide.check.rules import RULES


def test_every_id_has_twins() -> None:
    folder = Path(__file__).parent
    tried = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("test_*.py"))
    assert [id_ for id_ in RULES if id_[3] in "23" and f'"{id_}"' not in tried] == []
