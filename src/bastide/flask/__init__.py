"""Bastide for Flask."""

from bastide.core.access import (
    FieldIs,
    Has,
    Owns,
    Rule,
    Through,
    WriteRules,
    api,
    for_scripts,
    fresh_login_required,
    login_required,
    permission_required,
    public,
    takes_files,
)
from bastide.core.foundation import AccessDenied, TooManyRequests
from bastide.flask.context import draw_rate, json_body, note_change, note_reveal, principal, record, visible
from bastide.flask.events import event_recorded
from bastide.flask.extension import Bastide
from bastide.flask.forms import Form, PlainField, RuleField, SecretField, form_view
from bastide.flask.guards import csrf_exempt, owner_required, policy_required
from bastide.flask.state import current_exchange
from bastide.flask.uploads import receive_upload, send_upload
from bastide.stores.sql import AccountMixin, EncryptedBytes, EncryptedText, IsSealed

__all__ = [
    "AccessDenied",
    "AccountMixin",
    "Bastide",
    "EncryptedBytes",
    "EncryptedText",
    "FieldIs",
    "Form",
    "Has",
    "IsSealed",
    "Owns",
    "PlainField",
    "Rule",
    "RuleField",
    "SecretField",
    "Through",
    "TooManyRequests",
    "WriteRules",
    "api",
    "csrf_exempt",
    "current_exchange",
    "draw_rate",
    "event_recorded",
    "for_scripts",
    "form_view",
    "fresh_login_required",
    "json_body",
    "login_required",
    "note_change",
    "note_reveal",
    "owner_required",
    "permission_required",
    "policy_required",
    "principal",
    "public",
    "receive_upload",
    "record",
    "send_upload",
    "takes_files",
    "visible",
]
