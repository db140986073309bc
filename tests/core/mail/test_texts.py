"""Each text is mailed by the act that it tells of, in these very words."""

from collections.abc import Callable
from typing import Final

import pytest

from bastide.core.foundation import Secret
from bastide.core.mail import MailText, Message
from bastide.core.request import Services
from bastide.core.sessions import ActiveSession
from bastide.core.sign_in import passkey_handle, totp
from bastide.core.sign_in.second_factor import Enrolled
from bastide.testing import FrozenClock
from support.authenticator import SoftKey
from support.blog import Outbox
from support.core import HERE, NEW, RIGHT, account_of, make, register, sign_in
from support.passkeys import added
from support.tokens import issue, resumed
from support.users import put_plain_user

LINK: Final = "https://blog.example/link"
# How long links are good, by profile.
LIFETIMES: Final = {"default": ("1 hour", "10 minutes"), "asvs": ("10 minutes", "10 minutes")}
MAUD, NOBODY, OTTO = "maud@example.org", "new@example.org", "otto@example.org"


def link_to(_: Secret) -> str:
    return LINK


def ask_for_account(services: Services, email: str) -> None:
    services.registration.request(email, HERE, link_to=link_to)


def ask_for_password(services: Services, email: str) -> list[Secret]:
    tokens: list[Secret] = []

    def keep(token: Secret) -> str:
        tokens.append(token)
        return LINK

    services.recovery.request(email, HERE, link_to=keep)
    return tokens


def reset(services: Services) -> None:
    (token,) = ask_for_password(services, MAUD)
    ticket = services.recovery.match_ticket(token.reveal(), HERE)
    assert ticket is not None
    services.recovery.complete(ticket, NEW, HERE)


def ask_for_address(services: Services, email: str) -> list[Secret]:
    tokens: list[Secret] = []

    def keep(token: Secret) -> str:
        tokens.append(token)
        return LINK

    services.email_change.request(account_of(services), email, HERE, link_to=keep)
    return tokens


def change_address(services: Services) -> None:
    session = sign_in(services).session
    (token,) = ask_for_address(services, NOBODY)
    ticket = services.email_change.match_ticket(token.reveal(), account_of(services), HERE)
    assert ticket is not None
    services.email_change.complete(ticket, session, account_of(services), HERE)


def turn_on(services: Services) -> Enrolled:
    session, account = sign_in(services).session, account_of(services)
    services.second_factors.begin(account.id)
    pending = services.second_factors.pending(account)
    found = services.stores.factors.find_totp(account.id)
    assert pending is not None
    assert found is not None
    secret = services.second_factors._open(account.id, found)  # noqa: SLF001
    code = totp.code_at(secret, totp.step_at(services.clock.now()))
    done = services.second_factors.confirm(session, account, code, HERE)
    assert isinstance(done, Enrolled)
    return done


def remove_passkey(services: Services) -> None:
    session, account = added(services, SoftKey()), account_of(services)
    handle = passkey_handle(services.passkeys.list_own(account.id)[0])
    assert services.passkeys.remove(session, account, handle, HERE)


def holder(services: Services) -> ActiveSession:
    """Return a session that may issue tokens under either profile."""
    return resumed(services, added(services, SoftKey()))


def revoke_token(services: Services) -> None:
    session = holder(services)
    issued = issue(services, session)
    assert services.api_tokens.revoke(session, account_of(services), issued.summary.id, HERE)


def revoke_all(services: Services) -> None:
    session = holder(services)
    issue(services, session)
    assert services.api_tokens.revoke_all(session, account_of(services), HERE)


def expose(services: Services) -> None:
    services.bearer.expose(issue(services, holder(services)).text.reveal(), HERE, where="query")


def change_value(services: Services) -> None:
    session = sign_in(services).session
    with services.reveals.note_change(session, account_of(services), HERE, value="social security number"):
        pass


def administer(act: str, *arguments: str) -> Callable[[Services], None]:
    def perform(services: Services) -> None:
        assert getattr(services.administration, act)(account_of(services), *arguments, HERE, by=None)

    return perform


def enable(services: Services) -> None:
    administer("disable")(services)
    administer("enable")(services)


def end_sessions(services: Services) -> None:
    sign_in(services)
    administer("end_sessions")(services)


def revoke_tokens(services: Services) -> None:
    issue(services, holder(services))
    administer("revoke_tokens")(services)


def rename(services: Services) -> None:
    put_plain_user(services.stores, "Maud", NOBODY)
    services.adoption.rename(HERE, lambda _: None)


