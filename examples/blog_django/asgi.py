"""The blog for an ASGI server."""

import os

from django.core.asgi import get_asgi_application

from bastide.django import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blog_django.settings")
application = BodyLimit(get_asgi_application())
