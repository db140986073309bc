"""Files that people send and get: what Flask's requests and answers have to do with them."""

from collections.abc import Collection
from typing import Final

from flask import current_app, request
from werkzeug.wrappers import Response

from bastide.core.foundation import InvalidInput
from bastide.core.inputs import parse_fields
from bastide.core.request import Exchange
from bastide.core.uploads import SANDBOX, Upload, serve
from bastide.flask.state import current_exchange
from bastide.pages.inputs import TOKEN_FIELDS

FIELD: Final = "file"


def receive_upload(subject: str, *, fields: Collection[str] = ()) -> Upload:
    """Check and keep the request's one file, in the field ``file``; see ``Uploads.receive``.

    Args:
        subject: what it belongs to, such as ``post:7``.
        fields: the form's fields beside the file and the token, which the view reads.

    Raises:
        InvalidInput: there is no file or more than one, it breaks a rule, or a field is none of the form's.
    """
    parse_fields(dict(request.form.lists()), declared=fields, ignored=TOKEN_FIELDS)
    sent = request.files.getlist(FIELD)
    if len(sent) != 1 or set(request.files) != {FIELD} or not sent[0].filename:
        raise InvalidInput(FIELD, "file_required")
    exchange = current_exchange()
    account_id = exchange.principal.account_id
    if account_id is None:
        raise InvalidInput(FIELD, "file_required")
    return exchange.services.require_uploads().receive(
        account_id, exchange.client, subject=subject, raw_name=sent[0].filename,
        declared_type=sent[0].content_type or "", body=sent[0].stream,  # type: ignore[arg-type]  # a binary file in all but name
    )  # fmt: skip


def send_upload(upload: Upload) -> Response:
    """Return the file: images in the page, everything else to be saved; nothing in it runs (V3.2.1).

    Conditions and ranges are answered; see ``serve``.
    """
    exchange = current_exchange()
    with exchange.services.require_uploads().open(upload) as file:
        data = file.read()
    served = serve(upload, len(data), request.headers.get)
    exchange.csp_overrides = dict(SANDBOX)
    return Response(data[served.part], served.status, served.headers)


def allow_files(exchange: Exchange) -> None:
    """Let the body of the request at hand be as large as one with a file."""
    uploads = exchange.services.uploads
    if uploads is not None:
        request.max_content_length = max(uploads.max_request_bytes, current_app.config["MAX_CONTENT_LENGTH"])
