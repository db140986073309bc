"""Bastide for Django."""

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
from bastide.django.context import draw_rate, exchange_of, json_body, note_change, note_reveal, record
from bastide.django.guards import (
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
from bastide.django.uploads import receive_upload, send_upload

__all__ = [
    "AccessDenied",
    "FieldIs",
    "Has",
    "LoginRequiredMixin",
    "Owns",
    "PermissionRequiredMixin",
    "PolicyRequiredMixin",
    "PublicMixin",
    "Rule",
    "Through",
    "TooManyRequests",
    "WriteRules",
    "api",
    "bastide_middleware",
    "by_method",
    "draw_rate",
    "exchange_of",
    "for_scripts",
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


def bastide_middleware() -> tuple[str, ...]:
    """Return what goes first into ``MIDDLEWARE``."""
    return ("bastide.django.middleware.BastideMiddleware",)
