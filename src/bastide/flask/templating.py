"""What templates get: escaping everywhere, filters, and the pages' common context."""

from typing import Any

from flask import get_flashed_messages, request, url_for
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup, escape

from bastide.core.access import Policy
from bastide.core.output import ARTICLE, COMMENT, SafeHtml, json_island, safe_url, sanitize, show_markdown
from bastide.core.request import Layer
from bastide.flask.installed import Installed
from bastide.flask.state import current_exchange
from bastide.pages import TEMPLATES, Notice, PageUrls, Site, SiteMessages, Viewer
from bastide.pages.context import former_sign_in, page_urls


class CsrfField:
    """The hidden input; the token is made when a template shows it."""

    def __html__(self) -> str:
        """Return the input."""
        return f'<input type="hidden" name="csrf_token" value="{escape(current_exchange().csrf_token())}">'

    def __str__(self) -> str:
        return Markup(self.__html__())  # noqa: S704 -- the token is escaped


class CspNonce:
    """The response's nonce; it is drawn when a template shows it, or calls it."""

    def __html__(self) -> str:
        """Return the nonce, which is base64url."""
        return current_exchange().nonce

    def __str__(self) -> str:
        return current_exchange().nonce

    def __call__(self) -> str:
        """Return the nonce."""
        return current_exchange().nonce


def sanitize_comment(html: str) -> SafeHtml:
    """Return what the comment policy allows."""
    return sanitize(html, COMMENT)


def markdown(text: str) -> SafeHtml:
    """Return Markdown as clean HTML under the article policy, or as typed where it would be refused."""
    return show_markdown(text, ARTICLE)


def can(policy: Policy, obj: object) -> bool:
    """Tell whether the caller passes the policy for the object (A6)."""
    return policy.allows(current_exchange().principal, obj)


def install(installed: Installed) -> None:
    """Give templates what the layers that are on have for them."""
    app, layers = installed.app, installed.services.layers
    environment = app.jinja_env
    if Layer.OUTPUT in layers:
        # Not by Flask's hook: the environment may have been made before.
        environment.autoescape = _always
        environment.filters.update(
            sanitize=sanitize_comment, markdown=markdown, safe_url=safe_url, json_island=json_island
        )
    if Layer.RULES in layers:
        environment.globals.update(can=can)
    if Layer.FORGERY in layers:
        environment.globals.update(csrf_field=CsrfField())
    if Layer.HEADERS in layers:
        environment.globals.update(csp_nonce=CspNonce())
    if Layer.ACCOUNTS in layers:
        ready_pages = FileSystemLoader(TEMPLATES)
        own = app.jinja_loader
        app.jinja_loader = ready_pages if own is None else ChoiceLoader([own, ready_pages])
        environment.globals.update(t=SiteMessages(installed.services.settings, installed.translations))
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
        "url": urls(installed),
        "viewer": Viewer(is_signed_in=principal.is_signed_in, name=principal.name),
        "messages": notices(),
        "request_id": exchange.request_id,
    }


def urls(installed: Installed) -> PageUrls:
    """Return the addresses that the ready pages link to; they differ by mount point only."""
    known = installed.page_urls.get(request.script_root)
    if known is None:
        known = installed.page_urls[request.script_root] = page_urls(
            installed.services,
            home=f"{request.script_root}/",
            address=lambda name: url_for(f"accounts.{name}"),
            static=lambda name: url_for("accounts.static", filename=name),
        )
    return known


def notices() -> list[Notice]:
    """Return the messages that earlier requests left for this page."""
    flashed: list[tuple[str, str]] = get_flashed_messages(with_categories=True)  # type: ignore[assignment]  # pairs, when categories are asked for
    levels = {"info", "success", "warning", "error"}
    left = [
        Notice(level=level if level in levels else "info", text=text)  # type: ignore[arg-type]  # checked here
        for level, text in flashed
    ]
    is_told = request.endpoint == "accounts.sign_in"
    return [*former_sign_in(current_exchange()), *left] if is_told else left
