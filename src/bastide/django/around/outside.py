"""The attempt budget in front of the project's own authentication backends."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

from bastide.core.foundation import Client, TooManyRequests
from bastide.core.request import Layer
from bastide.core.sign_in import Drawn
from bastide.django.requests.current import CURRENT, find_exchange
from bastide.django.wiring import bastide

ATTEMPT: Final = "bastide_sign_in"
LOCKED: Final = "bastide_locked"
_USUAL_WORDS: Final = ("username", "email", "login", "phone")
# A backend that asks the one that it derives from asks for the same attempt.
_IS_ASKED: Final[ContextVar[bool]] = ContextVar("bastide_is_asked", default=False)
# Of a shell and the like, where no request is at hand.
_LAST: Final[ContextVar["SignInAttempt | None"]] = ContextVar("bastide_last_sign_in", default=None)


class SignInAttempt:
    """One attempt at the project's own sign-in, drawn before a backend looks at the password."""

    def __init__(self, names: tuple[str, ...], place: int) -> None:
        self.names: tuple[str, ...] = names
        self._place = place
        self._exchange = find_exchange()
        self._client = Client(address="shell") if self._exchange is None else self._exchange.client
        self._sign_ins = bastide().services.outside_sign_ins
        self._drawn: Sequence[Drawn] = self._sign_ins.begin(names, self._client)
        self._is_settled = False

    def goes_on(self, names: tuple[str, ...], place: int) -> bool:
        """Tell whether a backend that stands later is asked about the same attempt."""
        is_same = not self._is_settled and names == self.names and place > self._place
        if is_same:
            self._place = place
        return is_same

    def succeed(self, user: Any) -> None:
        """Note that a backend knew the password; the browser gets a lane that no stranger can shut."""
        self._is_settled = True
        own = (str(getattr(user, field, "")) for field in _name_fields())
        cookie = self._sign_ins.succeed(self._drawn, user.pk, self._client, names=own)
        if self._exchange is not None and cookie is not None:
            self._exchange.vouch_for(cookie)

    def fail(self) -> None:
        """Note that none did."""
        if not self._is_settled:
            self._is_settled = True
            self._sign_ins.fail(self._drawn, self._client)


def watch_backends() -> None:
    """Count what ``settings.AUTHENTICATION_BACKENDS`` are asked with a password, whoever asks them.

    Django's sign-in views, the admin, REST framework's basic authentication and allauth all do by way of
    ``authenticate``, which sends a signal where no backend knows the password, and none where one does.

    Threat: guessing in parallel, spraying, and strangers who lock an owner out (V6.1.1, V6.3.1).
    """
    for path in settings.AUTHENTICATION_BACKENDS:
        backend: Any = import_string(path)
        for method, count in (("authenticate", _counted), ("aauthenticate", _acounted)):
            asked = getattr(backend, method, None)
            if asked is not None and not hasattr(asked, "is_counted"):
                setattr(backend, method, count(asked))
    user_login_failed.connect(_note_failure, dispatch_uid="bastide.sign_ins")


def locked(request: HttpRequest) -> TooManyRequests | None:
    """Return why a sign-in of this request was not looked at, or None."""
    found: TooManyRequests | None = vars(request).get(LOCKED)
    return found


def _counted(authenticate: Callable[..., Any]) -> Callable[..., Any]:
    read = _reader(authenticate)

    @functools.wraps(authenticate)
    @sensitive_variables("arguments", "credentials")
    def run(backend: Any, *arguments: Any, **credentials: Any) -> Any:
        attempt = _begin(backend, _names_in(read(backend, *arguments, **credentials)))
        if attempt is None:
            return authenticate(backend, *arguments, **credentials)
        token = _IS_ASKED.set(True)
        try:
            user = authenticate(backend, *arguments, **credentials)
        finally:
            _IS_ASKED.reset(token)
        if user is not None:
            _note_success(attempt, user)
        return user

    run.is_counted = True  # type: ignore[attr-defined]  # read above
    return run


