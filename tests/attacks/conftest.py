"""What attacks through files share."""

import gc
from collections.abc import Iterator

import pytest

from support.blog import Blog
from support.desk import Desk


@pytest.fixture
def desk(blog: Blog) -> Desk:
    return Desk(blog)


# A parser that is stopped leaves its temporary file to the collector, in either framework.
@pytest.fixture
def collector(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    caplog.clear()
    gc.collect()
