"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import tables


class UploadsConfig(tables.TableConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.uploads"
    label = "bastide_uploads"
    verbose_name: str = "Uploads"
