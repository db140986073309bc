"""As ``django-admin startproject`` has it, and what a test says besides, from the process's environment."""

import json
import os
from pathlib import Path
from typing import Any

from bastide import PUBLIC, new_ring
from bastide.core.foundation import SystemEntropy

_given: dict[str, Any] = json.loads(os.environ["BESIDE"])
FOLDER = Path(_given["folder"])
SECRET_KEY = "django-insecure-" + "s" * 50
DEBUG = False
ALLOWED_HOSTS = _given.get("hosts", ["*"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "db.sqlite3",
        "TEST": {"NAME": FOLDER / "test.sqlite3"},
    }
}
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.messages", *_given.get("apps", []), "support.beside",
]  # fmt: skip
MIDDLEWARE = [
    *_given.get("first", ["bastide.django.layers.LayersMiddleware"]),
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    *_given.get("last", []),
]
ROOT_URLCONF = _given.get("urls", "support.beside.urls")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTHENTICATION_BACKENDS = _given.get("backends", ["django.contrib.auth.backends.ModelBackend"])
LOGIN_REDIRECT_URL = "/"
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
if _given.get("keys"):
    BASTIDE_KEYS = new_ring(SystemEntropy())
BASTIDE = {**_given.get("bastide", {}), "layers": _given["layers"]}
if _given.get("prefixes"):
    BASTIDE["prefix_rules"] = dict.fromkeys(_given["prefixes"], PUBLIC)
if _given.get("uploads"):
    BASTIDE["upload_storage"] = FOLDER / "uploads"
REST_FRAMEWORK: dict[str, Any] = {}
# Of allauth, where a test installs it.
ACCOUNT_LOGIN_METHODS = set(_given.get("login_methods", ["email", "username"]))
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
