"""Configuration of the blog's app."""

from django.apps import AppConfig


class BlogConfig(AppConfig):
    """The blog's own models and pages."""

    name = "blog_django"
    label = "blog"
    default_auto_field = "django.db.models.BigAutoField"
