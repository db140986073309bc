"""What follows when a user changes past the account pages: in Django's admin, a shell, one's own code."""

import sys
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router, transaction
from django.db.models.signals import m2m_changed, post_save, pre_save

from bastide.adopting import unadopted_warning
from bastide.core.foundation import Client, StoreUnavailable
from bastide.core.security_log import EventKind, Outcome, account_target
from bastide.django.accounts.following import Written, follow, held_keys, keys_of, password_digest
from bastide.django.accounts.models import Identity, Session
from bastide.django.accounts.upgrades import is_checked
from bastide.django.connection import ALIAS
from bastide.django.requests.current import find_exchange
from bastide.django.wiring import bastide

_NOTED: Final = "_bastide_noted"
SHELL = Client(address="shell", route="django")


def note_identity(instance: Any, using: str, *, raw: bool = False, **_: Any) -> None:
    """Note what is kept of a user who is about to be saved, and what name and address were there."""
    if raw:
        return
    known = before = None
    if instance.pk is not None:
        known = Identity.objects.using(using).filter(user_id=instance.pk).first()
    if instance.pk is not None and (known is None or held_keys(known) != keys_of(instance)):
        stored = type(instance)._base_manager.using(using).filter(pk=instance.pk).first()  # noqa: SLF001 -- Django's documented name
        before = None if stored is None else keys_of(stored)
    vars(instance)[_NOTED] = known, before


def keep_identity(
    instance: Any, using: str, *, raw: bool = False, update_fields: Collection[str] | None = None, **_: Any
) -> None:
    """Write the keys of a saved user; a new password ends every session but the one at hand, and API tokens.

    A new hash of the password that was there does not, as Django makes one where it checks an old one. A new
    name or address that is taken, or a name that looks like one, fails the save.

    Threat: look-alike names made past the registration; a thief's session or token that outlives the new
    password (V6.3.8, V7.4.3).
    """
    if raw:
        return
    known, before = vars(instance).pop(_NOTED, (None, None))
    after, mark = keys_of(instance), password_digest(instance.password)
    if known is None or held_keys(known) != after:
        if update_fields is not None and before is not None:
            after = keys_of(type(instance)._base_manager.using(using).get(pk=instance.pk))  # noqa: SLF001 -- Django's documented name
        follow([Written(instance.pk, before, after, mark)], using=using)
    if known is not None and known.password_digest != mark:
        Identity.objects.using(using).filter(pk=known.pk).update(password_digest=mark)
        follows = _note_new_hash if is_checked(instance) else _end_access
        # Afterwards: the stores write on a connection of their own, which would wait for this transaction.
        transaction.on_commit(partial(follows, instance.pk), using=using)


def adopt_after_migrating(using: str, verbosity: int = 1, stdout: Any = None, **_: Any) -> None:
    """Give users who were there before their keys, where these collide with nobody's; say of the rest.

    Args:
        using: the database that was migrated.
        verbosity: 0 says nothing.
        stdout: takes what is said, or None for the standard output.
    """
    own, migrated = connections[ALIAS].settings_dict, connections[using].settings_dict
    # A test runner migrates a database that the stores are not pointed at yet.
    if using != router.db_for_write(get_user_model()) or own["NAME"] != migrated["NAME"]:
        return
    try:
        services = bastide().services
        if services.stores.identities.count_without_keys(limit=1):
            services.adoption.write(SHELL)
        warning = unadopted_warning(services, "manage.py bastide_adopt")
    except (ImproperlyConfigured, StoreUnavailable):
        return  # some tables are not there yet, or a check says what is wrong
    if warning is not None and verbosity:
        (stdout or sys.stdout).write(f"{warning}\n")


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


def _note_new_hash(pk: Any) -> None:
    _record()(EventKind.PASSWORD_REHASHED, target=account_target(pk))


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
    pre_save.connect(note_identity, sender=model, dispatch_uid="bastide.noted")
    post_save.connect(keep_identity, sender=model, dispatch_uid="bastide.identity")
    m2m_changed.connect(follow_groups, sender=model.groups.through, dispatch_uid="bastide.groups")
