"""Encrypted columns work with the keys of the application at hand, whoever shares their tables."""

from typing import Final

from flask import current_app, has_app_context

from bastide.core.encryption import ColumnKeys
from bastide.core.foundation import ConfigurationError
from bastide.flask.installed import Installed
from bastide.stores.sql import use_keys

_SHARED: Final = "bastide.flask.keys"


class SharedKeys:
    """The keys of tables that one or several applications map.

    Threat: values of one application sealed with the keys of another, which only the other then opens
    (V13.3.2).
    """

    def __init__(self, first: Installed) -> None:
        self._metadata = first.metadata
        self._latest = first.services.column_keys
        self._is_one_ring = True

    def add(self, installed: Installed) -> None:
        """Take in another application."""
        keys = installed.services.column_keys
        self._is_one_ring = self._is_one_ring and _ring_of(keys) == _ring_of(self._latest)
        self._latest = keys

    def find(self) -> ColumnKeys | None:
        """Return the keys of the application at hand; without one, those that all of them have.

        Raises:
            ConfigurationError: there is none at hand, and they have different ones.
        """
        found = current_app.extensions.get("bastide") if has_app_context() else None
        if isinstance(found, Installed) and found.metadata is self._metadata:
            return found.services.column_keys
        if not self._is_one_ring:
            msg = (
                "applications with different BASTIDE_KEYS share these tables: read and write encrypted "
                "columns within `with app.app_context():` of one"
            )
            raise ConfigurationError(msg)
        return self._latest


def share_keys(installed: Installed) -> None:
    """Let the encrypted columns of the application's tables work with its keys where it is at hand.

    Raises:
        ConfigurationError: there are such columns, and no keys; or an index, and no key for it.
    """
    metadata = installed.metadata
    shared: SharedKeys | None = metadata.info.get(_SHARED)
    if shared is None:
        shared = metadata.info[_SHARED] = SharedKeys(installed)
    else:
        shared.add(installed)
    use_keys(metadata, installed.services.column_keys, at_hand=shared.find)


def _ring_of(keys: ColumnKeys | None) -> object:
    return None if keys is None else keys.ring
