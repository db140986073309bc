"""What every process of a test's own needs: imported once, before any of them is forked."""

import blog_flask.app
import conftest
from support import at_once, django_blog, racers, rotate

__all__ = ["at_once", "blog_flask", "conftest", "racers", "rotate"]

django_blog.set_up()

from django.urls import get_resolver  # noqa: E402 -- Django is set up

# Every view is imported with them.
get_resolver().url_patterns  # noqa: B018
