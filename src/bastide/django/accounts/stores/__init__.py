"""Stores on the Django ORM, in SQLite or PostgreSQL."""

from bastide.core.foundation import Units
from bastide.core.request import Stores
from bastide.django.accounts.stores.accounts import DjangoAccounts
from bastide.django.accounts.stores.factors import DjangoFactors
from bastide.django.accounts.stores.identities import DjangoIdentities
from bastide.django.accounts.stores.mail import DjangoMail
from bastide.django.accounts.stores.passkeys import DjangoPasskeys
from bastide.django.accounts.stores.sessions import DjangoSessions
from bastide.django.accounts.stores.tickets import DjangoTickets
from bastide.django.accounts.stores.tokens import DjangoTokens
from bastide.django.attempts.store import DjangoAttempts
from bastide.django.connection import unit
from bastide.django.log.store import DjangoEvents
from bastide.django.reports.store import DjangoViolations
from bastide.django.uploads.store import DjangoUploads

__all__ = ["django_stores"]


def django_stores() -> Stores:
    """Return stores beside the application's tables, on the user model of the settings."""
    return Stores(
        accounts=DjangoAccounts(),
        attempts=DjangoAttempts(),
        sessions=DjangoSessions(),
        tickets=DjangoTickets(),
        identities=DjangoIdentities(),
        factors=DjangoFactors(),
        passkeys=DjangoPasskeys(),
        tokens=DjangoTokens(),
        events=DjangoEvents(),
        violations=DjangoViolations(),
        mail=DjangoMail(),
        uploads=DjangoUploads(),
        units=Units(unit),
    )
