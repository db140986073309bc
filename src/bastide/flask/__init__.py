"""Bastide for Flask; what it shares with Django, policies and errors among it, is in `bastide`.

The extension
    `Bastide`, `AccountMixin` for the user class, `ExistingAccountMixin` for one that has its users already
    and `AdoptedAccountMixin` once all have keys, `installed_in` for an application's controls,
    `event_recorded`, `invitation_link`
Layers alone, beside other accounts
    `Layers`; `sign_in_attempt` and its `SignInAttempt` around a sign-in of the application's own
Whom a view lets in
    `public`, `login_required`, `fresh_login_required`, `permission_required`, `policy_required`,
    `owner_required`; health checks and static files: `probe`, `static_files`; how it answers and what it
    takes: `for_scripts`, `api`, `takes_files`, `csrf_exempt`
The request at hand
    `principal`, `visible`, `draw_rate`, `record`, `note_reveal`, `note_change`, `json_body`,
    `receive_upload`, `send_upload`, `current_exchange`
API tokens of whoever acts, for pages of one's own
    `issue_token`, `own_tokens`, `revoke_token`
Forms
    `Form`, `RuleField`, `SecretField`, `PlainField`, `form_view`
SQL
    `contains`, `starts_with`, `order_by`; columns with a rule: `RuleText`; sealed columns: `EncryptedText`,
    `EncryptedBytes`, `IsSealed`; `security_tables`, `render_item` and `require_keys` for Alembic,
    `tune_sqlite`
"""

from bastide.core.access import (
    api,
    for_scripts,
    fresh_login_required,
    login_required,
    permission_required,
    probe,
    public,
    static_files,
    takes_files,
)
from bastide.flask.cli import invitation_link
from bastide.flask.context import draw_rate, json_body, note_change, note_reveal, principal, record, visible
from bastide.flask.events import event_recorded
from bastide.flask.extension import Bastide
from bastide.flask.forms import Form, PlainField, RuleField, SecretField, form_view
from bastide.flask.guards import csrf_exempt, owner_required, policy_required
from bastide.flask.installed import installed_in
from bastide.flask.layers import Layers
from bastide.flask.outside import SignInAttempt, sign_in_attempt
from bastide.flask.state import current_exchange
from bastide.flask.tokens import issue_token, own_tokens, revoke_token
from bastide.flask.uploads import receive_upload, send_upload
from bastide.stores.sql import (
    AccountMixin,
    AdoptedAccountMixin,
    EncryptedBytes,
    EncryptedText,
    ExistingAccountMixin,
    IsSealed,
    RuleText,
    contains,
    order_by,
    render_item,
    require_keys,
    security_tables,
    starts_with,
    tune_sqlite,
)

__all__ = [
    "AccountMixin",
    "AdoptedAccountMixin",
    "Bastide",
    "EncryptedBytes",
    "EncryptedText",
    "ExistingAccountMixin",
    "Form",
    "IsSealed",
    "Layers",
    "PlainField",
    "RuleField",
    "RuleText",
    "SecretField",
    "SignInAttempt",
    "api",
    "contains",
    "csrf_exempt",
    "current_exchange",
    "draw_rate",
    "event_recorded",
    "for_scripts",
    "form_view",
    "fresh_login_required",
    "installed_in",
    "invitation_link",
    "issue_token",
    "json_body",
    "login_required",
    "note_change",
    "note_reveal",
    "order_by",
    "own_tokens",
    "owner_required",
    "permission_required",
    "policy_required",
    "principal",
    "probe",
    "public",
    "receive_upload",
    "record",
    "render_item",
    "require_keys",
    "revoke_token",
    "security_tables",
    "send_upload",
    "sign_in_attempt",
    "starts_with",
    "static_files",
    "takes_files",
    "tune_sqlite",
    "visible",
]
