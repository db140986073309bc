"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import tables


class LogConfig(tables.TableConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.log"
    label = "bastide_log"
    verbose_name: str = "Security log"
