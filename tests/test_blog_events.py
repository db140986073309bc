"""The blog's own kinds of events: documented beside it, and open to owners in a sentence or not at all."""

import re

from bastide import EventGroup
from blog_shared.events import VOCABULARY, BlogEvent
from conftest import ROOT


def test_every_kind_is_described_beside_the_blog() -> None:
    page = (ROOT / "examples/blog_shared/events.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w:]+)` \| (.+?) \| (.*?) \|$", page, re.MULTILINE)
    assert rows == [(kind.value, kind.description, kind.sentence) for kind in BlogEvent]


def test_the_blog_has_one_word_of_its_own() -> None:
    assert list(VOCABULARY.groups) == [*EventGroup, "blog"]
    assert VOCABULARY.groups["blog"] == tuple(BlogEvent)