ACTS: Final[dict[MailText, Callable[[Services], object]]] = {
    MailText.RENAMED: rename,
    MailText.REGISTRATION_LINK: lambda services: ask_for_account(services, NOBODY),
    MailText.REGISTRATION_NOTE: lambda services: ask_for_account(services, MAUD),
    MailText.RESET_LINK: lambda services: ask_for_password(services, MAUD),
    MailText.RESET_NOTE: lambda services: ask_for_password(services, NOBODY),
    MailText.EMAIL_LINK: lambda services: ask_for_address(services, NOBODY),
    MailText.EMAIL_NOTE: lambda services: ask_for_address(services, OTTO),
    MailText.EMAIL_CHANGE_ASKED: lambda services: ask_for_address(services, NOBODY),
    MailText.EMAIL_CHANGED: change_address,
    MailText.PASSWORD_CHANGED: lambda services: services.login.change_password(
        sign_in(services).session, RIGHT, NEW, HERE
    ),
    MailText.PASSWORD_CHANGED_TOKENS_KEPT: lambda services: services.login.change_password(
        sign_in(services).session, RIGHT, NEW, HERE, keep_tokens=True
    ),
    MailText.PASSWORD_RESET: reset,
    MailText.FACTOR_ADDED: turn_on,
    MailText.FACTOR_REMOVED: lambda services: services.second_factors.remove(
        turn_on(services).session, account_of(services), HERE
    ),
    MailText.BACKUP_CODES_RENEWED: lambda services: services.second_factors.renew_codes(
        turn_on(services).session, account_of(services), HERE
    ),
    MailText.PASSKEY_ADDED: lambda services: added(services, SoftKey()),
    MailText.PASSKEY_REMOVED: remove_passkey,
    MailText.TOKEN_ISSUED: lambda services: issue(services, holder(services)),
    MailText.TOKEN_REVOKED: revoke_token,
    MailText.TOKENS_REVOKED: revoke_all,
    MailText.TOKEN_EXPOSED: expose,
    MailText.VALUE_REVEALED: lambda services: services.reveals.note_reveal(
        sign_in(services).session, account_of(services), HERE, value="social security number"
    ),
    MailText.VALUE_CHANGED: change_value,
    MailText.ACCOUNT_DISABLED: administer("disable"),
    MailText.ACCOUNT_ENABLED: enable,
    MailText.ROLE_GRANTED: administer("grant_role", "administrator"),
    MailText.ROLE_REVOKED: administer("revoke_role", "reader"),
    MailText.SIGNED_OUT_BY_ADMINISTRATOR: end_sessions,
    MailText.TOKENS_REVOKED_BY_ADMINISTRATOR: revoke_tokens,
}

# To whom, subject and body; ``{hour}`` and ``{minutes}`` are the lifetimes in force.
LETTERS: Final = {
    MailText.RENAMED: (
        NOBODY,
        "Your user name was changed",
        (
            "Hello Maud-3,\n\nyour user name at this site is now “Maud-3”, since another account had one that reads"
            " the same. Your password and your address are as they were.\nWhen and where from: 2026-03-01 12:00 UTC,"
            " Firefox on Linux, 203.0.113.7\n\nIf this was not you, answer this message or contact an administrator"
            " at once.\n"
        ),
    ),
    MailText.REGISTRATION_LINK: (
        NOBODY,
        "Confirm your address for this site",
        (
            "Hello,\n\nplease open this address to choose your name and password for this site:\n\n"
            "https://blog.example/link\n\n"
            "It works once, for {hour}. If you did not ask for it, there is nothing to do.\n"
        ),
    ),
    MailText.REGISTRATION_NOTE: (
        MAUD,
        "You already have an account at this site",
        (
            "Hello,\n\nsomebody asked for a new account at this site with this address, which has one already."
            " If it was you, just sign in. If it was not, there is nothing to do.\n"
        ),
    ),
    MailText.RESET_LINK: (
        MAUD,
        "Choose a new password for this site",
        (
            "Hello,\n\nplease open this address to choose a new password for this site:\n\n"
            "https://blog.example/link\n\n"
            "It works once, for {minutes}. If you did not ask for it, there is nothing to do: your password"
            " stays as it is.\n"
        ),
    ),
    MailText.RESET_NOTE: (
        NOBODY,
        "No account at this site",
        (
            "Hello,\n\nsomebody asked for a new password at this site with this address, which has no account"
            " there. If it was you, try another address of yours. If it was not, there is nothing to do.\n"
        ),
    ),
    MailText.EMAIL_LINK: (
        NOBODY,
        "Confirm your new address for this site",
        (
            "Hello maud,\n\nplease open this address, in the browser you are signed in with, to use this mailbox"
            " for your account at this site:\n\n"
            "https://blog.example/link\n\n"
            "It works once, for {hour}. If you did not ask for it, there is nothing to do.\n"
        ),
    ),
    MailText.EMAIL_NOTE: (
        OTTO,
        "You already have an account at this site",
        (
            "Hello,\n\nsomebody wanted to use this address for another account at this site, and it has one"
            " already. If it was you, sign in with that one. If it was not, there is nothing to do.\n"
        ),
    ),
}

