"""Configuration of the base app, which has no tables."""

from django.apps import AppConfig
from django.core.signals import setting_changed

from bastide.core.request import Layer
from bastide.django import checks  # noqa: F401 -- registers itself
from bastide.django.around import charsets, login_required, outside, tripwires
from bastide.django.conf import chosen_layers
from bastide.django.logs import hide_paths
from bastide.django.requests import caching
from bastide.django.wiring import forget_settings
from bastide.pages import TEMPLATES


class BastideConfig(AppConfig):
    """Offers the ready pages' templates and style sheet to Django's own finders."""

    name = "bastide.django"
    label = "bastide"
    verbose_name: str = "Bastide"
    path: str = str(TEMPLATES.parent)

    def ready(self) -> None:
        """Keep tokens out of Django's log, read requests as UTF-8, read settings anew that a test changes."""
        layers = chosen_layers()
        if layers is None:
            hide_paths()
        else:
            caching.install()
        if layers is None or Layer.QUERIES in layers:
            charsets.install()
        if layers is not None and Layer.QUERIES in layers:
            tripwires.install()
        if layers is not None and Layer.ATTEMPTS in layers:
            outside.watch_backends()
        login_required.install()
        setting_changed.connect(forget_settings, dispatch_uid="bastide.settings")
