"""Fields that most sites ask for, ready to use."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from bastide.core.foundation import InvalidInput
from bastide.core.inputs.text import TextRule
from bastide.core.output import HtmlPolicy, render_markdown
from bastide.core.records import BLANK_LETTERS, account_key, username_skeleton

_USERNAME: Final = re.compile(r"[^\W_]\w*")
_SSN: Final = re.compile(
    r"(?P<area>(?!000|666|9)[0-9]{3})(?P<hyphen>-?)(?P<group>(?!00)[0-9]{2})(?P=hyphen)(?P<serial>(?!0000)[0-9]{4})"
)
_TAG: Final = re.compile(r"[\w\-]+")
_HOST_NAME: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9\-]{0,61}[a-z0-9]")
RESERVED_USERNAMES: Final = frozenset(
    {
        "about", "abuse", "account", "admin", "administrator", "anonymous", "api", "author", "contact",
        "deleted", "guest", "help", "hostmaster", "info", "login", "logout", "mail", "me", "moderator",
        "nobody", "none", "noreply", "null", "postmaster", "register", "root", "security", "settings",
        "signin", "signout", "staff", "static", "support", "system", "undefined", "user", "webmaster",
    }
)  # fmt: skip


# Alphabets whose letters are taken for each other.
_ALIKE: Final = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE")


def _scripts_of(name: str) -> set[str]:
    """Return those of the look-alike alphabets that the name's letters come from."""
    words = (unicodedata.name(char, "").partition(" ")[0] for char in name if not char.isascii())
    return {word for word in words if word in _ALIKE} | ({"LATIN"} if re.search("[a-z]", name) else set())


@cache
def _reserved_skeletons() -> frozenset[str]:
    """Return what the reserved names look like, in small letters and in capitals."""
    spelled = (form for name in RESERVED_USERNAMES for form in (name, name.capitalize(), name.upper()))
    return frozenset(map(username_skeleton, spelled))


def is_reserved_username(key: str, skeleton: str) -> bool:
    """Tell of a name's key and skeleton whether it speaks for the site, or looks as if it did."""
    return key in RESERVED_USERNAMES or skeleton in _reserved_skeletons()


