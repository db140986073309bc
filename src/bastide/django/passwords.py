"""Django's hashers for the core, and the core's password policy for Django."""

from typing import Any

from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.core.exceptions import ValidationError

from bastide.core.foundation import InvalidInput, Secret
from bastide.core.sign_in import CommonPasswords, HashingSettings, HashingSlots, PasswordPolicy
from bastide.django.conf import read_settings
from bastide.django.texts import TEXTS


class DjangoHasher:
    """Hashes and checks with ``settings.PASSWORD_HASHERS``; an unknown account costs what a known one costs.

    See ``Hasher``.

    Args:
        settings: how many at once; the parameters of a hash are those of Django's hashers.
    """

    def __init__(self, settings: HashingSettings) -> None:
        self._slots = HashingSlots(settings)

    def hash(self, password: Secret) -> str:
        """Return the encoded hash of the preferred hasher."""
        with self._slots.take():
            return make_password(password.reveal())

    def verify(self, password: Secret, stored_hash: str | None) -> bool:
        """Tell whether ``password`` made ``stored_hash``; None costs the same and is False."""
        try:
            known = stored_hash is not None and bool(identify_hasher(stored_hash))
        except ValueError:
            known = False
        with self._slots.take():
            if not known:
                make_password(password.reveal())
                return False
            return check_password(password.reveal(), stored_hash or "")

    def needs_rehash(self, stored_hash: str) -> bool:
        """Tell whether the hash was made by another hasher or with other parameters than today's."""
        preferred = get_hasher("default")
        hasher = identify_hasher(stored_hash)
        return hasher.algorithm != preferred.algorithm or preferred.must_update(stored_hash)


class BastidePasswordValidator:
    """The policy in ``AUTH_PASSWORD_VALIDATORS``: for the admin, the shell and Django's own forms."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` unless the password may be used."""
        policy = PasswordPolicy(settings=read_settings().passwords, common=CommonPasswords())
        context = (
            () if user is None else (user.get_username(), getattr(user, user.get_email_field_name(), ""))
        )
        try:
            policy.check(Secret(password), context=[text for text in context if text])
        except InvalidInput as error:
            raise ValidationError(TEXTS.error_text(error.code, error.limits), code=error.code) from None

    def get_help_text(self) -> str:
        """Return what the policy asks for."""
        return TEXTS.password_text(read_settings().passwords.lengths())
