"""The keys of users on the Django ORM: a row of their own beside each user."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import is_password_usable
from django.db import IntegrityError, connections
from django.db.models import Q

from bastide.core.accounts import UserRow
from bastide.core.foundation import AccountId
from bastide.core.records import AccountExists, AccountKeys
from bastide.django.accounts.following import NO_KEYS, held_keys, password_digest
from bastide.django.accounts.models import Identity
from bastide.django.connection import ALIAS, atomic, store_verb

# A field without a length of its own.
_LONGEST_NAME: Final = 400


def _prefer_indexes() -> None:
    """Have PostgreSQL look keys up, up to the end of the transaction.

    Of a table that fills up it has no statistics yet, and would read it whole for every batch of users.
    """
    connection: Any = connections[ALIAS]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")


class DjangoIdentities:
    """See ``IdentityStore``; whoever has no identity has no keys."""

    def __init__(self) -> None:
        self._model: Any = get_user_model()
        self._name_field = self._model.USERNAME_FIELD
        self._email_field = self._model.get_email_field_name()
        names = (field.name for field in self._model._meta.get_fields())  # noqa: SLF001 -- Django's documented name
        self._has_email = self._email_field in names

    @property
    def _users(self) -> Any:
        return self._model._base_manager.using(ALIAS)  # noqa: SLF001 -- Django's documented name

    @property
    def longest(self) -> tuple[int, int, int]:
        """See ``IdentityStore``."""
        fields = (
            Identity._meta.get_field(name)  # noqa: SLF001 -- Django's documented name
            for name in ("username_key", "username_skeleton", "email_key")
        )
        name, skeleton, email = (int(field.max_length) for field in fields)  # type: ignore[union-attr, arg-type]
        return name, skeleton, email

    @property
    def longest_name(self) -> int | None:
        """See ``IdentityStore``."""
        if self._name_field == self._email_field:
            return None
        return self._model._meta.get_field(self._name_field).max_length or _LONGEST_NAME  # noqa: SLF001 -- Django's documented name

    @store_verb
    def count_users(self) -> int:
        """See ``IdentityStore``."""
        return int(self._users.count())

    @store_verb
    def list_users(self, *, after: AccountId | None, limit: int) -> Sequence[UserRow]:
        """See ``IdentityStore``."""
        rest = self._users.order_by("pk")
        page = rest if after is None else rest.filter(pk__gt=after)
        rows = list(page.values_list(*self._columns)[:limit])
        held = Identity.objects.using(ALIAS).in_bulk([row[0] for row in rows])
        return [self._user(row, held.get(row[0])) for row in rows]

    @store_verb
    def find_holders(
        self, keys: Collection[str], skeletons: Collection[str]
    ) -> Sequence[tuple[AccountId, AccountKeys]]:
        """See ``IdentityStore``."""
        theirs = Q(username_key__in=keys) | Q(email_key__in=keys) | Q(username_skeleton__in=skeletons)
        with atomic():
            _prefer_indexes()
            return [(held.pk, held_keys(held)) for held in Identity.objects.using(ALIAS).filter(theirs)]

    @store_verb
    def put_keys(self, changes: Sequence[tuple[UserRow, AccountKeys]]) -> int:
        """See ``IdentityStore``."""
        wanted = {row.id: (row, keys) for row, keys in changes}
        try:
            with atomic():
                # Locked, so that what is compared is what the keys are written for.
                locked = self._users.select_for_update().order_by("pk").filter(pk__in=wanted)
                rows = list(locked.values_list(*self._columns))
                held = Identity.objects.using(ALIAS).in_bulk([row[0] for row in rows])
                still = [row for row in rows if self._user(row, held.get(row[0])) == wanted[row[0]][0]]
                made = [self._identity(row, wanted[row[0]][1]) for row in still]
                new = [identity for identity in made if identity.pk not in held]
                Identity.objects.using(ALIAS).bulk_create(new)
                known = [identity for identity in made if identity.pk in held]
                fields = ["username_key", "username_skeleton", "email_key"]
                Identity.objects.using(ALIAS).bulk_update(known, fields)
        except IntegrityError:
            raise AccountExists("username") from None
        return len(still)

    @store_verb
    def rename_user(self, row: UserRow, name: str, keys: AccountKeys) -> bool:
        """See ``IdentityStore``."""
        try:
            with atomic():
                mine = self._users.filter(pk=row.id)
                found = mine.select_for_update().values_list(*self._columns).first()
                held = Identity.objects.using(ALIAS).in_bulk([row.id]).get(row.id)
                if found is None or self._user(found, held) != row:
                    return False
                mine.update(**{self._name_field: name})
                # What follows an update keeps a name; of an address it takes only what was not there before.
                self._identity(found, keys).save(using=ALIAS, force_update=True)
        except IntegrityError:
            raise AccountExists("username") from None
        return True

    @store_verb
    def count_without_keys(self, *, limit: int) -> int:
        """See ``IdentityStore``."""
        known = Identity.objects.using(ALIAS).values("pk")
        return int(self._users.exclude(pk__in=known).order_by()[:limit].count())

    @property
    def _columns(self) -> tuple[str, ...]:
        email = (self._email_field,) if self._has_email else ()
        return ("pk", self._name_field, "password", *email)

    def _user(self, row: Sequence[Any], held: Identity | None) -> UserRow:
        account_id, username, encoded, *email = row
        return UserRow(
            id=account_id, username=username, email=email[0] if email else None,
            has_password=bool(encoded) and is_password_usable(encoded),
            keys=NO_KEYS if held is None else held_keys(held),
        )  # fmt: skip

    @staticmethod
    def _identity(row: Sequence[Any], keys: AccountKeys) -> Identity:
        return Identity(
            user_id=row[0], username_key=keys.name or "", username_skeleton=keys.skeleton or "",
            email_key=keys.email, password_digest=password_digest(row[2]),
        )  # fmt: skip
