"""What every page of the blog reads."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix

from bastide.django import principal
from blog_django.links import address
from blog_shared.pages.frame import frame
from blog_shared.present import PAGES
from blog_shared.views.frame import BlogUrls


def blog(request: HttpRequest) -> dict[str, Any]:
    """Give templates the blog's own site, addresses and viewer."""
    return {**frame(address, principal(request)), "url": urls(get_script_prefix())}


@lru_cache
def urls(script_prefix: str) -> BlogUrls:
    """Return every address that the frame links to; they differ by mount point only."""
    return BlogUrls(
        **{name: address(page) for name, page in PAGES.items()},
        dev_mail=address("development.mail") if settings.IS_DEVELOPMENT else "",
        css=f"{script_prefix}bastide/static/bastide.css",
        passkey_script=f"{script_prefix}bastide/static/passkeys.js",
        recheck_script=f"{script_prefix}bastide/static/recheck.js",
        blog_css=f"{script_prefix}static/blog.css",
        icon=f"{script_prefix}static/icon.svg",
        script=f"{script_prefix}static/blog.js",
    )
