"""The limit on files where no server counts them before Django does (U2)."""

from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import RequestDataTooBig

from bastide.django.requests.files import SizeLimit
from support.blog import Blog
from support.django_blog import set_up


@pytest.mark.asvs("V5.2.1")
def test_more_than_was_said_is_refused_while_it_is_read() -> None:
    set_up()
    begun: Any = mock.Mock()
    limit = SizeLimit(mock.Mock(), 10, [begun])
    limit.handle_raw_input(None, {}, 1, b"b")
    assert limit.receive_data_chunk(b"123456", 0) == b"123456"
    with pytest.raises(RequestDataTooBig):
        limit.receive_data_chunk(b"78901", 6)
    begun.upload_interrupted.assert_called_once_with()


@pytest.mark.asvs("V5.2.1", "V15.3.3")
def test_a_class_takes_files_and_names_the_fields_beside_them(more: Blog) -> None:
    maud = more.signed_in("maud")

    def send(size: int, **fields: str) -> Any:
        form = {"file": (BytesIO(b"x" * size), "a.txt", "text/plain"), **fields}
        return maud.post("/notes/add", form)

    assert send(2_000_000, caption="A caption").text == "a.txt: A caption"
    assert [send(5, caption="A caption", owner="1").status_code, send(6_000_000).status_code] == [400, 413]
