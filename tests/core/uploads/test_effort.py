"""No document keeps its judges longer than they have."""

from itertools import count

import pytest

from bastide.core.foundation import InvalidInput
from bastide.core.uploads import _pdf_graph as graph
from bastide.core.uploads._pdf import write_anew
from support.content import MAX_INFLATED
from support.documents import document


@pytest.mark.asvs("V5.2.3", "V15.2.2")
def test_what_takes_too_long_is_refused_between_any_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "_LOOK_EVERY", 10)
    sent = document()
    # Three stretches, the parser, twice on the walk, and the writer.
    for seconds in range(7):
        asked = count()
        monkeypatch.setattr("bastide.core.uploads._effort.thread_time", lambda asked=asked: next(asked))
        with pytest.raises(InvalidInput, match="file_slow"):
            write_anew(sent, max_inflated_bytes=MAX_INFLATED, max_seconds=seconds)
    write_anew(sent, max_inflated_bytes=MAX_INFLATED, max_seconds=7)
