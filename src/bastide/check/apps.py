"""``INSTALLED_APPS += ["bastide.check"]``: ``manage.py check --deploy`` says what ``bastide check`` finds."""

from django.apps import AppConfig


class CheckConfig(AppConfig):
    """Adds the findings about settings, routes and models to Django's own checks for deployments."""

    name = "bastide.check"
    label = "bastide_check"
    verbose_name: str = "Bastide's check"

    def ready(self) -> None:
        """Register with Django."""
        from bastide.check.live import django_checks  # noqa: F401, PLC0415 -- registers itself
