"""What Bastide keeps on Django: the same columns as `bastide.stores.sql.tables`.

Times are whole microseconds since 1970 in UTC. Roles are Django's groups, permissions Django's own.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from bastide.django.orm._columns import (
    Binary,
    Flag,
    Link,
    LongText,
    MaybeBinary,
    MaybeNumber,
    MaybeText,
    Number,
    OnlyLink,
    SmallNumber,
    Text,
)


class Identity(models.Model):
    """The keys under which a user is found and unique (``account_key``), and which password is theirs.

    ``username_skeleton`` is what the name looks like: unique too, and never looked up.
    """

    user: OnlyLink = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    username_key: Text = models.CharField(max_length=300, unique=True)
    username_skeleton: Text = models.CharField(max_length=420, unique=True)
    email_key: MaybeText = models.CharField(max_length=300, unique=True, null=True)  # noqa: DJ001 -- unique where given
    password_digest: Text = models.CharField(max_length=64, default="")

    class Meta:
        db_table = "bastide_identity"
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return self.username_key


class Right(models.Model):
    """Has no table: the content type that declared permissions belong to."""

    class Meta:
        managed = False
        default_permissions: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return "right"


class Session(models.Model):
    """A server-side session under the digest of its id."""

    digest: Binary = models.BinaryField(max_length=32, primary_key=True)
    account: Link = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    state: LongText = models.TextField()
    created_at: Number = models.BigIntegerField()
    last_seen_at: Number = models.BigIntegerField(db_index=True)
    confirmed_at: MaybeNumber = models.BigIntegerField(null=True)
    agent_family: Text = models.CharField(max_length=60)
    network: Text = models.CharField(max_length=50)
    must_rotate: Flag = models.BooleanField(default=False)
    is_pending: Flag = models.BooleanField(default=False)

    class Meta:
        db_table = "bastide_session"

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:16]


class Totp(models.Model):
    """An account's authenticator; its secret is sealed."""

    account: OnlyLink = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    secret: Binary = models.BinaryField(max_length=100)
    is_confirmed: Flag = models.BooleanField(default=False)
    last_step: Number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "bastide_totp"

    def __str__(self) -> str:
        return str(self.account_id)


class BackupCode(models.Model):
    """The digest of one backup code."""

    account: Link = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest: Binary = models.BinaryField(max_length=32)

    class Meta:
        db_table = "bastide_backup_code"
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(
                fields=("account", "digest"), name="uq_bastide_backup_code_account_digest"
            ),
        )

    def __str__(self) -> str:
        return str(self.account_id)


class Passkey(models.Model):
    """A passkey of an account: its public key, and the highest counter that was seen."""

    credential_id: Binary = models.BinaryField(max_length=1023, primary_key=True)
    account: Link = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    public_key: Binary = models.BinaryField(max_length=1024)
    sign_count: Number = models.BigIntegerField()
    transports: Text = models.CharField(max_length=60)
    name: Text = models.CharField(max_length=60)
    is_backed_up: Flag = models.BooleanField()
    created_at: Number = models.BigIntegerField()
    last_used_at: MaybeNumber = models.BigIntegerField(null=True)
    user_handle: MaybeBinary = models.BinaryField(max_length=64, null=True)

    class Meta:
        db_table = "bastide_passkey"

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """A mailed single-use secret under its digest; one per purpose and subject."""

    digest: Binary = models.BinaryField(max_length=32, unique=True)
    purpose: Text = models.CharField(max_length=20)
    subject: Text = models.CharField(max_length=300)
    facts: LongText = models.TextField()
    expires_at: Number = models.BigIntegerField()

    class Meta:
        db_table = "bastide_ticket"
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(fields=("purpose", "subject"), name="uq_bastide_ticket_purpose_subject"),
        )

    def __str__(self) -> str:
        return f"{self.purpose}:{self.subject}"


class Mail(models.Model):
    """A message on its way, sealed."""

    id: Binary = models.BinaryField(max_length=16, primary_key=True)
    sealed: Binary = models.BinaryField()
    due_at: Number = models.BigIntegerField(db_index=True)
    good_until: Number = models.BigIntegerField()
    tries: SmallNumber = models.IntegerField()

    class Meta:
        db_table = "bastide_mail"

    def __str__(self) -> str:
        return bytes(self.id).hex()
