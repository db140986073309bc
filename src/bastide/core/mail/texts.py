"""What mails have to say, by name; the words are the application's."""

from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

Fact: TypeAlias = str | timedelta


class MailText(StrEnum):
    """A text of a mail, with the facts that it may name; all may name ``site``."""

    # Links: ``link`` and ``lifetime``; that of another address also ``username``.
    REGISTRATION_LINK = "registration_link"
    RESET_LINK = "reset_link"
    EMAIL_LINK = "email_link"
    # Notes for those whom a link would not help.
    REGISTRATION_NOTE = "registration_note"
    RESET_NOTE = "reset_note"
    EMAIL_NOTE = "email_note"
    # Notices: ``username``, ``at``, ``agent`` and ``address``.
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a name
    PASSWORD_CHANGED_TOKENS_KEPT = "password_changed_tokens_kept"  # noqa: S105 -- a name
    PASSWORD_RESET = "password_reset"  # noqa: S105 -- a name
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    BACKUP_CODES_RENEWED = "backup_codes_renewed"
    TOKENS_REVOKED = "tokens_revoked"
    TOKEN_EXPOSED = "token_exposed"  # noqa: S105 -- a name
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    SIGNED_OUT_BY_ADMINISTRATOR = "signed_out_by_administrator"
    TOKENS_REVOKED_BY_ADMINISTRATOR = "tokens_revoked_by_administrator"
    # Notices with a ``name``.
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    TOKEN_ISSUED = "token_issued"  # noqa: S105 -- a name
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 -- a name
    RENAMED = "renamed"
    # Notices with a ``role``.
    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    # Notices with what a ``value`` is called.
    VALUE_REVEALED = "value_revealed"
    VALUE_CHANGED = "value_changed"
