"""The table of controls, held against the code."""

import tomllib
from pathlib import Path

from conftest import ASVS_IDS, PROFILED, ROOT
from support.rows import rows

CONTROLS = tomllib.loads((ROOT / "docs/controls.toml").read_text(encoding="utf-8"))["control"]
PROMISED = [
    "Q1",
    "Q2",
    "Q3",
    "Q4",
    "Q5",
    "O1",
    "O2",
    "O3",
    "O4",
    "O5",
    "V1",
    "V2",
    "V3",
    "V4",
    "V5",
    "V6",
    "V7",
    "P1",
    "P2",
    "P3",
    "P4",
    "P5",
    "P6",
    "P7",
    "S1",
    "S2",
    "S3",
    "S5",
    "S4",
    "S6",
    "F1",
    "F2",
    "F3",
    "F4",
    "A1",
    "A2",
    "A3",
    "A4",
    "A5",
    "A6",
    "H1",
    "H2",
    "H3",
    "L1",
    "L2",
    "L3",
    "E1",
    "E2",
    "E3",
    "E4",
    "U1",
    "U2",
    "U3",
    "U4",
    "U5",
    "T1",
    "T2",
    "T3",
    "J1",
    "J2",
    "C1",
    "C2",
]


@rows("control", CONTROLS)
def test_every_row_has_its_module_adapter_tests_and_page(control: dict[str, list[str]]) -> None:
    for path in (control["module"], *control["adapters"], *control["howto"], *control["tests"]):
        assert (ROOT / str(path)).is_file(), path
    assert set(control["asvs"]) <= ASVS_IDS


def test_a_control_of_the_core_is_proven_by_the_test_module_of_its_name_too() -> None:
    for control in CONTROLS:
        path = Path(str(control["module"]))
        if path.is_relative_to("src/bastide/core") and path.name != "__init__.py":
            room = path.parent.relative_to("src/bastide/core")
            own = Path("tests/core") / room / f"test_{path.name.removeprefix('_')}"
            assert str(own) in control["tests"], control["name"]


def test_every_promise_and_every_room_has_a_row() -> None:
    answered = {requirement for control in CONTROLS for requirement in control["requirements"]}
    assert set(PROMISED) <= answered
    modules = {ROOT / control["module"] for control in CONTROLS}
    core = ROOT / "src/bastide/core"
    rooms = {path.parent for path in core.glob("*/__init__.py")}
    assert rooms == {core / module.relative_to(core).parts[0] for module in modules if core in module.parents}


def test_every_asvs_id_of_a_row_is_marked_on_a_test() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for control in CONTROLS:
        for requirement in control["asvs"]:
            assert f'"{requirement}"' in text, (control["name"], requirement)


def test_every_setting_that_a_profile_states_otherwise_is_what_an_attack_rests_on() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/attacks").glob("test_*.py"))
    assert [setting for setting in sorted(PROFILED) if f'"{setting}"' not in text] == []
