"""As ``docs/howto/django.md`` has it, and the other libraries as their own guides do."""

from bastide import PUBLIC, Rule
from bastide.django import bastide_apps, bastide_middleware

SECRET_KEY = "s" * 64
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "never-made.sqlite3"}}
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.messages",
    "django.contrib.staticfiles", *bastide_apps(), "rest_framework",
    "rest_framework.authtoken", "debug_toolbar",
]  # fmt: skip
MIDDLEWARE = [
    *bastide_middleware(),
    "django.contrib.messages.middleware.MessageMiddleware",
    "debug_toolbar.middleware.DebugToolbarMiddleware",
]
AUTHENTICATION_BACKENDS = ["bastide.django.auth.BastideBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "bastide.django.passwords.BastidePasswordValidator"}]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_ENGINE = "bastide.django.sessions"
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
ROOT_URLCONF = "support.peers.urls"
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bastide.django.templating.page",
            ]
        },
    }
]
BASTIDE = {
    "roles": {"reader": {"read_note"}, "administrator": {"read_note", "admin_access"}},
    "prefix_rules": {"/admin/": Rule(permission="admin_access"), "/drf/": PUBLIC, "/__debug__/": PUBLIC},
}
DEBUG_TOOLBAR_CONFIG = {
    "SHOW_TOOLBAR_CALLBACK": "support.peers.urls.shows_toolbar",
    "IS_RUNNING_TESTS": False,
}
