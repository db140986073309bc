"""Django's hashers for the core, and the core's password policy for Django."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.core.exceptions import ValidationError

from bastide.core.foundation import Clock, InvalidInput, Secret, SystemClock
from bastide.core.sign_in import (
    CommonPasswords,
    HashFault,
    HashingSettings,
    HashingSlots,
    HashReaders,
    Limits,
    PasswordPolicy,
    UnreadableHash,
    UsualHash,
    no_hashes,
)
from bastide.django.conf import read_settings
from bastide.django.texts import TEXTS


class DjangoHasher:
    """Hashes and checks with ``settings.PASSWORD_HASHERS``; an unknown account costs what most cost.

    Every hasher that is listed there goes on reading what it made; the first one makes it anew.
    See ``Hasher``.

    Args:
        settings: how many at once, and what checking may take; the parameters of a hash are those of
            Django's hashers.
        sample: returns some of the stored hashes, at most as many as it is given.
        clock: the time.
    """

    def __init__(
        self,
        settings: HashingSettings,
        *,
        sample: Callable[[int], Sequence[str]] = no_hashes,
        clock: Clock | None = None,
    ) -> None:
        self._slots = HashingSlots(settings)
        self._max_memory_kib = settings.max_read_memory_kib
        self._usual = UsualHash(sample=sample, cost_of=self._cost_of, clock=clock or SystemClock())

    def hash(self, password: Secret) -> str:
        """Return the encoded hash of the preferred hasher."""
        with self._slots.take():
            return make_password(password.reveal())

    def verify(self, password: Secret, stored_hash: str | None) -> bool:
        """Tell whether ``password`` made ``stored_hash``; None and one with a fault cost the same: False."""
        known = stored_hash if stored_hash and self.find_fault(stored_hash) is None else None
        usual = self._usual.find()
        with self._slots.take():
            checked = known or usual
            if checked is None:
                make_password(password.reveal())
                return False
            return self._matches(password.reveal(), checked) and known is not None

    def find_fault(self, stored_hash: str) -> HashFault | None:
        """Return why nothing can be checked against the hash, or None where something can.

        Whether a hash is well formed its own hasher says; what checking it takes is told here beforehand.
        """
        try:
            hasher = identify_hasher(stored_hash)
        except ValueError:
            return HashFault.UNKNOWN_FORMAT
        # A name to import by, or one to show and that one.
        library = hasher.library[1] if isinstance(hasher.library, tuple) else hasher.library
        if library is not None and find_spec(str(library)) is None:
            return HashFault.LIBRARY_MISSING
        try:
            self._readers().read(stored_hash)
        except UnreadableHash as unreadable:
            if unreadable.fault is HashFault.TOO_COSTLY:
                return unreadable.fault
        try:
            hasher.decode(stored_hash)
        except NotImplementedError:
            return None
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError):
            return HashFault.MALFORMED
        return None

    def wrap(self, stored_hash: str) -> str | None:  # noqa: ARG002 -- the port's
        """Return None: projects wrap their weak hashes by a migration, as Django's documentation shows."""
        return None

    def needs_rehash(self, stored_hash: str) -> bool:
        """Tell whether the hash was made by another hasher or with other parameters than today's."""
        preferred = get_hasher("default")
        hasher = identify_hasher(stored_hash)
        return hasher.algorithm != preferred.algorithm or preferred.must_update(stored_hash)

    def _matches(self, password: str, stored_hash: str) -> bool:
        try:
            return check_password(password, stored_hash)
        except ValueError:
            return self._was_cut(password, stored_hash)

    def _was_cut(self, password: str, stored_hash: str) -> bool:
        """Tell the same of what Django will not check: bcrypt refuses more than 72 bytes since version 5."""
        try:
            return self._readers().read(stored_hash).matches(password)
        except UnreadableHash:
            return False

    def _readers(self) -> HashReaders:
        """Return what knows costs; what the project has its own hasher take is never too much."""
        preferred: Any = get_hasher("default")
        most = Limits()
        return HashReaders(
            limits=Limits(
                memory_kib=max(self._max_memory_kib, getattr(preferred, "memory_cost", 0)),
                lanes=max(most.lanes, getattr(preferred, "parallelism", 0)),
                iterations=max(most.iterations, getattr(preferred, "iterations", 0)),
                bcrypt_rounds=max(most.bcrypt_rounds, getattr(preferred, "rounds", 0)),
            )
        )

    def _cost_of(self, stored_hash: str) -> str | None:
        """Return what checking takes; of a hasher that is the project's own, its name."""
        if self.find_fault(stored_hash) is not None:
            return None
        try:
            return self._readers().read(stored_hash).cost
        except UnreadableHash:
            return str(identify_hasher(stored_hash).algorithm)


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