def _acounted(authenticate: Callable[..., Any]) -> Callable[..., Any]:
    read = _reader(authenticate)

    @functools.wraps(authenticate)
    @sensitive_variables("arguments", "credentials")
    async def run(backend: Any, *arguments: Any, **credentials: Any) -> Any:
        attempt = await sync_to_async(_begin)(backend, _names_in(read(backend, *arguments, **credentials)))
        if attempt is None:
            return await authenticate(backend, *arguments, **credentials)
        token = _IS_ASKED.set(True)
        try:
            user = await authenticate(backend, *arguments, **credentials)
        finally:
            _IS_ASKED.reset(token)
        if user is not None:
            await sync_to_async(_note_success)(attempt, user)
        return user

    run.is_counted = True  # type: ignore[attr-defined]  # read above
    return run


def _reader(authenticate: Callable[..., Any]) -> Callable[..., Mapping[str, Any]]:
    """Return what tells the credentials by their names, however they are handed over."""
    names = tuple(inspect.signature(authenticate).parameters)
    return lambda *arguments, **credentials: dict(zip(names, arguments, strict=False)) | credentials


def _names_in(credentials: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return every name whose password it may be said to be; None where none is asked about.

    What comes under none of the usual words is taken for names altogether: one budget for all people whom
    a project knows by a word of its own would let anybody shut them out.
    """
    if not credentials.get("password"):
        return None
    texts = {
        word: value for word, value in credentials.items() if isinstance(value, str) and word != "password"
    }
    usual = (value for word, value in texts.items() if value and word in _name_fields())
    return tuple(usual) or tuple(texts.values()) or ("",)


def _name_fields() -> set[str]:
    """Return what names come under, in the words of the user model and of sign-in views."""
    users: Any = get_user_model()
    unique = {field.name for field in users._meta.fields if field.unique and not field.primary_key}  # noqa: SLF001 -- Django's documented name
    return {users.USERNAME_FIELD, users.get_email_field_name(), *unique, *_USUAL_WORDS}


def _begin(backend: Any, names: tuple[str, ...] | None) -> SignInAttempt | None:
    """Draw an attempt, unless the backend before this one did.

    Raises:
        PermissionDenied: the budget is used up; Django asks no further backend.
    """
    services = bastide().services
    is_ours = not services.owns_accounts and Layer.ATTEMPTS in services.layers
    if names is None or not is_ours or _IS_ASKED.get():
        return None
    backends = [import_string(path) for path in settings.AUTHENTICATION_BACKENDS]
    place = backends.index(type(backend)) if type(backend) in backends else -1
    request: Any = CURRENT.get()
    known: SignInAttempt | None = None if request is None else vars(request).get(ATTEMPT)
    if known is not None and known.goes_on(names, place):
        return known
    try:
        attempt = SignInAttempt(names, place)
    except TooManyRequests as error:
        _keep(None)
        if request is not None:
            setattr(request, LOCKED, error)
        raise PermissionDenied from None
    _keep(attempt)
    return attempt


def _keep(attempt: SignInAttempt | None) -> None:
    request = CURRENT.get()
    if request is None:
        _LAST.set(attempt)
    else:
        setattr(request, ATTEMPT, attempt)


def _note_success(attempt: SignInAttempt, user: Any) -> None:
    attempt.succeed(user)
    request = CURRENT.get()
    if request is not None:
        # Whoever got in by another name is not to be told of the first.
        setattr(request, LOCKED, None)


def _note_failure(*, credentials: Mapping[str, Any], **_: Any) -> None:
    request = CURRENT.get()
    attempt: SignInAttempt | None = _LAST.get() if request is None else vars(request).get(ATTEMPT)
    if attempt is not None and attempt.names == _names_in(credentials):
        attempt.fail()
