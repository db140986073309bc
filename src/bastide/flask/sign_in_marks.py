"""What tells one sign-in from the next where accounts are the application's: a value in its own session."""

from importlib.util import find_spec
from typing import Any, Final

from flask import Flask, session

from bastide.core.foundation import AccountId, Entropy, encode_token
from bastide.flask.state import find_exchange

_KEY: Final = "_bastide_sign_in"
_SIZE_BYTES: Final = 16


class SignInMarks:
    """Keeps in the application's session what form tokens are bound to besides the account.

    It goes with what the application clears of the session, with Flask-Login's sign-out, and with the first
    form that a stranger is shown in it.

    Threat: a token that leaked once opens forms for as long as there is the account (V7.4.1).
    """

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

    def find(self, account_id: AccountId | None) -> str:
        """Return the mark of the sign-in at hand, made where there is none; nothing for a stranger."""
        kept = session.get(_KEY)
        if account_id is None:
            if kept is not None:
                del session[_KEY]
            return ""
        if not isinstance(kept, list | tuple) or len(kept) != 2 or kept[0] != str(account_id):  # noqa: PLR2004 -- account and mark
            session[_KEY] = kept = [str(account_id), encode_token(self._entropy.token_bytes(_SIZE_BYTES))]
        return str(kept[1])

    def follow(self, app: Flask) -> None:
        """Have another mark from each of Flask-Login's sign-ins on, and none after its sign-outs."""
        if find_spec("flask_login") is None:
            return
        from flask_login import user_logged_in, user_logged_out  # noqa: PLC0415 -- only where Flask-Login is there

        user_logged_in.connect(self._renew, sender=app, weak=False)
        user_logged_out.connect(_forget, sender=app, weak=False)

    def _renew(self, app: Flask, **_: Any) -> None:
        _forget(app)
        exchange = find_exchange()
        if exchange is not None:
            # At once: pages that are asked for together would each make one of their own.
            self.find(exchange.principal.account_id)


def _forget(_app: Flask, **_: Any) -> None:
    session.pop(_KEY, None)
