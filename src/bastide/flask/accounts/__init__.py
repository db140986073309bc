"""The ready account pages as a blueprint."""

from bastide.flask.accounts.views import make_blueprint

__all__ = ["make_blueprint"]