@dataclass(frozen=True, slots=True, kw_only=True)
class UsernameRule(TextRule):
    """A name of letters, digits and ``_`` that all show; not one that speaks for the site, or seems to."""

    def parse(self, raw: str) -> str:
        """Return the name in NFC; ``account_key`` makes the unique key from it.

        Letters that look alike across alphabets do not meet in one name (Unicode UTS 39).

        Raises:
            InvalidInput: besides the text rule's codes ``characters``, ``mixed_scripts`` and ``reserved``.
        """
        name = unicodedata.normalize("NFC", TextRule.parse(self, raw) or "")
        key = account_key(name)
        if not _USERNAME.fullmatch(name) or not _USERNAME.fullmatch(key) or len(key) > self.max_length:
            raise InvalidInput(self.field, "characters")
        if any(char in BLANK_LETTERS for char in name):
            raise InvalidInput(self.field, "characters")
        if len(_scripts_of(key)) > 1:
            raise InvalidInput(self.field, "mixed_scripts")
        if is_reserved_username(key, username_skeleton(name)):
            raise InvalidInput(self.field, "reserved")
        return name


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRule(TextRule):
    """A deliverable-looking address; nothing is looked up on the network."""

    def parse(self, raw: str) -> str:
        """Return the normalised address, or raise ``InvalidInput`` (``email``)."""
        from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 -- slow to import

        text = TextRule.parse(self, raw) or ""
        try:
            checked = validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise InvalidInput(self.field, "email") from None
        # An encoded word is another address to whoever decodes it; a key is longer than what folds to it.
        if "=?" in checked.normalized or len(account_key(checked.normalized)) > self.max_length:
            raise InvalidInput(self.field, "email")
        return checked.normalized


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRule(TextRule):
    """An optional phone number with its country code."""

    def parse(self, raw: str) -> str | None:
        """Return the number as E.164 (``+442079460000``), or raise ``InvalidInput`` (``phone``)."""
        text = TextRule.parse(self, raw)
        if text is None:
            return None
        if not text.isascii():
            raise InvalidInput(self.field, "phone")
        import phonenumbers  # noqa: PLC0415 -- slow to import

        try:
            number = phonenumbers.parse(text)
        except phonenumbers.NumberParseException:
            raise InvalidInput(self.field, "phone") from None
        if not phonenumbers.is_possible_number(number) or number.extension:
            raise InvalidInput(self.field, "phone")
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@dataclass(frozen=True, slots=True, kw_only=True)
class SsnRule(TextRule):
    """A social security number of the United States that can have been issued."""

    def parse(self, raw: str) -> str | None:
        """Return the nine digits, or raise ``InvalidInput`` (``ssn``).

        Spec: SSA, POMS RM 10201.035: no area 000, 666 or 900 to 999, no group 00, no serial number 0000.
        """
        text = TextRule.parse(self, raw)
        if text is None:
            return None
        found = _SSN.fullmatch(text)
        if found is None:
            raise InvalidInput(self.field, "ssn")
        return "".join(found.group("area", "group", "serial"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WebsiteRule(TextRule):
    """An optional https address of a public host, without user info or odd port."""

    def parse(self, raw: str) -> str | None:
        """Return the address, or raise ``InvalidInput`` (``website``)."""
        text = TextRule.parse(self, raw)
        if text is None:
            return None
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise InvalidInput(self.field, "website") from None
        clean = not any(char.isspace() or char in "\\<>\"'`{}|^" for char in text)
        host = parts.hostname or ""
        is_public = bool(_HOST_NAME.fullmatch(host)) and not host.endswith(
            (".localhost", ".local", ".internal")
        )
        if not clean or parts.scheme != "https" or "@" in parts.netloc or port is not None or not is_public:
            raise InvalidInput(self.field, "website")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsRule(TextRule):
    """Optional tags, separated by commas; empty ones and repetitions are dropped."""

    max_tags: int = 10
    max_tag_length: int = 40

    def parse(self, raw: str) -> tuple[str, ...]:  # type: ignore[override]  # a list of tags is this rule's text
        """Return the tags, folded and in the order given.

        Raises:
            InvalidInput: ``too_long``, ``too_many_tags`` or ``tag_characters``.
        """
        text = TextRule.parse(self, raw) or ""
        tags = tuple(dict.fromkeys(account_key(part) for part in text.split(",") if part.strip()))
        if len(tags) > self.max_tags:
            raise InvalidInput(self.field, "too_many_tags", max=self.max_tags)
        if not all(_TAG.fullmatch(tag) and len(tag) <= self.max_tag_length for tag in tags):
            raise InvalidInput(self.field, "tag_characters", max=self.max_tag_length)
        return tags


USERNAME: Final = UsernameRule(field="username", min_length=2, max_length=30, autocomplete="username")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkdownRule(TextRule):
    """Markdown of which every word is shown: what would be left out is refused by name, when it is written.

    Attributes:
        policy: what it is rendered under.
    """

    policy: HtmlPolicy
    is_multiline: bool = True
    input_type: str = "textarea"

    def parse(self, raw: str) -> str | None:
        """Return the source.

        Raises:
            InvalidInput: what `TextRule` says, ``too_deep``, ``too_many_cells`` or
                ``too_many_brackets``.
        """
        text = TextRule.parse(self, raw)
        try:
            render_markdown(text or "", self.policy)
        except InvalidInput as error:
            raise InvalidInput(self.field, error.code, **error.limits) from None
        return text


PERSON_NAME: Final = TextRule(field="name", min_length=1, max_length=100, autocomplete="name")
EMAIL: Final = EmailRule(field="email", max_length=254, input_type="email", autocomplete="email")
PHONE: Final = PhoneRule(
    field="phone", max_length=32, is_required=False, input_type="tel", autocomplete="tel"
)
SSN: Final = SsnRule(field="ssn", max_length=11, autocomplete="off")
WEBSITE: Final = WebsiteRule(
    field="website", max_length=200, is_required=False, input_type="url", autocomplete="url"
)
