"""What every page of the blog reads."""

from typing import Any

from flask import Flask, current_app, request, url_for

from bastide import Site
from bastide.flask import principal
from blog_shared.access import Permission
from blog_shared.demo import SITE_NAME, SITE_TAGLINE
from blog_shared.present import PAGES
from blog_shared.views.frame import BlogUrls, BlogViewer

SITE = Site(name=SITE_NAME, tagline=SITE_TAGLINE)


def install(app: Flask) -> None:
    """Give templates the blog's own site, addresses and viewer."""
    app.context_processor(lambda: {"site": SITE, "url": urls(), "viewer": viewer()})


def urls() -> BlogUrls:
    """Return every address that the frame links to."""
    cache = current_app.extensions.setdefault("blog_urls", {})
    known: BlogUrls | None = cache.get(request.script_root)
    if known is None:
        known = cache[request.script_root] = _make_urls()
    return known


def _make_urls() -> BlogUrls:
    addresses: dict[str, Any] = {name: url_for(endpoint) for name, endpoint in PAGES.items()}
    return BlogUrls(
        **addresses,
        dev_mail=url_for("development.mail") if "development" in current_app.blueprints else "",
        css=url_for("accounts.static", filename="bastide.css"),
        passkey_script=url_for("accounts.static", filename="passkeys.js"),
        blog_css=url_for("static", filename="blog.css"),
        icon=url_for("static", filename="icon.svg"),
        script=url_for("static", filename="blog.js"),
    )


def viewer() -> BlogViewer:
    """Return who looks and which doors to show."""
    caller = principal()
    if not caller.is_signed_in:
        return BlogViewer()
    return BlogViewer(
        is_signed_in=True,
        name=caller.name,
        profile_url=url_for("people.author", username=caller.name),
        can_write=caller.has(Permission.WRITE_POST),
        can_moderate=caller.has(Permission.MODERATE_COMMENTS),
        can_administer=caller.has(Permission.ADMIN_ACCESS),
    )
