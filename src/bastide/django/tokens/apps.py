"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import tables


class TokensConfig(tables.TableConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.tokens"
    label = "bastide_tokens"
    verbose_name: str = "API tokens"