# Subject and sentence of what its owner is told of an account.
ADMINISTERED: Final = "An administrator changed your account"
NOTICES: Final = {
    MailText.PASSWORD_CHANGED: (
        "Your password was changed",
        "the password of your account was changed, every other session was ended, and API tokens were revoked.",
    ),
    MailText.PASSWORD_CHANGED_TOKENS_KEPT: (
        "Your password was changed",
        "the password of your account was changed, every other session was ended, and API tokens were kept.",
    ),
    MailText.PASSWORD_RESET: (
        "Your password was reset",
        "the password of your account was set anew through a mailed link, and every session was ended.",
    ),
    MailText.EMAIL_CHANGE_ASKED: (
        "Another address for your account?",
        (
            "somebody who is signed in asked to use another address for your account at this site; nothing is"
            " changed before the link sent there is opened."
        ),
    ),
    MailText.EMAIL_CHANGED: (
        "Your address was changed",
        "the address of your account at this site was changed, and every other session was ended.",
    ),
    MailText.FACTOR_ADDED: ("Your second factor", "a second factor was added."),
    MailText.FACTOR_REMOVED: ("Your second factor", "the second factor was removed."),
    MailText.BACKUP_CODES_RENEWED: ("Your second factor", "the backup codes were replaced."),
    MailText.PASSKEY_ADDED: ("Your passkeys", "the passkey “My key” was added."),
    MailText.PASSKEY_REMOVED: ("Your passkeys", "the passkey “My key” was removed."),
    MailText.TOKEN_ISSUED: ("Your API tokens", "The API token “backup script” was issued."),
    MailText.TOKEN_REVOKED: ("Your API tokens", "The API token “backup script” was revoked."),
    MailText.TOKENS_REVOKED: ("Your API tokens", "All API tokens were revoked."),
    MailText.TOKEN_EXPOSED: (
        "Your API tokens",
        "An API token was sent where others can read it, and is revoked for that.",
    ),
    MailText.VALUE_REVEALED: (
        "Your social security number",
        "The social security number of your account was shown.",
    ),
    MailText.VALUE_CHANGED: (
        "Your social security number",
        "The social security number of your account was changed.",
    ),
    MailText.ACCOUNT_DISABLED: (
        ADMINISTERED,
        "an administrator changed your account: it was disabled.",
    ),
    MailText.ACCOUNT_ENABLED: (
        ADMINISTERED,
        "an administrator changed your account: it was enabled again.",
    ),
    MailText.ROLE_GRANTED: (
        ADMINISTERED,
        "an administrator changed your account: it was given the role administrator.",
    ),
    MailText.ROLE_REVOKED: (
        ADMINISTERED,
        "an administrator changed your account: the role reader was taken from it.",
    ),
    MailText.SIGNED_OUT_BY_ADMINISTRATOR: (
        ADMINISTERED,
        "an administrator changed your account: it was signed out everywhere.",
    ),
    MailText.TOKENS_REVOKED_BY_ADMINISTRATOR: (
        ADMINISTERED,
        "an administrator changed your account: its API tokens were revoked.",
    ),
}


def expected(text: MailText, profile: str) -> Message:
    if text in LETTERS:
        to, subject, body = LETTERS[text]
        hour, minutes = LIFETIMES[profile]
        return Message(to=to, subject=subject, body=body.format(hour=hour, minutes=minutes))
    subject, sentence = NOTICES[text]
    body = (
        f"Hello maud,\n\n{sentence}\nWhen and where from: 2026-03-01 12:00 UTC, Firefox on Linux,"
        " 203.0.113.7\n\nIf this was not you, answer this message or contact an administrator at once.\n"
    )
    return Message(to=MAUD, subject=subject, body=body)


@pytest.mark.asvs("V6.3.7", "V6.4.1")
def test_every_act_is_told_in_these_words(clock: FrozenClock, profile: str) -> None:
    for text in MailText:
        outbox = Outbox()
        services = make(clock, outbox, profile=profile)
        register(services)
        register(services, "otto")
        assert outbox.messages == []
        ACTS[text](services)
        assert [message for message in outbox.messages if message == expected(text, profile)], text
