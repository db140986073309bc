"""Django's session engine over Bastide's sessions: ``SESSION_ENGINE = "bastide.django.sessions"``."""

import json
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.base import SessionBase

from bastide.core.foundation import STRANGER, AccountId, Client, Principal
from bastide.core.request import Exchange
from bastide.core.security_log import EventKind, Outcome, account_target
from bastide.core.sessions import ActiveSession, Sessions
from bastide.django.connection import users_as_written
from bastide.django.wiring import bastide

# Under what Django's own login writes down who is signed in.
_NOTES: Final = frozenset({SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY})


class SessionStore(SessionBase):
    """A session as Django code knows it; keys are hashed, state is JSON, the user stands on the row.

    Within a request it is a view of the request's exchange, and nothing is read before it is used. By
    itself, as in a shell or Django's test client, it stands for the session of its key.
    """

    modified: bool

    def __init__(self, session_key: str | None = None, *, exchange: Exchange | None = None) -> None:
        super().__init__(session_key)
        self._exchange = exchange
        self._active: ActiveSession | None = None
        self._read_for: AccountId | None = None

    @classmethod
    def clear_expired(cls) -> None:
        """Delete sessions past their limits."""
        _sessions().purge()

    @property
    def active(self) -> ActiveSession | None:
        """The session behind this one, or None."""
        if self._exchange is not None:
            return self._exchange.active
        if self._active is None and self._session_key:
            self._active = _sessions().resume(self._session_key, None).session
        return self._active

    @property
    def session_key(self) -> str | None:
        """The id; it opens the session, so it goes nowhere but into the cookie."""
        return None if self.active is None else self.active.session_id.reveal()

    def _get_session(self, no_load: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 -- Django's signature
        """Return the values of whoever the session speaks for now.

        Threat: the user whom Django's login noted among the values, taken for a new sign-in when they are
        saved after a sign-out, or after somebody else's sign-in.
        """
        account_id = None if self.active is None else self.active.principal.account_id
        if account_id != self._read_for:
            self._read_for = account_id
            vars(self).pop("_session_cache", None)
        values: dict[str, Any] = super()._get_session(no_load)  # type: ignore[misc]  # not in the stubs
        return values

    _session = property(_get_session)

    async def _aget_session(self, no_load: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 -- Django's signature
        return await sync_to_async(self._get_session)(no_load)

    def load(self) -> dict[str, Any]:
        """Return the values; by itself, Django's own notes of who is signed in among them.

        Channels, and ``django.contrib.auth.get_user``, know a user by nothing else.
        """
        active = self.active
        values: dict[str, Any] = {} if active is None else json.loads(active.state)
        if self._exchange is None and active is not None and active.principal.is_signed_in:
            values |= _notes_of(users_as_written().get(pk=active.principal.account_id))
        return values

    def exists(self, session_key: str) -> bool:
        """Tell whether the id opens a session."""
        return _sessions().resume(session_key, None).session is not None

    def create(self) -> None:
        """Start an empty session; it is stored when it is saved."""
        self._active = None
        self._session_cache: dict[str, Any] = {}
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 -- Django's signature
        """Keep the values; a user who was signed in by ``django.contrib.auth.login`` gets a new session."""
        values = dict(self._get_session())
        account_id = self._user_in(values)
        active = self.active
        if account_id is not None and (active is None or active.principal.account_id != account_id):
            self._adopt(self._start(account_id, values))
        elif self._exchange is not None:
            self._exchange.save_state(values, drop_oldest=_drop_oldest_message)
        elif active is None:
            self._adopt(self._start(None, values))
        else:
            self._active = _sessions().save_state(active, values, drop_oldest=_drop_oldest_message) or active

    def delete(self, session_key: str | None = None) -> None:
        """End the session, or the one of the given id."""
        ended = self.active if session_key is None else _sessions().resume(session_key, None).session
        if ended is not None:
            _sessions().end(ended.digest)

    def cycle_key(self) -> None:
        """Go on under a new id; the old one is dead."""
        values, active = dict(self._get_session()), self.active
        if active is not None:
            client = Client() if self._exchange is None else self._exchange.client
            rotated = _sessions().rotate(active, client, confirmed=False)
            if rotated is not None:
                self._adopt(rotated)
        self._session_cache = values

    def flush(self) -> None:
        """End the session on the server and forget its values."""
        if self._exchange is not None and self._exchange.active is not None:
            self._exchange.services.login.sign_out(self._exchange.active, self._exchange.client)
            self._exchange.sign_out()
        else:
            self.delete()
        self.clear()
        self._active, self._session_key = None, None
        self.modified = False

    def _start(self, account_id: Any, values: dict[str, Any]) -> ActiveSession:
        if self.active is not None:
            _sessions().end(self.active.digest)
        client = Client() if self._exchange is None else self._exchange.client
        if account_id is None:
            return _sessions().start(STRANGER, client, state=json.dumps(values))
        if self._exchange is not None and self._exchange.services.stores.factors.has_factor(account_id):
            return self._start_pending(self._exchange, account_id, values)
        user = users_as_written().get(pk=account_id)
        principal = Principal(account_id=account_id, name=user.get_username())
        return _sessions().start(principal, client, state=json.dumps(values))

    def _start_pending(self, exchange: Exchange, account_id: Any, values: dict[str, Any]) -> ActiveSession:
        """Return a session that waits for the second factor, without Django's notes of its user.

        Threat: a sign-in of another library's, by a mailed code or another site's word, as a way in around
        the second factor (V6.3.3).
        """
        state = json.dumps({name: value for name, value in values.items() if name not in _NOTES})
        pending = _sessions().start_pending(account_id, exchange.client, state=state)
        exchange.services.recorder.record(
            EventKind.FACTOR_NEEDED, Outcome.NOTED, exchange.client,
            target=account_target(account_id), session_digest=pending.digest,
        )  # fmt: skip
        self._session_cache = json.loads(state)
        return pending

    def _adopt(self, active: ActiveSession) -> None:
        self._active = active
        self._session_key = active.session_id.reveal()
        if self._exchange is not None:
            self._exchange.adopt(active)

    @staticmethod
    def _user_in(values: dict[str, Any]) -> Any:
        found = values.get(SESSION_KEY)
        return None if found is None else get_user_model()._meta.pk.to_python(found)  # noqa: SLF001


def _notes_of(user: Any) -> dict[str, str]:
    return {
        SESSION_KEY: user._meta.pk.value_to_string(user),  # noqa: SLF001 -- Django's documented name
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }


def _drop_oldest_message(values: dict[str, Any]) -> bool:
    waiting = json.loads(values.get(SessionStorage.session_key) or "[]")
    if not waiting:
        return False
    values[SessionStorage.session_key] = json.dumps(waiting[1:], separators=(",", ":"))
    return True


def _sessions() -> Sessions:
    return bastide().services.sessions
