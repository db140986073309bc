"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import own_connection


class KeysConfig(own_connection.OwnConnectionConfig):
    """Has no table; seals the project's columns anew."""

    name = "bastide.django.keys"
    label = "bastide_keys"
    verbose_name: str = "Keys"
