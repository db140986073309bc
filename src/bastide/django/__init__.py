"""Bastide for Django; what it shares with Flask, policies and errors among it, is in `bastide`.

Settings import from here before the apps are loaded. What they name by its path stays a path:
``bastide.django.auth.BastideBackend``, ``bastide.django.sessions`` and their like.

The project
    `bastide_apps` for ``INSTALLED_APPS``, `bastide_middleware` for ``MIDDLEWARE``, `BodyLimit` for ASGI,
    `DjangoStorage` for uploads, `bastide` for its controls, `create_roles`, `invitation_link`,
    `event_recorded`
Whom a view lets in
    functions: `public`, `login_required`, `fresh_login_required`, `permission_required`, `policy_required`,
    `owner_required`, `by_method`; classes: `PublicMixin`, `LoginRequiredMixin`, `PermissionRequiredMixin`,
    `PolicyRequiredMixin`; health checks and static files: `probe`, `static_files`; how they answer and what
    they take: `for_scripts`, `api`, `takes_files`
The request at hand
    `principal`, `visible`, `draw_rate`, `record`, `note_reveal`, `note_change`, `json_body`,
    `receive_upload`, `send_upload`, `exchange_of`; API tokens of whoever acts: `issue_token`, `own_tokens`,
    `revoke_token`
Forms
    `Form`, `RuleField`, `SecretField`, `PlainField`, `form_view`
Models
    `ValidatedModel`, `RuleValidator`, `SanitizedHTMLField`; sealed fields: `EncryptedTextField`,
    `EncryptedBytesField`, `BlindIndexField`; querysets: `contains`, `order_by`; whose a name is: `Identity`
"""

import typing as _typing

from bastide import _late
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
from bastide.django.asgi import BodyLimit
from bastide.django.commands import invitation_link
from bastide.django.conf import bastide_apps, bastide_middleware
from bastide.django.forms import Form, PlainField, RuleField, SecretField, form_view
from bastide.django.orm.encrypted import BlindIndexField, EncryptedBytesField, EncryptedTextField
from bastide.django.orm.fields import RuleValidator, SanitizedHTMLField
from bastide.django.orm.queries import contains, order_by
from bastide.django.requests.context import (
    draw_rate,
    exchange_of,
    json_body,
    note_change,
    note_reveal,
    record,
)
from bastide.django.requests.files import receive_upload, send_upload
from bastide.django.requests.guards import (
    LoginRequiredMixin,
    PermissionRequiredMixin,
    PolicyRequiredMixin,
    PublicMixin,
    by_method,
    owner_required,
    policy_required,
    principal,
    visible,
)
from bastide.django.requests.tokens import issue_token, own_tokens, revoke_token
from bastide.django.signals import event_recorded
from bastide.django.storages import DjangoStorage
from bastide.django.wiring import bastide, create_roles

if _typing.TYPE_CHECKING:
    from bastide.django.accounts.models import Identity
    from bastide.django.orm.models import ValidatedModel
else:
    # Django makes no model, not even an abstract one, before it knows the apps.
    __getattr__ = _late.late_imports(
        __name__, {"Identity": "accounts.models", "ValidatedModel": "orm.models"}
    )

__all__ = [
    "BlindIndexField",
    "BodyLimit",
    "DjangoStorage",
    "EncryptedBytesField",
    "EncryptedTextField",
    "Form",
    "Identity",
    "LoginRequiredMixin",
    "PermissionRequiredMixin",
    "PlainField",
    "PolicyRequiredMixin",
    "PublicMixin",
    "RuleField",
    "RuleValidator",
    "SanitizedHTMLField",
    "SecretField",
    "ValidatedModel",
    "api",
    "bastide",
    "bastide_apps",
    "bastide_middleware",
    "by_method",
    "contains",
    "create_roles",
    "draw_rate",
    "event_recorded",
    "exchange_of",
    "for_scripts",
    "form_view",
    "fresh_login_required",
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
    "revoke_token",
    "send_upload",
    "static_files",
    "takes_files",
    "visible",
]
