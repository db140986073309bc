"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import own_connection


class AttemptsConfig(own_connection.OwnConnectionConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.attempts"
    label = "bastide_attempts"
    verbose_name: str = "Attempts"
