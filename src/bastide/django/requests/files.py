"""Files that people send and get: what Django's requests and answers have to do with them."""

from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import parse_fields
from bastide.core.uploads import SANDBOX, Upload, serve
from bastide.django.requests.context import exchange_of
from bastide.pages.inputs import TOKEN_FIELDS

FIELD: Final = "file"
MAX_FORM_SIZE_BYTES: Final = 1_000_000


class SizeLimit(FileUploadHandler):
    """Refuses a body while it is read, before it is kept anywhere; Django's own limit leaves files out.

    Threat: a disk filled by files that no view asked for, also in chunks or with a false length (V5.2.1).
    """

    def __init__(
        self, request: HttpRequest, max_size_bytes: int, others: Sequence[FileUploadHandler]
    ) -> None:
        super().__init__(request)
        self._left = max_size_bytes
        self._others = others

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002
        META: Any,  # noqa: ARG002, N803
        content_length: int,
        boundary: Any,  # noqa: ARG002
        encoding: Any = None,  # noqa: ARG002
    ) -> None:
        """Refuse a body that says it is too large."""
        if content_length > self._left:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 -- Django's signature
        """Hand the bytes on to the next handler until there are too many."""
        self._left -= len(raw_data)
        if self._left < 0:
            # Django tells nobody who has begun a file.
            for handler in self._others:
                handler.upload_interrupted()
            raise RequestDataTooBig
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""


def limit_files(request: HttpRequest, *, takes_files: bool) -> None:
    """Bound what the request's files may take together, before anything reads them."""
    uploads = exchange_of(request).services.uploads
    most = uploads.max_request_bytes if takes_files and uploads is not None else MAX_FORM_SIZE_BYTES
    keepers = [MemoryFileUploadHandler(request), TemporaryFileUploadHandler(request)]
    request.upload_handlers = [SizeLimit(request, most, keepers), *keepers]


def receive_upload(request: HttpRequest, subject: str, *, fields: Collection[str] = ()) -> Upload:
    """Check and keep the request's one file, in the field ``file``; see ``Uploads.receive``.

    Args:
        request: of somebody signed in.
        subject: what it belongs to, such as ``post:7``.
        fields: the form's fields beside the file and the token, which the view reads.

    Raises:
        InvalidInput: there is no file or more than one, it breaks a rule, or a field is none of the form's.
    """
    parse_fields(dict(request.POST.lists()), declared=fields, ignored=TOKEN_FIELDS)
    sent: list[Any] = request.FILES.getlist(FIELD)
    exchange = exchange_of(request)
    account_id = exchange.principal.account_id
    if len(sent) != 1 or set(request.FILES) != {FIELD} or account_id is None:
        raise InvalidInput(FIELD, "file_required")
    return exchange.services.require_uploads().receive(
        account_id, exchange.client, subject=subject, raw_name=sent[0].name or "",
        declared_type=sent[0].content_type or "", body=sent[0].file,
    )  # fmt: skip


def send_upload(request: HttpRequest, upload: Upload) -> HttpResponse:
    """Return the file: images in the page, everything else to be saved; nothing in it runs (V3.2.1).

    Conditions and ranges are answered; see ``serve``.
    """
    exchange = exchange_of(request)
    with exchange.services.require_uploads().open(upload) as file:
        data = file.read()
    served = serve(upload, len(data), request.headers.get)
    exchange.csp_overrides = dict(SANDBOX)
    if served.status == HTTPStatus.NOT_MODIFIED:
        return HttpResponseNotModified(headers=served.headers)
    return HttpResponse(data[served.part], status=served.status, headers=served.headers)
