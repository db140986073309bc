"""What an application keeps in one process's memory, where several processes serve it."""

from typing import Any, Final

from bastide.check.findings import Finding, found
from bastide.check.live.places import Places

CACHES_OF_ONE: Final = ("locmem", "dummy")


def check_stores(flask: Any, settings: Any, places: Places, *, workers: int) -> list[Finding]:
    """Return the stores that each worker has for itself.

    Args:
        flask: the Flask application, or None.
        settings: Django's settings, or None.
        places: finds lines.
        workers: how many serve the application.
    """
    if workers <= 1:
        return []
    kept = [*_of_flask(flask), *_of_django(settings)]
    return [
        found("BST301", *places.of_word(word), f"{what} is kept by each of {workers} workers for itself")
        for word, what in kept
    ]


def _of_flask(app: Any) -> list[tuple[str, str]]:
    if app is None:
        return []
    kept, config = [], app.config
    if app.extensions.get("limiter") and str(
        config.get("RATELIMIT_STORAGE_URI") or _storage_of(app)
    ).startswith("memory"):
        kept.append(("Limiter", "the count of attempts (Flask-Limiter, memory://)"))
    if "cache" in app.extensions and str(config.get("CACHE_TYPE", "")).endswith(("SimpleCache", "simple")):
        kept.append(("CACHE_TYPE", "the cache (SimpleCache)"))
    if config.get("SESSION_TYPE") in {"filesystem", "cachelib"} and "SimpleCache" in str(
        config.get("SESSION_CACHELIB")
    ):
        kept.append(("SESSION_TYPE", "the sessions"))
    return kept


def _storage_of(app: Any) -> str:
    for limiter in app.extensions.get("limiter", ()):
        return str(getattr(limiter, "_storage_uri", None) or "memory://")
    return ""


def _of_django(settings: Any) -> list[tuple[str, str]]:
    if settings is None:
        return []
    default = settings.CACHES.get("default", {})
    if not any(word in str(default.get("BACKEND", "")) for word in CACHES_OF_ONE):
        return []
    kept = []
    if settings.SESSION_ENGINE == "django.contrib.sessions.backends.cache":
        kept.append(("SESSION_ENGINE", "the sessions (a cache in memory)"))
    throttled = getattr(settings, "REST_FRAMEWORK", {}).get("DEFAULT_THROTTLE_CLASSES")
    names = ("axes", "defender", "django_ratelimit", "ratelimit", "allauth")
    counts = any(name in settings.INSTALLED_APPS for name in names) and "axes" not in settings.INSTALLED_APPS
    if throttled or counts:
        kept.append(("CACHES", "the count of attempts (a cache in memory)"))
    return kept
