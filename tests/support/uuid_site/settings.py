"""Settings: what the guide asks for, and nothing beside it."""

from bastide.core.access import Has, Owns
from bastide.django import bastide_apps, bastide_middleware

SECRET_KEY = "k" * 64
ALLOWED_HOSTS = ["localhost"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
AUTH_USER_MODEL = "uuid_site.Person"
AUTHENTICATION_BACKENDS = ["bastide.django.auth.BastideBackend"]
PASSWORD_HASHERS = ["support.cheap_hasher.CheapHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "bastide.django.passwords.BastidePasswordValidator"}]
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.messages",
    *bastide_apps(), "support.uuid_site",
]  # fmt: skip
MIDDLEWARE = [*bastide_middleware(), "django.contrib.messages.middleware.MessageMiddleware"]
SESSION_ENGINE = "bastide.django.sessions"
SESSION_COOKIE_NAME = "__Host-session"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
ROOT_URLCONF = "support.uuid_site.urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": ["bastide.django.templating.page"]},
}]  # fmt: skip
USE_TZ = True
BASTIDE_KEYS = f"1:{'QUJD' * 10}QUI="
BASTIDE = {
    "transport": {"plain_http_hosts": frozenset({"localhost"})},
    "roles": {"reader": {"read"}, "administrator": {"read", "admin_access"}},
    "registration": {"site_name": "Under the Arcades"},
    "passwords": {"site_words": ("Under the Arcades",)},
    "policies": {"read_sheet": Owns("owner_id") | Has("admin_access")},
}
