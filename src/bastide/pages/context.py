"""What every page may read besides its own form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from bastide.core.request import Exchange, Services
from bastide.pages.messages import MESSAGES

_LINKED: Final = (
    "sign_in", "sign_out", "register", "account", "confirm", "password", "devices", "email", "reset",
    "activity", "factors", "tokens",
)  # fmt: skip
Level: TypeAlias = Literal["info", "success", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The site as its pages name it.

    Attributes:
        name: shown in the header and after every page title.
        tagline: one line under the name; may be empty.
        lang: BCP 47 tag of the texts.
    """

    name: str
    tagline: str = ""
    lang: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks at the page.

    Attributes:
        is_signed_in: somebody is signed in.
        name: the user name; empty for a stranger.
    """

    is_signed_in: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message about what just happened; escaped like any other text."""

    level: Level
    text: str

    @property
    def tags(self) -> str:
        """The level, under the name that Django's admin reads."""
        return self.level

    def __str__(self) -> str:
        return self.text


def former_sign_in(exchange: Exchange) -> tuple[Notice, ...]:
    """Return what to say once to whoever was signed in before Bastide; nothing to everybody else.

    For pages that people sign in on, which no cache keeps.
    """
    if not exchange.end_former_sign_in():
        return ()
    return (Notice(level="warning", text=MESSAGES.sign_in_renewed),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUrls:
    """Addresses that the account pages link to; an empty one hides its link."""

    home: str = ""
    sign_in: str = ""
    sign_out: str = ""
    register: str = ""
    account: str = ""
    confirm: str = ""
    password: str = ""
    devices: str = ""
    email: str = ""
    reset: str = ""
    factors: str = ""
    tokens: str = ""
    activity: str = ""
    passkey_script: str = ""
    recheck_script: str = ""
    css: str = ""


def page_urls(
    services: Services, *, home: str, address: Callable[[str], str], static: Callable[[str], str]
) -> PageUrls:
    """Return the addresses of the pages that the settings open.

    Args:
        services: the controls.
        home: the site's front page.
        address: makes the address of an account page by the name of its route.
        static: makes that of one of the ready files.
    """
    offers_factors = services.second_factors.is_offered or services.passkeys.is_offered
    is_shut = {
        "register": not services.settings.registration.is_open,
        "factors": not offers_factors,
        "tokens": not services.settings.api_tokens.is_offered,
    }
    pages = {name: "" if is_shut.get(name) else address(name) for name in _LINKED}
    scripts = {"passkey_script": static("passkeys.js"), "recheck_script": static("recheck.js")}
    return PageUrls(home=home, css=static("bastide.css"), **scripts, **pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """The signed-in person's own account."""

    username: str
    email: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    """One passkey of the signed-in person.

    Attributes:
        handle: what the forms that change it send.
        name: as its owner calls it.
        created: when it was added, to the minute.
        last_used: when it was last used; empty for never.
        is_backed_up: it is synchronised between devices.
    """

    handle: str
    name: str
    created: str
    last_used: str
    is_backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyEntry:
    """The button that uses a passkey; a script works it.

    Attributes:
        action: address that takes the browser's answer.
        options: address that says what to ask.
        next: where to go on to, untrusted.
        label: of the button.
    """

    action: str
    options: str
    next: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """One API token of the signed-in person.

    Attributes:
        id: what the form that revokes it sends; it opens nothing.
        name: as its owner calls it.
        scopes: what it may do, in words.
        created: when it was issued, to the minute.
        expires: when it ends.
        last_used: when it was last used; empty for never.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    created: str
    expires: str
    last_used: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """One session of the signed-in person.

    Attributes:
        handle: what the form that ends it sends.
        browser: browser and platform.
        network: address, or /64.
        first_seen: when it began, to the minute.
        last_seen: when it was last used.
        is_current: the one that looks at the page.
    """

    handle: str
    browser: str
    network: str
    first_seen: str
    last_seen: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityView:
    """One event of the signed-in person's own.

    Attributes:
        text: the sentence.
        role: the role that it is about; may be empty.
        at: when, to the minute.
        machine: when, as RFC 3339.
        browser: browser and platform; may be empty.
        network: address, or /64; may be empty.
        is_alarming: something failed or was refused.
        is_new: it came after the sign-in before this one.
    """

    text: str
    role: str
    at: str
    machine: str
    browser: str
    network: str
    is_alarming: bool
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPage:
    """A page of them, newest first.

    Attributes:
        summary: which page it is; empty where there is only one.
        newer_url: the page before; may be empty.
        older_url: the page after; may be empty.
    """

    events: tuple[ActivityView, ...] = ()
    summary: str = ""
    newer_url: str = ""
    older_url: str = ""
