"""What authenticators send is read without an error, whatever it is."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bastide.core.sign_in import (
    Refused,
    webauthn,
)
from bastide.core.sign_in.secret_checks import RefusalReason
from bastide.core.sign_in.webauthn import PasskeyResponse, read_response
from bastide.testing import FrozenClock
from support.authenticator import SoftKey
from support.blog import Outbox
from support.core import make
from support.passkeys import PARTY, enter
from support.rows import rows


def test_the_package_is_loaded_with_the_first_passkey_only() -> None:
    code = "import sys, bastide.core.request, bastide.pages.accounts; sys.exit('webauthn' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 -- the test's own code


NOTHING = PasskeyResponse()


@rows(
    "sent",
    ["", "null", "[]", "7", "{}", '{"response": 7}', '{"response": {}}', "[" * 100_000, '{"id": "!", "response": {}}',
     '{"id": "YQ", "response": {"clientDataJSON": "bnVsbA"}}', '{"id": "YQ", "response": {"clientDataJSON": "é"}}',
     '{"id": "YQ", "response": {"clientDataJSON": "/w=="}}', '{"id": "YR", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJ4In0"}}',
     '{"id": "YQ", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJ4In0", "transports": 7}}', '{"id": 7, "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJ4In0"}}'],
)  # fmt: skip
def test_what_cannot_be_read_opens_nothing(clock: FrozenClock, outbox: Outbox, sent: str) -> None:
    assert read_response(sent) == NOTHING
    assert enter(make(clock, outbox), sent) == Refused(RefusalReason.UNKNOWN_ACCOUNT)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "response", "clientDataJSON", "userHandle", "signature", "transports", "x"]), inner, max_size=5),
    max_leaves=12,
))  # fmt: skip
def test_no_answer_breaks_the_reader(sent: Any) -> None:
    assert isinstance(read_response(json.dumps(sent)), PasskeyResponse)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_break_the_checks(client: bytes, rest: bytes) -> None:
    response = replace(NOTHING, credential_id=b"x", challenge="A" * 43, client_data=client, attestation=rest,
                       authenticator_data=rest, signature=rest)  # fmt: skip
    assert webauthn.verify_registration(response, PARTY) is None
    checked = webauthn.verify_assertion(
        response, PARTY, public_key=SoftKey().cose(), needs_verification=False
    )
    assert checked is None
