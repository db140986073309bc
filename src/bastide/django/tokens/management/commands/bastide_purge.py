"""``manage.py bastide_purge``, with each app that keeps what passes."""

from bastide.django.purging import Command

__all__ = ["Command"]
