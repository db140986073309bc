"""WebAuthn as pure functions: options for the browser out, what it answers in; nothing is kept here.

Signatures and structures are checked by the ``webauthn`` package, an extra: without it no passkey is
offered.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

from bastide.core.foundation import Secret, encode_token
from bastide.core.records import Account, StoredPasskey

MAX_PASSKEY_RESPONSE_LENGTH: Final = 16_384
MAX_CREDENTIAL_ID_SIZE_BYTES: Final = 1023
MAX_KEY_SIZE_BYTES: Final = 1024
TIMEOUT_MS: Final = 300_000
# Ed25519, ECDSA on P-256, RSA with PKCS #1 v1.5, as COSE numbers them; the last is Windows Hello's.
ALGORITHMS: Final = (-8, -7, -257)
TRANSPORTS: Final = ("ble", "hybrid", "internal", "nfc", "smart-card", "usb")
# What browsers pass on where no attestation is asked for (WebAuthn 5.1.3).
_ATTESTATION_FORMATS: Final = frozenset({"none", "packed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """The site as authenticators know it.

    Attributes:
        id: host name without port; passkeys are bound to it.
        name: of the site, for people.
        origin: scheme, host and port that the answer must come from.
    """

    id: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """A registration that was checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyResponse:
    """What a browser sent, decoded once and not yet believed.

    Attributes:
        credential_id: which passkey it claims to be.
        user_handle: whose, as the authenticator remembers it; None where it does not.
        challenge: as base64url.
        client_data: what the browser says it did, as signed.
        attestation: of a registration, else empty.
        authenticator_data: of an assertion, else empty.
        signature: of an assertion, else empty.
        transports: as the authenticator says, known ones only.
    """

    credential_id: bytes = b""
    user_handle: bytes | None = None
    challenge: str = ""
    client_data: bytes = b""
    attestation: bytes = b""
    authenticator_data: bytes = b""
    signature: bytes = b""
    transports: tuple[str, ...] = ()


def is_available() -> bool:
    """Tell whether the package that checks signatures is installed."""
    return find_spec("webauthn") is not None


def creation_options(
    party: RelyingParty, *, challenge: Secret, handle: bytes, account: Account, known: Sequence[StoredPasskey]
) -> dict[str, Any]:
    """Return what ``navigator.credentials.create`` takes, byte strings as base64url.

    A passkey that can stand alone is asked for, and one that cannot is taken; authenticators that
    the account has already are left out.
    """
    return {
        "rp": {"id": party.id, "name": party.name},
        "user": {"id": encode_token(handle), "name": account.username, "displayName": account.username},
        "challenge": challenge.reveal(),
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "excludeCredentials": [_descriptor(passkey) for passkey in known],
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "preferred"},
        "attestation": "none",
    }


def request_options(
    party: RelyingParty, *, challenge: Secret, known: Sequence[StoredPasskey], needs_verification: bool
) -> dict[str, Any]:
    """Return what ``navigator.credentials.get`` takes; with no known passkeys the browser offers its own."""
    return {
        "rpId": party.id,
        "challenge": challenge.reveal(),
        "timeout": TIMEOUT_MS,
        "allowCredentials": [_descriptor(passkey) for passkey in known],
        "userVerification": "required" if needs_verification else "preferred",
    }


def read_response(text: str) -> PasskeyResponse:
    """Return the browser's answer, decoded; what cannot be read has no challenge and opens nothing.

    An answer given inside another site's frame cannot be read either (WebAuthn 13.4.2).
    """
    try:
        sent = json.loads(text)
        response = sent["response"]
        client_data = _decode(response["clientDataJSON"])
        said = json.loads(client_data)
        if said.get("crossOrigin", False) is not False or not isinstance(said["challenge"], str):
            return PasskeyResponse()
        handle = response.get("userHandle")
        return PasskeyResponse(
            credential_id=_decode(sent["id"]),
            user_handle=None if handle is None else _decode(handle),
            challenge=said["challenge"],
            client_data=client_data,
            attestation=_decode(response.get("attestationObject", "")),
            authenticator_data=_decode(response.get("authenticatorData", "")),
            signature=_decode(response.get("signature", "")),
            transports=tuple(name for name in TRANSPORTS if name in response.get("transports", ())),
        )
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return PasskeyResponse()


