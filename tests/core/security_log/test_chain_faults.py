"""Neighbouring rows with one fault are one problem."""

from bastide.core.security_log.chain_faults import Fault, Faults, Problem


def test_runs_are_told_as_one_in_the_order_of_rows() -> None:
    faults = Faults()
    for row in (7, 5, 6, 3):
        faults.add(Fault.EDITED, row)
    faults.add(Fault.MISSING, 8, 9)
    faults.add(Fault.MISSING, 10)
    assert faults.in_order() == (
        Problem(Fault.EDITED, 3, 3),
        Problem(Fault.EDITED, 5, 7),
        Problem(Fault.MISSING, 8, 10),
    )
    assert [str(problem) for problem in faults.in_order()] == ["edited 3", "edited 5-7", "missing 8-10"]


def test_another_fault_of_the_same_row_is_a_problem_of_its_own() -> None:
    faults = Faults()
    faults.add(Fault.MOVED, 2)
    faults.add(Fault.EDITED, 2)
    assert [str(problem) for problem in faults.in_order()] == ["edited 2", "moved 2"]
