"""One Django project, measured in a process of its own: settings are made once per process.

``python -m bench.django_candidate KIND FOLDER`` reads a kind of request per line and prints its CPU cost.
"""

import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from werkzeug.test import create_environ

from bastide.django import bastide_apps

CALLS = 100
PAGE = "x" * 500
SECRET = "k" * 64
SQLITE = {"init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"}
DJANGO = "django.contrib."
STOCK_APPS = [DJANGO + name for name in ("auth", "contenttypes", "messages", "sessions")]
MESSAGES = "django.contrib.messages.middleware.MessageMiddleware"
STOCK_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    MESSAGES,
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
FULL_APPS = ["axes", "allauth", "allauth.account", "allauth.mfa", "allauth.usersessions"]
FULL_MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
KINDS: dict[str, dict[str, Any]] = {
    "bare": {"INSTALLED_APPS": [], "MIDDLEWARE": []},
    # What Bastide leaves in place: the applications and the one middleware, and the database kept open.
    "kept": {
        "INSTALLED_APPS": STOCK_APPS[:3],
        "MIDDLEWARE": [MESSAGES],
        "MESSAGE_STORAGE": "django.contrib.messages.storage.cookie.CookieStorage",
    },
    "stock": {"INSTALLED_APPS": STOCK_APPS, "MIDDLEWARE": STOCK_MIDDLEWARE},
    "full": {
        "INSTALLED_APPS": [*STOCK_APPS, *FULL_APPS],
        "MIDDLEWARE": [*STOCK_MIDDLEWARE, *FULL_MIDDLEWARE],
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "django.contrib.auth.backends.ModelBackend",
        ],
        "USERSESSIONS_TRACK_ACTIVITY": True,
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"default-src": ["'self'"]}},
    },
    "bastide": {
        "INSTALLED_APPS": [*STOCK_APPS[:3], *bastide_apps()],
        "MIDDLEWARE": ["bastide.django.middleware.BastideMiddleware", MESSAGES],
        "AUTHENTICATION_BACKENDS": ["bastide.django.auth.BastideBackend"],
        "SESSION_ENGINE": "bastide.django.sessions",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "BASTIDE": {"roles": {"reader": {"read"}}},
    },
}


def configure(kind: str, folder: Path) -> None:
    database = {
        "ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / f"django_{kind}.sqlite3"),
        "OPTIONS": SQLITE, "CONN_MAX_AGE": None,
    }  # fmt: skip
    settings.configure(
        SECRET_KEY=SECRET, DATABASES={"default": database}, ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF=__name__, USE_TZ=True, **KINDS[kind],
    )  # fmt: skip
    django.setup()


def index(_: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE)


def own(request: HttpRequest) -> HttpResponse:
    user = getattr(request, "user", None)
    return HttpResponse(PAGE if user is None or user.is_authenticated else "", status=200)


def own_with_bastide(request: HttpRequest) -> HttpResponse:
    from bastide.django import principal

    return HttpResponse(PAGE if principal(request).has("read") else "", status=200)


def routes(kind: str) -> list[Any]:
    if kind != "bastide":
        return [path("", index), path("own", own)]
    from django.urls import include

    from bastide.django import login_required, public

    return [
        path("", public(index)), path("own", login_required(own_with_bastide)),
        path("", include("bastide.django.accounts.urls")),
    ]  # fmt: skip


def cookie(kind: str) -> str:
    """Return the cookie of somebody signed in; empty where nobody can be."""
    if kind == "bare":
        return ""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True, stdout=StringIO())
    if kind == "kept":
        return ""
    user = get_user_model().objects.create_user("maud", "maud@example.org", "x")
    if kind == "bastide":
        from bastide.core.foundation import Client, Principal
        from bastide.django.wiring import bastide, create_roles

        create_roles()
        services = bastide().services
        services.stores.accounts.grant_role(user.pk, "reader")
        started = services.sessions.start(Principal(account_id=user.pk, name="maud"), Client())
        return f"__Host-session={started.session_id.reveal()}"
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"sessionid={store.session_key}"


def start(status: str, _headers: list[Any], _exc_info: Any = None) -> Callable[[bytes], object]:
    if not status.startswith("200"):
        raise RuntimeError(status)
    return lambda _data: None


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    configure(kind, folder)
    sys.modules[__name__].urlpatterns = routes(kind)  # type: ignore[attr-defined]  # the URLconf is this module
    if kind == "bastide":
        sys.modules["bench.django_candidate"] = sys.modules[__name__]
    headers = {"Cookie": cookie(kind)}
    base: dict[str, Any] = {"base_url": "https://localhost", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
    environs = {
        "anonymous": create_environ("/", **base),
        "signed in": create_environ("/own", **base, headers=headers),
    }  # fmt: skip
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    for line in sys.stdin:
        environ = environs[line.strip()]
        begin = time.process_time()
        for _ in range(CALLS):
            response = application(dict(environ), start)
            for _piece in response:
                pass
            response.close()
        print((time.process_time() - begin) / CALLS * 1e6, flush=True)


if __name__ == "__main__":
    main()
