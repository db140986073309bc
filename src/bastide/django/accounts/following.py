"""The keys of users follow whatever the project's own code writes: saves, and statements for many at once.

What other programs write, and SQL as plain text, is not seen; their rows are what ``bastide_adopt`` finds.
"""

import functools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from bastide.core.foundation import digest
from bastide.core.records import AccountKeys
from bastide.django.accounts.models import Identity

NO_KEYS: Final = AccountKeys(None, None, None)
_BATCH: Final = 500
_KEYS: Final = ("username_key", "username_skeleton", "email_key")
_UPDATE: Final = QuerySet.update
_BULK_CREATE: Final = QuerySet.bulk_create


class Written(NamedTuple):
    """A user that was written.

    Attributes:
        pk: of the user.
        before: the keys of the name and address that were there, or None where there was no row.
        after: those of the ones that are there now.
        password_digest: what tells the stored password from another.
    """

    pk: Any
    before: AccountKeys | None
    after: AccountKeys
    password_digest: str


def install() -> None:
    """Have statements for many users write their keys; saves are signals."""
    # Django sends no signal for these, and everything else that writes many rows comes down to them.
    queries: Any = QuerySet
    queries.update = _update
    queries.bulk_create = _bulk_create


def held_keys(identity: Identity) -> AccountKeys:
    """Return the keys that are kept of a user."""
    return AccountKeys(identity.username_key, identity.username_skeleton, identity.email_key)


def keys_of(user: Any) -> AccountKeys:
    """Return the keys of a user's name and address."""
    return AccountKeys.of(user.get_username(), getattr(user, user.get_email_field_name(), None))


def password_digest(encoded: str) -> str:
    """Return what tells one stored password from another."""
    return digest(encoded.encode()).hex()


def follow(written: Sequence[Written], *, using: str) -> None:
    """Keep the keys of users that were written, in the transaction at hand.

    What a user could not have before, and is not changed by this, stays away as before, and fails nothing.

    Raises:
        IntegrityError: a new name or address is taken, or a name looks like somebody else's.

    Threat: an account under another's name, made or renamed past the registration (V6.3.8).
    """
    identities: Any = Identity.objects.using(using)
    nameless = [each.pk for each in written if each.after.name is None]
    if nameless:
        identities.filter(pk__in=nameless).delete()
    named = [each for each in written if each.after.name is not None]
    held = identities.in_bulk([each.pk for each in named])
    steps = [_Step(each, held_keys(held[each.pk]) if each.pk in held else NO_KEYS) for each in named]
    odd = [step for step in steps if step.held != step.user.after]
    certain = [step.user for step in odd if step.is_all_new]
    identities.bulk_create([_identity(each, each.after) for each in certain if each.pk not in held])
    identities.bulk_update([_identity(each, each.after) for each in certain if each.pk in held], _KEYS)
    for step in odd:
        if not step.is_all_new:
            step.put_what_is_free(using=using)


class _Step(NamedTuple):
    """A user that was written, and the keys that are held of it."""

    user: Written
    held: AccountKeys

    @property
    def has_new_name(self) -> bool:
        before = self.user.before
        return before is None or before.values()[:2] != self.user.after.values()[:2]

    @property
    def has_new_email(self) -> bool:
        return self.user.before is None or self.user.before.email != self.user.after.email

    @property
    def is_all_new(self) -> bool:
        """Whether each key that is to be written is of what was changed."""
        after = self.user.after
        is_name_kept = self.held.values()[:2] == after.values()[:2]
        return (is_name_kept or self.has_new_name) and (self.held.email == after.email or self.has_new_email)

    def put_what_is_free(self, *, using: str) -> None:
        """Keep name and address, or else the name where the address is an old one that somebody else has."""
        after = self.user.after
        without = after if self.has_new_email else replace(after, email=None)
        failed: IntegrityError | None = None
        for keys in dict.fromkeys((after, without)):
            values = dict(zip(_KEYS, keys.values(), strict=True))
            mark = {"password_digest": self.user.password_digest}
            try:
                with transaction.atomic(using=using):
                    Identity.objects.using(using).update_or_create(
                        user_id=self.user.pk, defaults=values, create_defaults={**values, **mark}
                    )
            except IntegrityError as error:
                failed = error
            else:
                return
        if failed is not None and self.has_new_name:
            raise failed


def _identity(each: Written, keys: AccountKeys) -> Identity:
    values = dict(zip(_KEYS, keys.values(), strict=True))
    return Identity(user_id=each.pk, password_digest=each.password_digest, **values)


def _concerns(queries: Any, fields: Collection[str]) -> bool:
    users: Any = get_user_model()
    names = {users.USERNAME_FIELD, users.get_email_field_name()}
    return queries.model._meta.concrete_model is users and not names.isdisjoint(fields)  # noqa: SLF001 -- Django's documented name


@functools.wraps(_UPDATE)
def _update(queries: Any, **values: Any) -> int:
    if not _concerns(queries, values) or queries.query.is_sliced:
        return _UPDATE(queries, **values)
    queries._for_write = True  # noqa: SLF001 -- as Django's own
    using = queries.db
    with transaction.atomic(using=using):
        before = {pk: keys for pk, keys, _ in _rows(queries.order_by("pk"))}
        done = _UPDATE(queries, **values)
        _follow_rows(list(before), before, using=using)
    return done


@functools.wraps(_BULK_CREATE)
def _bulk_create(queries: Any, objs: Any, *options: Any, **named: Any) -> list[Any]:
    users: Any = get_user_model()
    if not _concerns(queries, {users.USERNAME_FIELD}):
        return _BULK_CREATE(queries, objs, *options, **named)
    queries._for_write = True  # noqa: SLF001 -- as Django's own
    using, objs = queries.db, list(objs)
    name_field = users.USERNAME_FIELD
    names = [user.get_username() for user in objs]
    with transaction.atomic(using=using):
        # By name: Django knows no keys where it may leave rows out, and may have changed others.
        before: dict[Any, AccountKeys] = {}
        for some in _batches(names):
            before |= {pk: keys for pk, keys, _ in _rows(_all(using).filter(**{f"{name_field}__in": some}))}
        made = _BULK_CREATE(queries, objs, *options, **named)
        pks: list[Any] = []
        for some in _batches(names):
            pks += _all(using).filter(**{f"{name_field}__in": some}).values_list("pk", flat=True)
        _follow_rows(pks, before, using=using)
    return made


def _follow_rows(pks: Sequence[Any], before: dict[Any, AccountKeys], *, using: str) -> None:
    for some in _batches(pks):
        rows = _rows(_all(using).filter(pk__in=some))
        written = [Written(pk, before.get(pk), keys, password_digest(encoded)) for pk, keys, encoded in rows]
        follow(written, using=using)


def _rows(users: Any) -> Iterator[tuple[Any, AccountKeys, str]]:
    """Yield primary key, keys and password of each user."""
    model: Any = get_user_model()
    email = model.get_email_field_name()
    has_email = any(field.name == email for field in model._meta.get_fields())  # noqa: SLF001 -- Django's documented name
    fields = ("pk", "password", model.USERNAME_FIELD, *((email,) if has_email else ()))
    for pk, encoded, name, *rest in users.values_list(*fields).iterator():
        yield pk, AccountKeys.of(name, rest[0] if rest else None), encoded


def _all(using: str) -> Any:
    return get_user_model()._base_manager.using(using)  # noqa: SLF001 -- Django's documented name


def _batches(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))
