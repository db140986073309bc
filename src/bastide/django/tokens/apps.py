"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import own_connection


class TokensConfig(own_connection.OwnConnectionConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.tokens"
    label = "bastide_tokens"
    verbose_name: str = "API tokens"
