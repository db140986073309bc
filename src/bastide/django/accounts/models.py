"""What Bastide keeps on Django: the same columns as `bastide.stores.sql.tables`.

Times are whole microseconds since 1970 in UTC. Roles are Django's groups, permissions Django's own.
"""

from django.conf import settings
from django.db import models


class Identity(models.Model):
    """The keys under which a user is found and unique (``account_key``), and which password is theirs."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    username_key = models.CharField(max_length=60, unique=True)
    email_key = models.CharField(max_length=300, unique=True, null=True)  # noqa: DJ001 -- unique where given
    password_digest = models.CharField(max_length=64, default="")

    class Meta:
        db_table = "bastide_identity"
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return self.username_key


class Right(models.Model):
    """Has no table: the content type that declared permissions belong to."""

    class Meta:
        managed = False
        default_permissions = ()

    def __str__(self) -> str:
        return "right"


class Session(models.Model):
    """A server-side session under the digest of its id."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    state = models.TextField()
    created_at = models.BigIntegerField()
    last_seen_at = models.BigIntegerField(db_index=True)
    confirmed_at = models.BigIntegerField(null=True)
    agent_family = models.CharField(max_length=60)
    network = models.CharField(max_length=50)
    must_rotate = models.BooleanField(default=False)
    is_pending = models.BooleanField(default=False)

    class Meta:
        db_table = "bastide_session"

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:16]


class Totp(models.Model):
    """An account's authenticator; its secret is sealed."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    secret = models.BinaryField(max_length=100)
    is_confirmed = models.BooleanField(default=False)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        db_table = "bastide_totp"

    def __str__(self) -> str:
        return str(self.account_id)


class BackupCode(models.Model):
    """The digest of one backup code."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "bastide_backup_code"
        constraints = (
            models.UniqueConstraint(
                fields=("account", "digest"), name="uq_bastide_backup_code_account_digest"
            ),
        )

    def __str__(self) -> str:
        return str(self.account_id)


class Passkey(models.Model):
    """A passkey of an account: its public key, and the highest counter that was seen."""

    credential_id = models.BinaryField(max_length=1023, primary_key=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    public_key = models.BinaryField(max_length=1024)
    sign_count = models.BigIntegerField()
    transports = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    is_backed_up = models.BooleanField()
    created_at = models.BigIntegerField()
    last_used_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "bastide_passkey"

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """An API token: what it may do, and the digest of its text."""

    id = models.CharField(max_length=11, primary_key=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32)
    name = models.CharField(max_length=60)
    scopes = models.TextField()
    created_at = models.BigIntegerField()
    expires_at = models.BigIntegerField(db_index=True)
    last_used_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "bastide_token"

    def __str__(self) -> str:
        return self.name


class Attempt(models.Model):
    """A counting lane."""

    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=400)
    owner = models.CharField(max_length=64, db_index=True)
    used = models.IntegerField()
    most = models.IntegerField()
    ends_at = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "bastide_attempt"
        constraints = (
            models.UniqueConstraint(fields=("kind", "subject"), name="uq_bastide_attempt_kind_subject"),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


class Ticket(models.Model):
    """A mailed single-use secret under its digest; one per purpose and subject."""

    digest = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=20)
    subject = models.CharField(max_length=300)
    facts = models.TextField()
    expires_at = models.BigIntegerField()

    class Meta:
        db_table = "bastide_ticket"
        constraints = (
            models.UniqueConstraint(fields=("purpose", "subject"), name="uq_bastide_ticket_purpose_subject"),
        )

    def __str__(self) -> str:
        return f"{self.purpose}:{self.subject}"


class Mail(models.Model):
    """A message on its way, sealed."""

    id = models.BinaryField(max_length=16, primary_key=True)
    sealed = models.BinaryField()
    due_at = models.BigIntegerField(db_index=True)
    good_until = models.BigIntegerField()
    tries = models.IntegerField()

    class Meta:
        db_table = "bastide_mail"

    def __str__(self) -> str:
        return bytes(self.id).hex()


class Event(models.Model):
    """A row of the security log."""

    at = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10)
    actor = models.CharField(max_length=1300)
    target = models.CharField(max_length=1300)
    session = models.CharField(max_length=1300)
    address = models.CharField(max_length=1300)
    route = models.CharField(max_length=1300)
    request_id = models.CharField(max_length=1300)
    detail = models.TextField()
    # Empty in rows that are older than the chain.
    key_id = models.BigIntegerField(null=True)
    link = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "bastide_event"
        # Each way to read the log, newest first.
        indexes = (
            models.Index(fields=("kind", "outcome", "at"), name="ix_bastide_event_kind_at"),
            models.Index(fields=("actor", "at"), name="ix_bastide_event_actor_at"),
            models.Index(fields=("target", "at"), name="ix_bastide_event_target_at"),
            models.Index(fields=("address", "at"), name="ix_bastide_event_address_at"),
        )

    def __str__(self) -> str:
        return self.kind


class Upload(models.Model):
    """A file: who sent it, what it belongs to, and what its bytes are kept under."""

    name = models.CharField(max_length=40, primary_key=True)
    # The row outlives its account, so that the bytes are found and deleted.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    subject = models.CharField(max_length=100, db_index=True)
    display_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=50)
    size_bytes = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)
    state = models.CharField(max_length=10)
    created_at = models.BigIntegerField()

    class Meta:
        db_table = "bastide_upload"
        indexes = (models.Index(fields=("state", "created_at"), name="ix_bastide_upload_state_at"),)

    def __str__(self) -> str:
        return self.name


class Chain(models.Model):
    """The sealed ends of the log's chain: ``head`` and ``base``."""

    name = models.CharField(max_length=4, primary_key=True)
    sequence = models.BigIntegerField()
    key_id = models.BigIntegerField()
    link = models.BinaryField(max_length=32)
    seal = models.BinaryField(max_length=32)

    class Meta:
        db_table = "bastide_chain"

    def __str__(self) -> str:
        return f"{self.name}:{self.sequence}"


class Violation(models.Model):
    """A group of like reports from browsers."""

    fingerprint = models.CharField(max_length=32, primary_key=True)
    directive = models.CharField(max_length=1300)
    blocked = models.CharField(max_length=1300)
    document = models.CharField(max_length=1300)
    count = models.IntegerField()
    first_seen = models.BigIntegerField()
    last_seen = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "bastide_violation"

    def __str__(self) -> str:
        return f"{self.directive} {self.blocked}"
