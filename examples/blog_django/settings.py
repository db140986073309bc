"""Settings of the blog, from the environment of the process that serves it."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bastide import FolderMailer, Rule
from bastide.django import bastide_apps, bastide_middleware
from blog_shared.access import ROLES
from blog_shared.contact import RECIPIENTS
from blog_shared.demo import SITE_NAME

SHARED = Path(__file__).parent.parent / "blog_shared"
DATA = Path(os.environ.get("BLOG_DATA", "var"))


def database(url: str) -> dict[str, Any]:
    """Return Django's words for ``sqlite:///path`` or ``postgresql://user@host:port/name``."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        options = {"timeout": 5, "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"}
        path = unquote(parts.path.removeprefix("/"))
        engine = "django.db.backends.sqlite3"
        return {"ENGINE": engine, "NAME": path, "OPTIONS": options, "CONN_MAX_AGE": None}
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path.removeprefix("/"),
        "USER": parts.username or "", "PASSWORD": parts.password or "", "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,
    }  # fmt: skip


SECRET_KEY = os.environ["BLOG_SECRET_KEY"]
BASTIDE_KEYS = os.environ.get("BLOG_KEYS", "")
DEBUG = False
HTTPS_HOST = os.environ.get("BLOG_HTTPS_HOST")
IS_DEVELOPMENT = os.environ.get("BLOG_DEVELOPMENT") == "1"
ALLOWED_HOSTS = ["localhost"]
DATABASES = {
    "default": database(os.environ.get("BLOG_DATABASE_URL", f"sqlite:///{DATA / 'blog_django.sqlite3'}"))
}
AUTH_USER_MODEL = "blog.User"
AUTHENTICATION_BACKENDS = ["bastide.django.auth.BastideBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "bastide.django.passwords.BastidePasswordValidator"}]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    *bastide_apps(),
    "blog_django.apps.BlogConfig",
]
MIDDLEWARE = [*bastide_middleware(), "django.contrib.messages.middleware.MessageMiddleware"]
SESSION_ENGINE = "bastide.django.sessions"
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
ROOT_URLCONF = "blog_django.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SHARED / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["bastide.django.templating.page", "blog_django.context.blog"],
        },
    }
]
STATIC_URL = "/static/"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
CONTACT_RECIPIENTS = RECIPIENTS
CSRF_HEADER_NAME = "HTTP_X_CSRF_TOKEN"
WSGI_APPLICATION = "blog_django.wsgi.application"
# Bastide's middleware does what these three look for under Django's own names.
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W003"]
BASTIDE = {
    "transport": (
        {"allowed_hosts": frozenset({HTTPS_HOST})}
        if HTTPS_HOST
        else {"plain_http_hosts": frozenset({"localhost"})}
    ),
    "registration": {"site_name": SITE_NAME},
    "passwords": {"site_words": (SITE_NAME,)},
    "roles": ROLES,
    "event_kinds": "blog_shared.events.BlogEvent",
    "mailer": FolderMailer(DATA / "mail"),
    "upload_storage": DATA / "uploads",
    **({"tripwires": {"on_query": "raise", "on_reflection": "raise"}} if IS_DEVELOPMENT else {}),
    "prefix_rules": {"/site-admin/": Rule(permission="admin_access")},
}
