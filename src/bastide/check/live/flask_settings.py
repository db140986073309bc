"""Flask's configuration, as it stands once the application is made."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from bastide.check.findings import Finding, found
from bastide.check.live.guards import PEOPLE
from bastide.check.live.places import Places, own_classes, read_text
from bastide.check.live.secret_keys import weakness
from bastide.check.rules import Severity
from bastide.core.request import EVERY_LAYER, Layer

LONGEST_SESSION: Final = timedelta(days=31)
WEAK_SCHEMES: Final = re.compile(
    r"(?i)^(plaintext|md5|sha1|sha256|sha512|hex_|ldap_|des|bsdi|mysql|lmhash|nthash|unsalted)"
)
UPLOADS: Final = re.compile(r"(?i)(upload|media|attachment).*(folder|dest|path|dir|root)|^uploads?$")
SWITCHED_OFF: Final = {
    "LOGIN_DISABLED": "login_required lets everybody in",
    "PROPAGATE_EXCEPTIONS": "errors are answered with what went wrong",
    "BASIC_AUTH_DISABLED": "basic auth lets everybody in",
}


def layers_of(app: Flask) -> frozenset[Layer]:
    """Return the layers of Bastide's that are on."""
    installed = app.extensions.get("bastide")
    return frozenset() if installed is None else installed.services.layers


def signs_people_in(app: Flask, places: Places) -> bool:
    """Tell whether the application keeps who is signed in in Flask's session."""
    if hasattr(app, "login_manager") or "security" in app.extensions:
        return True
    return any(_keeps_people(str(module.__file__)) for module in places.own_modules)


def _keeps_people(file: str) -> bool:
    text = read_text(file)
    kept = re.findall(
        r"""\bsession\[['"](\w+)['"]\]\s*=|\bsession\.(?:setdefault|update)\(['"]?(\w+)""", text
    )
    return any(PEOPLE.fullmatch("".join(each)) for each in kept)


def check_flask_settings(app: Flask, places: Places) -> list[Finding]:
    """Return what the configuration leaves open."""
    return [
        *_check_secret(app, places),
        *_check_debug(app, places),
        *_check_hosts(app, places),
        *_check_cookies(app, places),
        *_check_remembering(app, places),
        *_check_sessions(app, places),
        *_check_hashing(app, places),
        *_check_proxies(app, places),
        *_check_uploads(app, places),
    ]