def verify_registration(response: PasskeyResponse, party: RelyingParty) -> NewPasskey | None:
    """Return the passkey that was made for this challenge, site and origin, or None.

    Spec: WebAuthn 7.1. The challenge is spent by the caller, who took it from this very response.
    """
    # Loaded with the first passkey: the package is an extra, and slow to load.
    from webauthn import verify_registration_response  # noqa: PLC0415
    from webauthn.helpers import (  # noqa: PLC0415
        decode_credential_public_key,
        decoded_public_key_to_cryptography,
        parse_attestation_object,
    )
    from webauthn.helpers.cose import COSEAlgorithmIdentifier  # noqa: PLC0415
    from webauthn.helpers.structs import (  # noqa: PLC0415
        AuthenticatorAttestationResponse,
        RegistrationCredential,
    )

    try:
        if parse_attestation_object(response.attestation).fmt not in _ATTESTATION_FORMATS:
            return None
        verified = verify_registration_response(
            credential=RegistrationCredential(
                id=encode_token(response.credential_id),
                raw_id=response.credential_id,
                response=AuthenticatorAttestationResponse(
                    client_data_json=response.client_data, attestation_object=response.attestation
                ),
            ),
            expected_challenge=_decode(response.challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in ALGORITHMS],
        )
        # A key that checks nothing would turn on a factor that nobody can show.
        decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
    except Exception:  # noqa: BLE001 -- parsers of hostile bytes raise whatever they stumble over
        return None
    is_same = verified.credential_id == response.credential_id
    is_short = len(verified.credential_id) <= MAX_CREDENTIAL_ID_SIZE_BYTES
    if not (is_same and is_short and len(verified.credential_public_key) <= MAX_KEY_SIZE_BYTES):
        return None
    return NewPasskey(
        credential_id=verified.credential_id, public_key=verified.credential_public_key,
        sign_count=verified.sign_count, is_backed_up=verified.credential_backed_up,
    )  # fmt: skip


def verify_assertion(
    response: PasskeyResponse, party: RelyingParty, *, public_key: bytes, needs_verification: bool
) -> int | None:
    """Return the passkey's counter where its key signed this challenge for this site and origin, else None.

    Whether the counter grew is judged by the caller, once the signature is known to be right.

    Spec: WebAuthn 7.2. The challenge is spent by the caller, who took it from this very response.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415 -- as above
    from webauthn.helpers.structs import (  # noqa: PLC0415
        AuthenticationCredential,
        AuthenticatorAssertionResponse,
    )

    try:
        verified = verify_authentication_response(
            credential=AuthenticationCredential(
                id=encode_token(response.credential_id),
                raw_id=response.credential_id,
                response=AuthenticatorAssertionResponse(
                    client_data_json=response.client_data,
                    authenticator_data=response.authenticator_data,
                    signature=response.signature,
                ),
            ),
            expected_challenge=_decode(response.challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=needs_verification,
        )
    except Exception:  # noqa: BLE001 -- parsers of hostile bytes raise whatever they stumble over
        return None
    return verified.new_sign_count


def _descriptor(passkey: StoredPasskey) -> dict[str, Any]:
    identifier = encode_token(passkey.credential_id)
    return {"type": "public-key", "id": identifier, "transports": list(passkey.transports)}


def _decode(text: str) -> bytes:
    """Return the bytes of strict base64url without padding; anything else is a ``ValueError``."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encode_token(raw) != text:
        raise ValueError(text)
    return raw
