"""The texts of pages and mails, in the language that Django has active."""

from typing import Final

from django.utils import translation

from bastide.pages import Messages

TEXTS: Final = Messages(translation)
