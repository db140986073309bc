"""New names are the same at every look, and fit."""

from itertools import islice

from bastide.core.accounts._new_names import new_names


def test_a_name_gets_the_id_and_then_numbers() -> None:
    assert list(islice(new_names(" Ines ", 7, longest=30), 3)) == ["Ines-7", "Ines-7-2", "Ines-7-3"]
    assert len(list(new_names("ines", 7, longest=30))) == 20


def test_what_is_too_long_is_cut_before_its_end() -> None:
    assert next(new_names("n" * 30, 12345, longest=30)) == "n" * 24 + "-12345"
    assert next(new_names("ines", "0b6f1d52-93a6-4d8e-8a43-1a7f2e5c9d10", longest=12)) == "ine-0b6f1d52"
