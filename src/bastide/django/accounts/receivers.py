"""What follows when a user changes past the account pages: in Django's admin, a shell, one's own code."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.signals import m2m_changed, post_save

from bastide.core.foundation import Client, digest
from bastide.core.records import account_key, username_skeleton
from bastide.core.security_log import EventKind, Outcome, account_target
from bastide.django.accounts.models import Identity, Session
from bastide.django.connection import ALIAS
from bastide.django.current import find_exchange
from bastide.django.wiring import bastide

SHELL = Client(address="shell", route="django")


def password_digest(user: Any) -> str:
    """Return what tells one stored password from another."""
    return digest(user.password.encode()).hex()


def keep_identity(instance: Any, using: str, *, raw: bool = False, **_: Any) -> None:
    """Write the keys of a saved user; a new password ends every session but the one at hand, and API tokens.

    A name or address that is taken, or a name that looks like one, fails the save.

    Threat: look-alike names made past the registration; a thief's session or token that outlives the new
    password (V6.3.8, V7.4.3).
    """
    if raw:
        return
    email = getattr(instance, instance.get_email_field_name(), "") or ""
    values = {
        "username_key": account_key(instance.get_username()),
        "username_skeleton": username_skeleton(instance.get_username()),
        "email_key": account_key(email) or None,
        "password_digest": password_digest(instance),
    }
    known = Identity.objects.using(using).filter(user_id=instance.pk).first()
    Identity.objects.using(using).update_or_create(user_id=instance.pk, defaults=values)
    if known is not None and known.password_digest != values["password_digest"]:
        # Afterwards: the stores write on a connection of their own, which would wait for this transaction.
        transaction.on_commit(partial(_end_access, instance.pk), using=using)


def follow_groups(
    sender: Any, instance: Any, action: str, *, reverse: bool, pk_set: Any, using: str, **_: Any
) -> None:
    """Give the sessions of whoever gained or lost a group a new id, and say so in the log (V7.2.4).

    The stores' own changes (on their alias) are marked and told by whoever asked for them.
    """
    if using == ALIAS or action not in {"post_add", "post_remove", "pre_clear"}:
        return
    kind = EventKind.ROLE_GRANTED if action == "post_add" else EventKind.ROLE_REVOKED
    if reverse:
        members = pk_set if pk_set is not None else set(instance.user_set.values_list("pk", flat=True))
        pairs = [(pk, instance.name) for pk in members]
    else:
        groups: Any = sender._meta.get_field("group").remote_field.model  # noqa: SLF001 -- Django's documented name
        held = instance.groups.all() if pk_set is None else groups.objects.using(using).filter(pk__in=pk_set)
        pairs = [(instance.pk, group.name) for group in held]
    for pk, role in pairs:
        transaction.on_commit(partial(_tell_role, pk, role, kind), using=using)


def _end_access(pk: Any) -> None:
    exchange = find_exchange()
    own = None if exchange is None else exchange.active
    keep = own.digest if own is not None and own.principal.account_id == pk else None
    services = bastide().services
    services.sessions.end_others(pk, keep=keep)
    services.stores.tokens.revoke_tokens(pk)
    _record()(EventKind.PASSWORD_CHANGED, target=account_target(pk), tokens="revoked")


def _tell_role(pk: Any, role: str, kind: EventKind) -> None:
    Session.objects.using(ALIAS).filter(account_id=pk).update(must_rotate=True)
    _record()(kind, target=account_target(pk), role=role)


def _record() -> Callable[..., None]:
    exchange = find_exchange()
    if exchange is not None:
        return exchange.record

    def record(kind: EventKind, **detail: str) -> None:
        bastide().services.recorder.record(kind, Outcome.SUCCESS, SHELL, session_digest=b"", **detail)

    return record


def connect() -> None:
    """Listen to saved users and to changes of their groups."""
    model: Any = get_user_model()
    post_save.connect(keep_identity, sender=model, dispatch_uid="bastide.identity")
    m2m_changed.connect(follow_groups, sender=model.groups.through, dispatch_uid="bastide.groups")
