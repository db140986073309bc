"""An authenticator made of software: real keys, real signatures, and every part of an answer open to change."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bastide.core.foundation import encode_token

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
ORIGIN = "http://localhost"


def b64(value: bytes | None) -> str | None:
    return None if value is None else encode_token(value)


@dataclass
class SoftKey:
    """One passkey.

    Attributes:
        is_resident: it remembers whose it is.
        verifies: it checks a PIN or a finger.
        counts: its counter grows with each use.
    """

    is_resident: bool = True
    verifies: bool = True
    counts: bool = True
    rp_id: str = "localhost"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = b""
    handle: bytes | None = None
    count: int = 0

    def __post_init__(self) -> None:
        self.credential_id = self.credential_id or hashlib.sha256(self.cose()).digest()

    def cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def create(self, options: dict[str, Any], **changes: Any) -> str:
        """Return what a browser sends after ``navigator.credentials.create``.

        Args:
            options: what the site asked for.
            changes: parts that an attacker puts in their place, by name.
        """
        handle = decode(options["user"]["id"])
        self.handle = handle if self.is_resident else None
        client = self._client("webauthn.create", options, changes)
        credential_id = changes.get("credential_id", self.credential_id)
        size = len(credential_id).to_bytes(2, "big")
        attested = (
            changes.get("aaguid", bytes(16)) + size + credential_id + changes.get("public_key", self.cose())
        )
        data = self._data(ATTESTED, changes) + changes.get("attested", attested)
        statement: dict[str, Any] = changes.get("statement", {})
        attestation = {"fmt": changes.get("fmt", "none"), "attStmt": statement, "authData": data}
        response = {
            "clientDataJSON": b64(client), "attestationObject": b64(changes.get("attestation", cbor2.dumps(attestation))),
            "transports": changes.get("transports", ["internal", "telepathy"]),
        }  # fmt: skip
        return self._sent(response, changes)

    def get(self, options: dict[str, Any], **changes: Any) -> str:
        """Return what a browser sends after ``navigator.credentials.get``; see ``create``."""
        self.count += self.counts
        client = self._client("webauthn.get", options, changes)
        data = self._data(0, changes)
        signature = changes.get("signing_key", self.key).sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        response = {
            "clientDataJSON": b64(changes.get("swapped_client", client)),
            "authenticatorData": b64(changes.get("swapped_data", data)),
            "signature": b64(changes.get("signature", signature)),
            "userHandle": b64(changes.get("handle", self.handle)),
        }
        return self._sent(response, changes)

    def _client(self, kind: str, options: dict[str, Any], changes: dict[str, Any]) -> bytes:
        said = {
            "type": changes.get("type", kind), "challenge": changes.get("challenge", options["challenge"]),
            "origin": changes.get("origin", ORIGIN), "crossOrigin": changes.get("cross_origin", False),
        }  # fmt: skip
        return json.dumps(said).encode()

    def _data(self, more: int, changes: dict[str, Any]) -> bytes:
        flags = changes.get("flags", PRESENT | (VERIFIED if self.verifies else 0)) | more
        count = changes.get("count", self.count)
        rp_hash = hashlib.sha256(changes.get("rp_id", self.rp_id).encode()).digest()
        return bytes(rp_hash + bytes([flags]) + count.to_bytes(4, "big"))

    def _sent(self, response: dict[str, Any], changes: dict[str, Any]) -> str:
        identifier = b64(changes.get("sent_id", changes.get("credential_id", self.credential_id)))
        return json.dumps({"id": identifier, "rawId": identifier, "type": "public-key", "response": response})


def decode(text: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
