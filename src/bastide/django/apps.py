"""Configuration of the base app, which has no tables."""

from django.apps import AppConfig

from bastide.pages import TEMPLATES


class BastideConfig(AppConfig):
    """Offers the ready pages' templates and style sheet to Django's own finders."""

    name = "bastide.django"
    label = "bastide"
    verbose_name = "Bastide"
    path = str(TEMPLATES.parent)
