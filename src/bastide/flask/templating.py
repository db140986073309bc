"""What templates get: escaping everywhere, filters, and the pages' common context."""

from typing import Any

from flask import get_flashed_messages, request, url_for
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup, escape

from bastide.core.access import Policy
from bastide.core.output import ARTICLE, COMMENT, SafeHtml, json_island, render_markdown, safe_url, sanitize
from bastide.flask.installed import Installed
from bastide.flask.state import current_exchange
from bastide.pages import TEMPLATES, Notice, PageUrls, Site, Viewer


class CsrfField:
    """The hidden input; the token is made when a template shows it."""

    def __html__(self) -> str:
        """Return the input."""
        return f'<input type="hidden" name="csrf_token" value="{escape(current_exchange().csrf_token())}">'

    def __str__(self) -> str:
        return Markup(self.__html__())  # noqa: S704 -- the token is escaped


class CspNonce:
    """The response's nonce; it is drawn when a template shows it."""

    def __html__(self) -> str:
        """Return the nonce, which is base64url."""
        return current_exchange().nonce

    def __str__(self) -> str:
        return current_exchange().nonce


def sanitize_comment(html: str) -> SafeHtml:
    """Return what the comment policy allows."""
    return sanitize(html, COMMENT)


def markdown(text: str) -> SafeHtml:
    """Return CommonMark as clean HTML under the article policy."""
    return render_markdown(text, ARTICLE)


def can(policy: Policy, obj: object) -> bool:
    """Tell whether the caller passes the policy for the object (A6)."""
    return policy.allows(current_exchange().principal, obj)


def install(installed: Installed) -> None:
    """Escape in every template whatever its ending; add filters, globals and the pages' context."""
    app = installed.app
    app.select_jinja_autoescape = _always  # type: ignore[method-assign]  # the hook that Flask offers
    ready_pages = FileSystemLoader(TEMPLATES)
    own = app.jinja_loader
    app.jinja_loader = ready_pages if own is None else ChoiceLoader([own, ready_pages])
    app.jinja_env.filters.update(
        sanitize=sanitize_comment, markdown=markdown, safe_url=safe_url, json_island=json_island
    )
    app.jinja_env.globals.update(can=can, t=installed.texts, csrf_field=CsrfField(), csp_nonce=CspNonce())
    app.context_processor(lambda: page_context(installed))


def _always(filename: str | None) -> bool:  # noqa: ARG001 -- Flask's signature
    return True


def page_context(installed: Installed) -> dict[str, Any]:
    """Return what every page reads besides the globals."""
    exchange = current_exchange()
    principal = exchange.principal
    name = installed.services.settings.registration.site_name
    return {
        "site": Site(name=name),
        "url": page_urls(installed),
        "viewer": Viewer(is_signed_in=principal.is_signed_in, name=principal.name),
        "messages": notices(),
        "request_id": exchange.request_id,
    }


def page_urls(installed: Installed) -> PageUrls:
    """Return the addresses that the ready pages link to; they differ by mount point only."""
    known = installed.page_urls.get(request.script_root)
    if known is None:
        known = installed.page_urls[request.script_root] = _make_page_urls(installed)
    return known


def _make_page_urls(installed: Installed) -> PageUrls:
    services = installed.services
    is_open = services.settings.registration.is_open
    offers_factors = services.second_factors.is_offered or services.passkeys.is_offered
    return PageUrls(
        home=f"{request.script_root}/",
        sign_in=url_for("accounts.sign_in"),
        sign_out=url_for("accounts.sign_out"),
        register=url_for("accounts.register") if is_open else "",
        account=url_for("accounts.account"),
        confirm=url_for("accounts.confirm"),
        password=url_for("accounts.password"),
        devices=url_for("accounts.devices"),
        email=url_for("accounts.email"),
        reset=url_for("accounts.reset"),
        activity=url_for("accounts.activity"),
        factors=url_for("accounts.factors") if offers_factors else "",
        tokens=url_for("accounts.tokens") if services.settings.api_tokens.is_offered else "",
        passkey_script=url_for("accounts.static", filename="passkeys.js"),
        css=url_for("accounts.static", filename="bastide.css"),
    )


def notices() -> list[Notice]:
    """Return the messages that earlier requests left for this page."""
    flashed: list[tuple[str, str]] = get_flashed_messages(with_categories=True)  # type: ignore[assignment]  # pairs, when categories are asked for
    levels = {"info", "success", "warning", "error"}
    return [
        Notice(level=level if level in levels else "info", text=text)  # type: ignore[arg-type]  # checked here
        for level, text in flashed
    ]
