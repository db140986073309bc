"""Every kind of event is documented and belongs to one group."""

import re
from pathlib import Path

from bastide.core.security_log import EventGroup, EventKind


def test_every_kind_belongs_to_one_group() -> None:
    found = [kind for group in EventGroup for kind in group.kinds]
    assert sorted(found) == sorted(EventKind)
    assert EventKind.SESSIONS_ENDED in EventGroup.SESSION.kinds


def test_every_kind_of_event_is_in_the_vocabulary() -> None:
    page = (Path(__file__).parents[3] / "docs/events.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w:]+)` \|", page, flags=re.MULTILINE) == [kind.value for kind in EventKind]
