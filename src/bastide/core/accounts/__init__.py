"""Accounts: how they come to be, change hands and end.

Registration, recovery, change of address, administration, users who were there before, and the showing of
sealed values: each act stands
together with its event and its notice, or not at all.
"""

from bastide.core.accounts.administration import Administration
from bastide.core.accounts.adoption import Adoption, Survey
from bastide.core.accounts.collisions import COLLISIONS, KEEPS_OUT, Finding, Problem
from bastide.core.accounts.email_change import EmailChange
from bastide.core.accounts.mailed_links import LinkLimits, MailedLinks
from bastide.core.accounts.ports import IdentityStore, UserRow
from bastide.core.accounts.recovery import Recovery, RecoverySettings
from bastide.core.accounts.registration import Registration, RegistrationSettings
from bastide.core.accounts.reveals import Reveals

__all__ = [
    "COLLISIONS",
    "KEEPS_OUT",
    "Administration",
    "Adoption",
    "EmailChange",
    "Finding",
    "IdentityStore",
    "LinkLimits",
    "MailedLinks",
    "Problem",
    "Recovery",
    "RecoverySettings",
    "Registration",
    "RegistrationSettings",
    "Reveals",
    "Survey",
    "UserRow",
]
