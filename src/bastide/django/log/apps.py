"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import own_connection


class LogConfig(own_connection.OwnConnectionConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.log"
    label = "bastide_log"
    verbose_name: str = "Security log"
