"""Small applications, written to a folder of their own and looked at in this process."""

import importlib
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from bastide.check.findings import Finding
from bastide.check.live.places import Places

_numbers = count(1)
KEY = "Jt6vQ0Yc3LmZp8RkWx2HsNdUfGe4BaTi"

RIGHT_FLASK = f"""
from datetime import timedelta
from flask import Blueprint, Flask, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface, SessionInterface, SessionMixin
from flask.views import MethodView
from flask_wtf import CSRFProtect, FlaskForm
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
import wtforms

HOST = "shop.example"
app = Flask(__name__)
app.config.update(
    SECRET_KEY="{KEY}", TRUSTED_HOSTS=[HOST], SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax",
    SESSION_COOKIE_NAME="__Host-session", MAX_CONTENT_LENGTH=1_000_000,
    PERMANENT_SESSION_LIFETIME=timedelta(days=14),
)
csrf = CSRFProtect(app)

class Kept(dict, SessionMixin):
    pass

class OnServer(SessionInterface):
    def open_session(self, app, request):
        return Kept()

    def save_session(self, app, session, response):
        pass

app.session_interface = OnServer()
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {{
    "Strict-Transport-Security": "max-age=31536000", "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}}

@app.before_request
def stay_with_https():
    if not request.is_secure:
        return redirect(f"https://{{HOST}}{{request.full_path}}")

@app.after_request
def add_headers(response):
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response

@app.get("/")
def index():
    return "<p>hello</p>"
"""

RIGHT_DJANGO: dict[str, Any] = {
    "SECRET_KEY": KEY, "ALLOWED_HOSTS": ["shop.example"], "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_NAME": "__Host-session", "CSRF_COOKIE_SECURE": True, "ROOT_URLCONF": "shop.urls",
    "INSTALLED_APPS": ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    "AUTH_PASSWORD_VALIDATORS": [
        {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    ],
}  # fmt: skip


@contextmanager
def module_of(folder: Path, text: str) -> Iterator[tuple[ModuleType, Places]]:
    """Import the text as a module of its own, and forget it afterwards."""
    name = f"looked_at_{next(_numbers)}"
    root = folder / name
    root.mkdir()
    (root / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
    sys.path.insert(0, str(root))
    try:
        yield importlib.import_module(name), Places(root, name)
    finally:
        sys.path.remove(str(root))
        sys.modules.pop(name, None)


def look_at_flask(folder: Path, more: str) -> list[Finding]:
    """Return what is found in the right application with more lines below it."""
    from bastide.check.live.flask_app import flask_parts
    from bastide.check.live.flask_routes import flask_routes

    with module_of(folder, RIGHT_FLASK + textwrap.dedent(more)) as (module, places):
        parts = flask_parts(module.app, places, lambda: flask_routes(module.app, places))
        return [finding for part in parts for finding in part()]


def look_at_settings(folder: Path, **settings: Any) -> list[Finding]:
    """Return what is found in the right settings with some of them otherwise."""
    from bastide.check.live.django_settings import check_django_settings

    return check_django_settings(settings_with(**settings), Places(folder, "shop.settings"))


def settings_with(**settings: Any) -> SimpleNamespace:
    """Return Django's usual settings, the right ones over them, and these over those."""
    from django.conf import global_settings

    usual = {name: getattr(global_settings, name) for name in dir(global_settings) if name.isupper()}
    return SimpleNamespace(**{**usual, **RIGHT_DJANGO, **settings})


def ids(findings: list[Finding]) -> set[str]:
    """Return the ids of what was found."""
    return {finding.id for finding in findings}


URLS = """
from django.contrib.auth.decorators import login_not_required, login_required, permission_required
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.generic import CreateView
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny, IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.viewsets import ViewSet
"""


def look_at_urls(folder: Path, urls: str, **settings: Any) -> list[Finding]:
    """Return what is found in a URLconf of the right settings."""
    from bastide.check.live.django_app import check_routes_of
    from bastide.check.live.django_routes import routes_below

    given = settings_with(**settings)
    with module_of(folder, URLS + urls) as (module, places):
        return check_routes_of(given, routes_below(module.urlpatterns, given, places), places)


MODELS = """
from django.apps.registry import Apps
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from bastide.django import EncryptedTextField

class HttpsField(models.URLField):
    default_validators = [URLValidator(schemes=["https"])]

class TokenOfUser(models.Model):
    {field}

    class Meta:
        app_label = "looked_at"
        apps = Apps()

    def check_password(self, raw): ...
"""


def models_of(folder: Path, field: str) -> list[Finding]:
    """Return what is found in a model with the field."""
    from bastide.check.live.columns import check_columns
    from bastide.check.live.django_models import check_fields, django_columns, own_models

    with module_of(folder, MODELS.replace("{field}", field)) as (module, places):
        models = own_models([module.TokenOfUser], places)
        return check_columns(django_columns(models, None, places)) + check_fields(models, places)
