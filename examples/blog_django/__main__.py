"""Serves the blog on this machine: ``python -m blog_django``; Ctrl-C stops everything."""

import os

import django
from django.core.management import call_command
from django.db import connections

from blog_shared.serving import announce, only_one, read_options, serve


def main() -> None:
    """Prepare what is missing, print where to go, and serve."""
    options = read_options("blog_django", "blog_django.sqlite3")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "blog_django.settings", "BLOG_DATA": str(options.data),
        "BLOG_DATABASE_URL": options.database_url, "BLOG_SECRET_KEY": options.secret_key,
        "BLOG_KEYS": options.keys,
        "BLOG_DEVELOPMENT": "1", "BLOG_HTTPS_HOST": f"localhost:{options.port}" if options.is_https else "",
    }  # fmt: skip
    django.setup()
    # What needs the models can be imported only now.
    from bastide.django import (  # noqa: PLC0415
        bastide,
        create_roles,
        invitation_link,
    )
    from blog_django.seed import seed  # noqa: PLC0415
    from blog_django.wsgi import application  # noqa: PLC0415

    with only_one(options.data):
        call_command("migrate", verbosity=0)
        create_roles()
        is_seeded = seed()

    def invitation() -> str:
        return invitation_link(role="administrator", email=None, base_url=options.address)

    is_run = bastide().services.stores.accounts.count_role_holders("administrator") > 0
    announce(options.address, is_seeded=is_seeded, invitation=None if is_run else invitation)
    connections.close_all()
    serve(application, options, keep_house=bastide().services.outbox.deliver)


if __name__ == "__main__":
    main()
