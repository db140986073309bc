"""The one gate that every new password passes: at registration, at invitation, at change."""

from collections.abc import Iterable

from bastide.core.foundation import Client, InvalidInput, Secret
from bastide.core.security_log import EventKind, Outcome, Recorder
from bastide.core.sign_in.passwords import PasswordLengths, PasswordPolicy
from bastide.core.sign_in.ports import BreachChecker, BreachVerdict


class PasswordGate:
    """Applies the policy, then the breach check where one is configured.

    Spec: V6.2.4, V6.2.11, V6.2.12.
    """

    def __init__(self, *, policy: PasswordPolicy, breaches: BreachChecker | None, recorder: Recorder) -> None:
        self._policy = policy
        self._breaches = breaches
        self._recorder = recorder

    def lengths(self, *, has_second_factor: bool) -> PasswordLengths:
        """Return how long a new password has to be; see ``check``."""
        return self._policy.settings.lengths(has_second_factor=has_second_factor)

    def check(
        self,
        password: Secret,
        *,
        context: Iterable[str],
        client: Client,
        has_second_factor: bool = False,
    ) -> None:
        """Raise ``InvalidInput`` unless the password may be used.

        The breach service failing leaves the local list in charge, and the log says so.

        Args:
            password: as typed.
            context: the person's own names and addresses.
            client: the caller, for the log.
            has_second_factor: the account has one, and no rights without it.
        """
        self._policy.check(password, context=context, has_second_factor=has_second_factor)
        if self._breaches is None:
            return
        verdict = self._breaches.check(password)
        if verdict is BreachVerdict.BREACHED:
            raise InvalidInput("password", "breached")
        if verdict is BreachVerdict.UNKNOWN:
            self._recorder.record(EventKind.BREACH_CHECK_UNAVAILABLE, Outcome.FAILURE, client)
