"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import own_connection


class UploadsConfig(own_connection.OwnConnectionConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.uploads"
    label = "bastide_uploads"
    verbose_name: str = "Uploads"
