"""What a table's columns leave open, whichever mapper made them."""

import re
from dataclasses import dataclass
from typing import Final

from bastide.check.findings import Finding, found
from bastide.check.live.places import Place

ARGON2ID: Final = 97
SCRYPT_OF_WERKZEUG: Final = 162
# Django puts the algorithm before it.
ARGON2ID_OF_DJANGO: Final = 102
SECRET_NAME: Final = re.compile(
    r"(?i)(^|_)(ssn|social_security(_number)?|national_(id|insurance)(_number)?|tax_id|passport(_number)?|"
    r"(credit_)?card_number|cvv2?|cvc|iban|bank_account(_number)?|account_number|totp_secret|otp_secret|"
    r"mfa_secret|two_factor_secret|totp_key|otp_key|secret|secret_key|client_secret|private_key|api_key|api_secret|"
    r"access_token|refresh_token|auth_token|api_token|oauth_token|webhook_secret|backup_codes|recovery_codes|"
    r"plain_password|password_plain|medical_record|diagnosis)$"
)
HASH_NAME: Final = re.compile(
    r"(?i)^(password|passwd|pw|pwd|pass)_?(hash|digest|hashed)$|^hashed_password$|^pwhash$"
)
ANY_HASH: Final = re.compile(
    r"(?i)(password|passwd|pwd|pw)_?(hash|digest|hashed)?$|^hashed_password$|^pwhash$"
)
LOGIN_NAME: Final = re.compile(
    r"(?i)^(user_?name|login|login_name|email|email_address|e_?mail|nickname|handle)$"
)
RIGHTS_NAME: Final = re.compile(r"(?i)^(permissions?|rights|privileges|roles|scopes)$")
EXPIRY_NAME: Final = re.compile(r"(?i)^(expires?(_at|_on)?|expiry|expiration|valid_until)$")
TOKEN_TABLE: Final = re.compile(r"(?i)(token|api_?key|invit|session|reset|otp|challenge)")
COUNTER_NAME: Final = re.compile(r"(?i)(failed|attempts|login_count|failures|tries|lockouts)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        table: of the model's name.
        name: of the attribute.
        place: where it is written.
        kind: ``text``, ``number``, ``time``, ``bytes``, ``json`` or anything else.
        length: letters that fit; None where there is no bound.
        is_unique: no two rows have the same.
        is_nullable: it may be missing.
        has_default: rows get a value where none is given.
        is_sealed: its type encrypts or hashes.
        is_user: the model is one of people who sign in.
        longest_hash: that the application stores.
    """

    table: str
    name: str
    place: Place
    kind: str
    length: int | None = None
    is_unique: bool = False
    is_nullable: bool = False
    has_default: bool = False
    is_sealed: bool = False
    is_user: bool = False
    longest_hash: int = ARGON2ID


def check_columns(columns: list[Column], *, has_keys: bool = False) -> list[Finding]:
    """Return secrets in clear, names that two people can have, and what is too short or may be missing.

    Args:
        columns: of the application's own models.
        has_keys: Bastide's accounts keep names and addresses apart, by keys of their own.
    """
    found_ones = [finding for column in columns for finding in _check(column)]
    return [finding for finding in found_ones if finding.id != "BST251" or not has_keys]


def _check(column: Column) -> list[Finding]:
    whole, findings = f"{column.table}.{column.name}", []
    if column.kind in {"text", "json", "bytes"} and SECRET_NAME.search(column.name) and not column.is_sealed:
        findings.append(found("BST250", *column.place, f"{whole} keeps a secret as it is"))
    if column.is_user and column.kind == "text" and LOGIN_NAME.search(column.name) and not column.is_unique:
        findings.append(
            found("BST251", *column.place, f"{whole} is not unique: two people may have the same")
        )
    is_hash = HASH_NAME.search(column.name) or (column.is_user and ANY_HASH.fullmatch(column.name))
    if (
        is_hash
        and column.kind == "text"
        and column.length is not None
        and column.length < column.longest_hash
    ):
        message = f"{whole} holds {column.length} letters, and a hash has {column.longest_hash}"
        findings.append(found("BST252", *column.place, message))
    if column.kind in {"text", "json"} and RIGHTS_NAME.search(column.name):
        findings.append(found("BST256", *column.place, f"{whole} keeps rights as text"))
    if (
        column.is_nullable
        and column.kind == "time"
        and EXPIRY_NAME.search(column.name)
        and TOKEN_TABLE.search(column.table)
    ):
        findings.append(found("BST257", *column.place, f"{whole} may be missing: such a token never ends"))
    if column.is_nullable and not column.has_default and _is_counted_on(column):
        findings.append(found("BST258", *column.place, f"{whole} may be NULL, which no check of it expects"))
    return findings


def _is_counted_on(column: Column) -> bool:
    is_count = column.kind == "number" and COUNTER_NAME.search(column.name)
    # One that is called a password may be that of people who sign in without.
    return column.is_user and bool(is_count or HASH_NAME.search(column.name))
