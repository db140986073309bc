"""What every page of the blog reads."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix

from bastide import Site
from bastide.django import principal
from blog_django.links import address
from blog_shared.access import Permission
from blog_shared.demo import SITE_NAME, SITE_TAGLINE
from blog_shared.present import PAGES
from blog_shared.views.frame import BlogUrls, BlogViewer

SITE = Site(name=SITE_NAME, tagline=SITE_TAGLINE)


def blog(request: HttpRequest) -> dict[str, Any]:
    """Give templates the blog's own site, addresses and viewer."""
    return {"site": SITE, "url": urls(get_script_prefix()), "viewer": viewer(request)}


@lru_cache
def urls(script_prefix: str) -> BlogUrls:
    """Return every address that the frame links to; they differ by mount point only."""
    return BlogUrls(
        **{name: address(page) for name, page in PAGES.items()},
        dev_mail=address("development.mail") if settings.IS_DEVELOPMENT else "",
        css=f"{script_prefix}bastide/static/bastide.css",
        passkey_script=f"{script_prefix}bastide/static/passkeys.js",
        blog_css=f"{script_prefix}static/blog.css",
        icon=f"{script_prefix}static/icon.svg",
        script=f"{script_prefix}static/blog.js",
    )


def viewer(request: HttpRequest) -> BlogViewer:
    """Return who looks and which doors to show."""
    caller = principal(request)
    if not caller.is_signed_in:
        return BlogViewer()
    return BlogViewer(
        is_signed_in=True,
        name=caller.name,
        profile_url=address("people.author", username=caller.name),
        can_write=caller.has(Permission.WRITE_POST),
        can_moderate=caller.has(Permission.MODERATE_COMMENTS),
        can_administer=caller.has(Permission.ADMIN_ACCESS),
    )
