"""Libraries that nobody keeps, and versions with known holes."""

from pathlib import Path

import pytest

from bastide.check.live.libraries import check_libraries, library_rows
from bastide.check.live.places import Places
from support.rows import rows

# Distribution to the version of today's environment that is right.
RIGHT = {
    "flask": "3.1.3",
    "werkzeug": "3.1.9",
    "jinja2": "3.1.6",
    "django": "5.2.19",
    "flask-security": "5.9.2",
}


def look(folder: Path, **versions: str) -> list[tuple[str, str]]:
    by_name = {name.replace("_", "-"): version for name, version in versions.items()}
    modules = {row["module"] for row in library_rows() if row["name"] in by_name}
    found = check_libraries(Places(folder, "app"), installed=by_name.get, is_imported=modules.__contains__)
    return [(each.id, each.message.partition(":")[0]) for each in found]


@rows(
    "id_, name, version",
    [
        ("BST263", "flask_talisman", "1.1.0"), ("BST263", "flask_security", "3.0.0"), ("BST263", "bleach", "6.2.0"),
        ("BST264", "flask", "3.1.2"), ("BST264", "werkzeug", "3.0.2"), ("BST264", "werkzeug", "3.1.3"),
        ("BST264", "jinja2", "3.1.5"), ("BST264", "flask_cors", "5.0.1"), ("BST264", "pyjwt", "2.3.0"),
        ("BST264", "flask_login", "0.5.0"), ("BST264", "django", "5.2.7"),
        ("BST265", "django", "4.2.30"), ("BST265", "django", "5.1.15"), ("BST265", "flask", "2.3.3"),
    ],
)  # fmt: skip
def test_a_row_of_the_table_is_found(id_: str, name: str, version: str, tmp_path: Path) -> None:
    assert (id_, f"{name.replace('_', '-')} {version}") in look(tmp_path, **{name: version})


def test_todays_versions_are_right(tmp_path: Path) -> None:
    assert look(tmp_path, **{name.replace("-", "_"): version for name, version in RIGHT.items()}) == []
    assert look(tmp_path, flask_cors="6.0.1", pyjwt="2.10.1", django="6.1", jinja2="3.1.6rc1") == []


def test_what_is_installed_and_never_imported_is_not_said(tmp_path: Path) -> None:
    found = check_libraries(
        Places(tmp_path, "app"), installed={"bleach": "6.2.0"}.get, is_imported=lambda _: False
    )
    assert found == []


@pytest.mark.parametrize("row", library_rows(), ids=lambda row: f"{row['name']}{row.get('below', '')}")
def test_a_row_says_why(row: dict[str, str]) -> None:
    assert row["id"] in {"BST263", "BST264", "BST265"}
    assert row["why"]
    assert row["id"] == "BST263" or row["below"]
