"""Reports of one kind are one group, and every store of them takes what the port says."""

from bastide.core.http import Violation, ViolationStore
from support.ports import keepers_of, taken_otherwise


def test_reports_are_one_group_where_all_of_them_agree() -> None:
    report = Violation(directive="script-src", blocked="inline", document="/posts")
    others = [
        Violation(directive="style-src", blocked="inline", document="/posts"),
        Violation(directive="script-src", blocked="eval", document="/posts"),
        Violation(directive="script-src", blocked="inline", document="/"),
        Violation(directive="script-srcinline", blocked="", document="/posts"),
    ]
    again = Violation(directive="script-src", blocked="inline", document="/posts")
    assert again.fingerprint == report.fingerprint
    assert len(report.fingerprint) == 32
    assert len({report.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_every_store_of_violations_is_one() -> None:
    assert taken_otherwise(ViolationStore, *keepers_of(ViolationStore)) == []
