"""Configuration of the base app, which has no tables."""

from django.apps import AppConfig
from django.core.signals import setting_changed

from bastide.django.logs import hide_paths
from bastide.pages import TEMPLATES


class BastideConfig(AppConfig):
    """Offers the ready pages' templates and style sheet to Django's own finders."""

    name = "bastide.django"
    label = "bastide"
    verbose_name = "Bastide"
    path = str(TEMPLATES.parent)

    def ready(self) -> None:
        """Register the checks, keep tokens out of Django's log; read settings anew that a test changes."""
        from bastide.django import checks  # noqa: F401, PLC0415 -- registers itself
        from bastide.django.conf import forget_settings  # noqa: PLC0415 -- needs the models

        hide_paths()
        setting_changed.connect(forget_settings, dispatch_uid="bastide.settings")
