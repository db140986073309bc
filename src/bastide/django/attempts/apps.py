"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import tables


class AttemptsConfig(tables.TableConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.attempts"
    label = "bastide_attempts"
    verbose_name: str = "Attempts"
