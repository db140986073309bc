"""What templates get: the pages' common context, as one context processor."""

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html

from bastide.django.requests.context import exchange_of
from bastide.django.requests.csrf import ready_secret
from bastide.django.wiring import bastide
from bastide.pages import Notice, Site, SiteMessages, Viewer
from bastide.pages.context import former_sign_in, page_urls


class CsrfField:
    """The hidden input; the token is made when a template shows it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __html__(self) -> str:
        """Return the input."""
        token = get_token(self._request)
        return str(format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token))

    __str__ = __html__


def page(request: HttpRequest) -> dict[str, Any]:
    """Return what every page reads besides its own form."""
    exchange = exchange_of(request)
    principal = exchange.principal
    services = bastide().services
    ready_secret(request)
    return {
        "t": SiteMessages(services.settings, translation),
        "site": Site(name=services.settings.registration.site_name),
        "url": page_urls(
            services, home=home_url(), address=lambda name: reverse(f"accounts:{name}"), static=static
        ),
        "viewer": Viewer(is_signed_in=principal.is_signed_in, name=principal.name),
        "messages": SimpleLazyObject(lambda: notices(request)),
        "csrf_field": CsrfField(request),
        "csp_nonce": request.csp_nonce,  # type: ignore[attr-defined]  # set by the middleware
        "request_id": exchange.request_id,
    }


def home_url() -> str:
    """Return the site's front page."""
    return get_script_prefix()


def notices(request: HttpRequest) -> list[Notice]:
    """Return the messages that earlier requests left for this page."""
    levels = {"info", "success", "warning", "error"}
    left = [
        Notice(level=message.level_tag if message.level_tag in levels else "info", text=str(message.message))  # type: ignore[arg-type]  # checked here
        for message in get_messages(request)
    ]
    return [*former_sign_in(exchange_of(request)), *left] if _signs_in(request) else left


def _signs_in(request: HttpRequest) -> bool:
    """Tell whether people sign in on the page: Bastide's own, or the project's."""
    return request.path in {reverse("accounts:sign_in"), resolve_url(settings.LOGIN_URL)}
