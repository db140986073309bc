"""The ready account pages: templates, style sheet, view-models and texts, for any framework.

The templates keep to what Jinja2 and Django's engine read the same way. Every page reads ``site``
(`Site`), ``url`` (`PageUrls`), ``t`` (`SiteMessages`), ``viewer`` (`Viewer`), ``messages`` (a list of
`Notice`), ``csrf_field``, ``csp_nonce`` and ``request_id``; ``csrf_field`` is a string with
``__html__`` and its input has no ``id``, since a page may hold several forms. Beyond that:

====================== =======================================================
page                   reads
====================== =======================================================
sign_in.html           ``form``: name, password, hidden next; ``passkey`` (`PasskeyEntry`) or None
second_factor.html     ``form``: code, hidden next; ``passkey`` as above
factors.html           ``is_on``, ``has_authenticator``, ``offers_authenticator``, ``codes_left``,
                       ``is_full``; ``passkeys`` (`PasskeyView`) and ``form``: name, or None, with
                       ``name_length``, ``options_url``, ``rename_url``, ``remove_url``
register.html          ``form``: email
register_sent.html     nothing
register_complete.html ``form``: username, password, password_again
invitation.html        ``form``: email, username, password, password_again
confirm.html           ``form``: password, hidden next
tokens.html            ``tokens`` (`TokenView`), ``form``: name, days, a checkbox per scope, or None;
                       ``is_full``, ``all``, ``revoke_url``
token_issued.html      ``token``, ``summary`` (`TokenView`)
account.html           ``account`` (`AccountView`), ``activity`` (`ActivityPage`)
activity.html          ``activity`` (`ActivityPage`)
password.html          ``form``: current_password, password, password_again
error.html             ``status``, ``title``, ``text``; ``resend`` (`Resend`) or None, ``way_out``
====================== =======================================================

An application gives the pages its own frame with a template ``bastide/base.html`` that comes
earlier in the template path and has the blocks ``title``, ``main`` and ``scripts``.
"""

from pathlib import Path
from typing import Final

from bastide.pages.context import (
    AccountView,
    ActivityPage,
    ActivityView,
    DeviceView,
    Notice,
    PageUrls,
    Site,
    TokenView,
    Viewer,
)
from bastide.pages.forms import Choice, FieldView, FormView
from bastide.pages.mails import CatalogueMails
from bastide.pages.messages import MESSAGES, Messages, Translations, speaking
from bastide.pages.site_messages import SiteMessages

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"

__all__ = [
    "MESSAGES",
    "STATIC",
    "TEMPLATES",
    "AccountView",
    "ActivityPage",
    "ActivityView",
    "CatalogueMails",
    "Choice",
    "DeviceView",
    "FieldView",
    "FormView",
    "Messages",
    "Notice",
    "PageUrls",
    "Site",
    "SiteMessages",
    "TokenView",
    "Translations",
    "Viewer",
    "speaking",
]
