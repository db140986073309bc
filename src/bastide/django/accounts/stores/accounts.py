"""Accounts and roles on the Django ORM: the user model, its groups and permissions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, is_password_usable
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError
from django.db.models import Q, QuerySet

from bastide.core.foundation import AccountId, ConfigurationError, digest, to_micros
from bastide.core.records import Account, AccountExists, LastHolder, NewAccount, TicketSpent
from bastide.django.accounts.models import Identity, Right, Session, Ticket
from bastide.django.connection import ALIAS, atomic, store_verb
from bastide.django.tokens.models import Token


class DjangoAccounts:
    """See ``AccountStore``."""

    def __init__(self) -> None:
        self._model: Any = get_user_model()
        self._name_field = self._model.USERNAME_FIELD
        self._email_field = self._model.get_email_field_name()
        self._held: Any = self._model.groups.through

    @property
    def _users(self) -> Any:
        return self._model._base_manager.using(ALIAS)  # noqa: SLF001 -- Django's documented name

    @property
    def _with_password(self) -> Any:
        unusable = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return self._users.exclude(unusable)

    @store_verb
    def find_account(self, key: str) -> Account | None:
        """See ``AccountStore``."""
        # A user name never holds an "@" and an address always does: the two kinds of key cannot meet.
        identities = Identity.objects.using(ALIAS).filter(Q(username_key=key) | Q(email_key=key))
        found = identities.select_related("user").first()
        return None if found is None else self._account(found.user)

    @store_verb
    def get_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``."""
        user = self._users.filter(pk=account_id).first()
        return None if user is None else self._account(user)

    @store_verb
    def lock_account(self, account_id: AccountId) -> Account | None:
        """See ``AccountStore``; an SQLite unit is the only writer anyway."""
        with atomic():
            user = self._users.select_for_update().filter(pk=account_id).first()
            return None if user is None else self._account(user)

    @store_verb
    def add_account(self, new: NewAccount, *, ticket_digest: bytes | None, now: datetime) -> AccountId:
        """See ``AccountStore``."""
        user = self._model(
            **{self._name_field: new.username, self._email_field: new.email, "password": new.password_hash}
        )
        try:
            with atomic():
                if ticket_digest is not None:
                    _burn_ticket(ticket_digest, now)
                groups = _find_groups(new.roles)
                user.save(using=ALIAS, force_insert=True)
                user.groups.add(*groups)
        except IntegrityError:
            alike = Q(username_key=new.username_key) | Q(username_skeleton=new.username_skeleton)
            is_taken = Identity.objects.using(ALIAS).filter(alike).exists()
            raise AccountExists("username" if is_taken else "email") from None
        account_id: AccountId = user.pk
        return account_id

    @store_verb
    def replace_password_hash(self, account_id: AccountId, *, old_hash: str, new_hash: str) -> bool:
        """See ``AccountStore``."""
        with atomic():
            return self._swap_hash(account_id, Q(password=old_hash), new_hash)

    @store_verb
    def list_password_hashes(self, *, after: AccountId | None, limit: int) -> Sequence[tuple[AccountId, str]]:
        """See ``AccountStore``."""
        rest = self._with_password.order_by("pk")
        page = rest if after is None else rest.filter(pk__gt=after)
        return list(page.values_list("pk", "password")[:limit])

    @store_verb
    def sample_password_hashes(self, limit: int) -> Sequence[str]:
        """See ``AccountStore``."""
        hashes = self._with_password.values_list("password", flat=True)
        return [encoded for order in ("pk", "-pk") for encoded in hashes.order_by(order)[: limit // 2]]

    @store_verb
    def reset_password(
        self,
        account_id: AccountId,
        *,
        ticket_digest: bytes,
        old_hash: str | None,
        new_hash: str,
        now: datetime,
    ) -> None:
        """See ``AccountStore``."""
        is_unusable = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        is_old = is_unusable if old_hash is None else Q(password=old_hash)
        with atomic():
            _burn_ticket(ticket_digest, now)
            if not self._swap_hash(account_id, is_old, new_hash):
                raise TicketSpent
            _end_access(account_id)

    @store_verb
    def change_email(
        self, account_id: AccountId, *, ticket_digest: bytes, email: str, email_key: str, now: datetime
    ) -> None:
        """See ``AccountStore``."""
        try:
            with atomic():
                _burn_ticket(ticket_digest, now)
                if not self._users.filter(pk=account_id).update(**{self._email_field: email}):
                    raise TicketSpent
                identity = Identity.objects.using(ALIAS).filter(user=self._users.get(pk=account_id))
                identity.update(email_key=email_key)
        except IntegrityError:
            raise AccountExists("email") from None

    @store_verb
    def set_active(
        self, account_id: AccountId, *, is_active: bool, keep_holders: Collection[str] = ()
    ) -> bool:
        """See ``AccountStore``."""
        with atomic():
            if not is_active:
                self._keep_holders(account_id, keep_holders)
            if not self._users.filter(pk=account_id, is_active=not is_active).update(is_active=is_active):
                return False
            if not is_active:
                _end_access(account_id)
            return True

    @store_verb
    def grant_role(self, account_id: AccountId, role: str) -> bool:
        """See ``AccountStore``."""
        with atomic():
            (group,) = _find_groups({role})
            user = self._users.select_for_update().filter(pk=account_id).first()
            if user is None or user.groups.filter(pk=group.pk).exists():
                return False
            user.groups.add(group)
            _sessions_of(account_id).update(must_rotate=True)
            return True

    @store_verb
    def revoke_role(self, account_id: AccountId, role: str, *, keep_holders: Collection[str] = ()) -> bool:
        """See ``AccountStore``."""
        with atomic():
            # The role's row before the user's, as everywhere: two changes never wait for each other.
            self._keep_holders(account_id, {role} & set(keep_holders))
            user = self._users.select_for_update().filter(pk=account_id).first()
            group = None if user is None else user.groups.filter(name=role).first()
            if group is None:
                return False
            user.groups.remove(group)
            _sessions_of(account_id).update(must_rotate=True)
            return True

    @store_verb
    def define_roles(self, roles: dict[str, frozenset[str]]) -> None:
        """See ``AccountStore``."""
        with atomic():
            for name, permissions in roles.items():
                group, is_new = Group.objects.using(ALIAS).get_or_create(name=name)
                for codename in sorted(permissions) if is_new else ():
                    group.permissions.add(_permission(codename))

    @store_verb
    def add_permission(self, role: str, permission: str) -> bool:
        """See ``AccountStore``."""
        with atomic():
            group = Group.objects.using(ALIAS).get(name=role)
            held = Group.permissions.through.objects.using(ALIAS)
            return bool(held.get_or_create(group=group, permission=_permission(permission))[1])

    @store_verb
    def list_accounts(self, *, search: str, offset: int, limit: int) -> tuple[Sequence[Account], int]:
        """See ``AccountStore``."""
        term = search.casefold()
        identities = Identity.objects.using(ALIAS).filter(
            Q(username_key__contains=term) | Q(email_key__contains=term) if term else Q()
        )
        page = identities.select_related("user").order_by("username_key")[offset : offset + limit]
        return [self._account(identity.user) for identity in page], identities.count()

    @store_verb
    def count_role_holders(self, role: str) -> int:
        """See ``AccountStore``."""
        return int(self._users.filter(groups__name=role, is_active=True).count())

    def _swap_hash(self, account_id: AccountId, is_old: Q, new_hash: str) -> bool:
        if not self._users.filter(is_old, pk=account_id).update(password=new_hash):
            return False
        mark = digest(new_hash.encode()).hex()
        identity = Identity.objects.using(ALIAS).filter(user=self._users.get(pk=account_id))
        identity.update(password_digest=mark)
        return True

    def _keep_holders(self, account_id: AccountId, roles: Collection[str]) -> None:
        """Let one change at a time look for other holders; SQLite has one writer anyway."""
        for name in sorted(roles):
            Group.objects.using(ALIAS).select_for_update().filter(name=name).first()
            holders = self._users.filter(groups__name=name, is_active=True).values_list("pk", flat=True)
            if set(holders) == {account_id}:
                raise LastHolder

    def _account(self, user: Any) -> Account:
        roles = frozenset(user.groups.values_list("name", flat=True))
        return Account(
            id=user.pk, username=user.get_username(), email=getattr(user, self._email_field) or "",
            password_hash=user.password if is_password_usable(user.password) else None,
            is_active=user.is_active, roles=roles,
        )  # fmt: skip


def _burn_ticket(ticket_digest: bytes, now: datetime) -> None:
    unspent = Ticket.objects.using(ALIAS).filter(digest=ticket_digest, expires_at__gt=to_micros(now))
    if unspent.delete()[0] != 1:
        raise TicketSpent


def _find_groups(names: "frozenset[str] | set[str]") -> list[Group]:
    found = list(Group.objects.using(ALIAS).filter(name__in=names))
    if len(found) != len(names):
        missing = sorted(names - {group.name for group in found})
        msg = f"roles are not in the database: {missing}; `manage.py bastide_roles` makes declared ones"
        raise ConfigurationError(msg)
    return found


def _sessions_of(account_id: Any) -> QuerySet[Session]:
    return Session.objects.using(ALIAS).filter(account_id=account_id)


def _end_access(account_id: Any) -> None:
    _sessions_of(account_id).delete()
    Token.objects.using(ALIAS).filter(account_id=account_id).delete()


def _permission(codename: str) -> Permission:
    kind = ContentType.objects.db_manager(ALIAS).get_for_model(Right, for_concrete_model=False)
    found, _ = Permission.objects.using(ALIAS).get_or_create(
        codename=codename, content_type=kind, defaults={"name": codename.replace("_", " ")}
    )
    return found
