"""The texts of one site, as its settings make them."""

from collections.abc import Mapping
from gettext import NullTranslations

from bastide.core.request import Settings
from bastide.core.sign_in import TOTP_STEP
from bastide.pages.durations import duration_text
from bastide.pages.messages import Messages, Translations


class SiteMessages(Messages):
    """Gives each text with the lifetimes of the settings in force; this is the ``t`` of the templates.

    Args:
        settings: of the site.
        translations: see ``Messages``.
    """

    __slots__ = ("_settings",)

    def __init__(self, settings: Settings, translations: Translations = NullTranslations()) -> None:  # noqa: B008 -- it keeps nothing
        super().__init__(translations)
        self._settings = settings

    def _figures(self) -> Mapping[str, int | str]:
        """See ``Messages``."""
        tickets = self._settings.tickets
        return {
            **super()._figures(),
            "registration_lifetime": duration_text(tickets.registration_lifetime, self),
            "reset_lifetime": duration_text(tickets.reset_lifetime, self),
            "email_change_lifetime": duration_text(tickets.email_change_lifetime, self),
            "code_period": duration_text(TOTP_STEP, self),
        }
