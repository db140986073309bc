"""Every id of the source: what is wrong is found, and what is right is not."""

import tomllib
from pathlib import Path
from typing import Any

from bastide.check.rules import RULES
from bastide.check.settling import settle
from bastide.check.source import check_source
from conftest import ROOT
from support.rows import rows

OF_THE_TABLE = [
    {"id": rule.id, "file": rule.file, "wrong": rule.wrong, "right": rule.right}
    for rule in RULES.values()
    if rule.id.startswith("BST1")
]
VARIANTS = tomllib.loads((ROOT / "tests/check/source/variants.toml").read_text(encoding="utf-8"))["variant"]
TWINS: list[dict[str, Any]] = [*OF_THE_TABLE, *VARIANTS]
# What a waiver without a reason does not cover is found as well.
BESIDE = {"BST101": {"BST150"}}


def found_in(code: str, twin: dict[str, Any], folder: Path) -> set[str]:
    path = folder / twin.get("file", "app.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{code.strip()}\n", encoding="utf-8")
    return {finding.id for finding in settle(check_source([path])).findings}


@rows("twin", TWINS)
def test_what_is_wrong_is_found_by_its_id(twin: dict[str, Any], tmp_path: Path) -> None:
    found = found_in(twin["wrong"], twin, tmp_path)
    assert found - BESIDE.get(twin["id"], set()) == {twin["id"]}


@rows("twin", TWINS)
def test_what_is_right_is_not_reported(twin: dict[str, Any], tmp_path: Path) -> None:
    assert found_in(twin["right"], twin, tmp_path) == set()


def test_every_id_of_the_source_has_twins() -> None:
    assert all(twin["wrong"] and twin["right"] for twin in TWINS)
    assert len(TWINS) >= 90


PLANTED = tomllib.loads((ROOT / "tests/check/source/planted.toml").read_text(encoding="utf-8"))["planted"]


@rows("fault", PLANTED)
def test_planted_faults_are_found(fault: dict[str, Any], tmp_path: Path) -> None:
    assert fault["id"] in found_in(fault["code"], {"file": "settings.py"}, tmp_path)


INNOCENT = tomllib.loads((ROOT / "tests/check/source/innocent.toml").read_text(encoding="utf-8"))["innocent"]


@rows("innocent", INNOCENT)
def test_what_applications_write_is_not_reported(innocent: dict[str, Any], tmp_path: Path) -> None:
    assert found_in(innocent["code"], {}, tmp_path) == set()
