"""What every page of the blog reads."""

from typing import Any

from flask import Flask, current_app, request, url_for

from bastide.flask import principal
from blog_shared.pages.frame import frame
from blog_shared.present import PAGES
from blog_shared.views.frame import BlogUrls


def install(app: Flask) -> None:
    """Give templates the blog's own site, addresses and viewer."""
    app.context_processor(lambda: {**frame(url_for, principal()), "url": urls()})


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
        recheck_script=url_for("accounts.static", filename="recheck.js"),
        blog_css=url_for("static", filename="blog.css"),
        icon=url_for("static", filename="icon.svg"),
        script=url_for("static", filename="blog.js"),
    )