def _check_secret(app: Flask, places: Places) -> list[Finding]:
    place = places.of_word("SECRET_KEY")
    if place == places.nowhere:
        place = places.of_word("secret_key")
    keys = [app.config["SECRET_KEY"], *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    weak = [weakness(key) for key in keys if key]
    return [found("BST201", *place, f"the key that signs cookies {why}") for why in weak if why][:1]


def _check_debug(app: Flask, places: Places) -> list[Finding]:
    findings = []
    if app.debug or app.config["DEBUG"]:
        findings.append(found("BST202", *places.of_word("DEBUG"), "debug mode is on"))
    if app.testing:
        findings.append(found("BST202", *places.of_word("TESTING"), "TESTING is on, for tests alone"))
    for name, what in SWITCHED_OFF.items():
        if app.config.get(name):
            findings.append(found("BST202", *places.of_word(name), f"{name} is on: {what}"))
    names = [type(each).__name__ for each in wrappers(app)]
    if "DebuggedApplication" in names:
        place = places.of_word("DebuggedApplication")
        findings.append(found("BST202", *place, "a debugger stands around the application"))
    return findings


def wrappers(app: Flask) -> list[Any]:
    """Return what stands around the WSGI application, outermost first."""
    found_ones: list[Any] = []
    each = getattr(app, "wsgi_app", None)
    while each is not None and len(found_ones) < 20 and getattr(each, "__self__", None) is not app:  # noqa: PLR2004
        found_ones.append(each)
        names = ("app", "application", "wsgi_app", "_inner", "_app")
        each = next(
            (inner for inner in (getattr(each, name, None) for name in names) if callable(inner)), None
        )
    return found_ones


def _check_hosts(app: Flask, places: Places) -> list[Finding]:
    if Layer.TRANSPORT in layers_of(app) or app.config.get("TRUSTED_HOSTS"):
        return []
    return [
        found("BST203", *places.of_word("SERVER_NAME"), "TRUSTED_HOSTS is not set: every Host is believed")
    ]


def _has_flask_sessions(app: Flask) -> bool:
    """Tell whether sessions go by Flask's cookie settings, and there may be some."""
    return Layer.ACCOUNTS not in layers_of(app) and bool(app.config["SECRET_KEY"])


def _check_cookies(app: Flask, places: Places) -> list[Finding]:
    if not _has_flask_sessions(app):
        return []
    config, findings = app.config, []
    name = str(config["SESSION_COOKIE_NAME"])
    if not config["SESSION_COOKIE_SECURE"]:
        place = places.of_word("SESSION_COOKIE_SECURE")
        findings.append(
            found("BST204", *place, "SESSION_COOKIE_SECURE is off: the session also goes over HTTP")
        )
    if not config["SESSION_COOKIE_HTTPONLY"]:
        place = places.of_word("SESSION_COOKIE_HTTPONLY")
        findings.append(found("BST205", *place, "SESSION_COOKIE_HTTPONLY is off: scripts read the session"))
    if str(config["SESSION_COOKIE_SAMESITE"]).lower() not in {"lax", "strict"}:
        place = places.of_word("SESSION_COOKIE_SAMESITE")
        findings.append(found("BST206", *place, "SESSION_COOKIE_SAMESITE is not set"))
    if config["SESSION_COOKIE_DOMAIN"] or not name.startswith(("__Host-", "__Secure-")):
        wide = config["SESSION_COOKIE_DOMAIN"]
        why = (
            f"goes to every host below {wide}" if wide else f"is called {name!r}, which any subdomain can set"
        )
        findings.append(found("BST208", *places.of_word("SESSION_COOKIE_NAME"), f"the session cookie {why}"))
    return findings


def _check_remembering(app: Flask, places: Places) -> list[Finding]:
    if not hasattr(app, "login_manager") or Layer.ACCOUNTS in layers_of(app):
        return []
    place = places.of_word("remember")
    if place == places.nowhere:
        return []
    config = app.config
    faults = []
    if not config.get("REMEMBER_COOKIE_SECURE"):
        faults.append("goes over plain HTTP (REMEMBER_COOKIE_SECURE)")
    if config.get("REMEMBER_COOKIE_HTTPONLY") is False:
        faults.append("is read by scripts (REMEMBER_COOKIE_HTTPONLY)")
    if str(config.get("REMEMBER_COOKIE_SAMESITE")).lower() not in {"lax", "strict"}:
        faults.append("comes with requests of other sites (REMEMBER_COOKIE_SAMESITE)")
    if _span(config.get("REMEMBER_COOKIE_DURATION", timedelta(days=365))) > LONGEST_SESSION:
        faults.append("signs in for longer than a month (REMEMBER_COOKIE_DURATION)")
    return [found("BST209", *place, f"the remember cookie {', '.join(faults)}")] if faults else []


def _span(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(seconds=float(value))


def _check_sessions(app: Flask, places: Places) -> list[Finding]:
    findings: list[Finding] = []
    if not _has_flask_sessions(app):
        return findings
    if isinstance(app.session_interface, SecureCookieSessionInterface) and signs_people_in(app, places):
        words = (places.of_word(word) for word in ("session[", "login_user", "LoginManager"))
        place = next((each for each in words if each != places.nowhere), places.nowhere)
        message = (
            "who is signed in stands in the cookie alone, signed with HMAC-SHA-1: signing out does not end it"
        )
        findings.append(found("BST210", *place, message))
    if app.permanent_session_lifetime > LONGEST_SESSION:
        place = places.of_word("PERMANENT_SESSION_LIFETIME")
        findings.append(found("BST211", *place, f"sessions last {app.permanent_session_lifetime.days} days"))
    mixin = _login_mixin()
    for user in own_classes(places, lambda each: mixin is not None and issubclass(each, mixin)):
        if user.is_active is getattr(mixin, "is_active", None):
            message = f"{user.__name__}.is_active is always true: an account that is shut stays signed in"
            findings.append(found("BST212", *places.of(user), message))
    return findings


def _login_mixin() -> Any:
    return getattr(sys.modules.get("flask_login"), "UserMixin", None)


def _check_hashing(app: Flask, places: Places) -> list[Finding]:
    findings = []
    scheme = app.config.get("SECURITY_PASSWORD_HASH")
    if isinstance(scheme, str) and WEAK_SCHEMES.search(scheme) and "_crypt" not in scheme:
        message = f"SECURITY_PASSWORD_HASH is {scheme}"
        findings.append(found("BST224", *places.of_word("SECURITY_PASSWORD_HASH"), message))
    if uses_werkzeugs_hash(places):
        message = "generate_password_hash makes scrypt with p=1, which wants N=2^17 and has 2^15"
        place = places.of_word("generate_password_hash")
        findings.append(found("BST224", *place, message, severity=Severity.LOW))
    rounds = app.config.get("BCRYPT_LOG_ROUNDS")
    if isinstance(rounds, int) and rounds < 10:  # noqa: PLR2004 -- OWASP's least
        message = f"BCRYPT_LOG_ROUNDS is {rounds}: 10 is the least"
        findings.append(found("BST224", *places.of_word("BCRYPT_LOG_ROUNDS"), message))
    length = app.config.get("SECURITY_PASSWORD_LENGTH_MIN")
    if isinstance(length, int) and length < 8:  # noqa: PLR2004 -- ASVS's least
        message = f"passwords of {length} letters are taken"
        findings.append(found("BST225", *places.of_word("SECURITY_PASSWORD_LENGTH_MIN"), message))
    return findings


def uses_werkzeugs_hash(places: Places) -> bool:
    """Tell whether the application makes hashes by Werkzeug's own choice."""
    make = getattr(sys.modules.get("werkzeug.security"), "generate_password_hash", None)
    users = [module for module in places.own_modules if any(each is make for each in vars(module).values())]
    return make is not None and any("method=" not in read_text(str(module.__file__)) for module in users)


def _check_proxies(app: Flask, places: Places) -> list[Finding]:
    for each in wrappers(app):
        if type(each).__name__ == "ProxyFix" and each.x_host and not app.config.get("TRUSTED_HOSTS"):
            message = "ProxyFix takes the host from X-Forwarded-Host, and no host is refused"
            return [found("BST228", *places.of_word("ProxyFix"), message)]
    return []


def _check_uploads(app: Flask, places: Places) -> list[Finding]:
    folders = [app.static_folder, *(blueprint.static_folder for blueprint in app.blueprints.values())]
    static = [Path(folder).resolve() for folder in folders if folder is not None]
    findings = []
    for name, value in app.config.items():
        if not UPLOADS.search(name) or not isinstance(value, str | Path) or not str(value):
            continue
        folder = Path(app.root_path, value).resolve(), Path(value).resolve()
        if any(each.is_relative_to(root) for each in folder for root in static):
            message = f"{name} is below the static folder: what people send is served as it came"
            findings.append(found("BST260", *places.of_word(name), message))
    if layers_of(app) != EVERY_LAYER and app.config["MAX_CONTENT_LENGTH"] is None and _takes_bodies(app):
        message = "MAX_CONTENT_LENGTH is not set: a request may be as large as it likes"
        findings.append(found("BST261", *places.nowhere, message, severity=Severity.LOW))
    return findings


def _takes_bodies(app: Flask) -> bool:
    return any({"POST", "PUT", "PATCH"} & (address.methods or set()) for address in app.url_map.iter_rules())
