"""Serves the blog on this machine: ``python -m blog_flask``; Ctrl-C stops everything."""

from bastide.flask import installed_in, invitation_link
from blog_flask.app import create_app
from blog_flask.database import migrate
from blog_flask.seed import seed
from blog_shared.serving import announce, only_one, read_options, serve


def main() -> None:
    """Prepare what is missing, print where to go, and serve."""
    options = read_options("blog_flask", "blog.sqlite3")
    app = create_app(
        database_url=options.database_url,
        secret_key=options.secret_key,
        keys=options.keys,
        mail_folder=options.data / "mail",
        allowed_hosts=frozenset({f"localhost:{options.port}" if options.is_https else "localhost"}),
        plain_http_hosts=frozenset() if options.is_https else frozenset({"localhost"}),
        is_development=True,
    )
    bastide = installed_in(app)
    with only_one(options.data):
        migrate(bastide.engine)
        bastide.create_roles()
        is_seeded = seed(app)

    def invitation() -> str:
        with app.app_context():
            return invitation_link(role="administrator", email=None, base_url=options.address)

    is_run = bastide.services.stores.accounts.count_role_holders("administrator") > 0
    announce(options.address, is_seeded=is_seeded, invitation=None if is_run else invitation)
    bastide.engine.dispose()
    serve(app, options, keep_house=bastide.services.outbox.deliver)


if __name__ == "__main__":
    main()
