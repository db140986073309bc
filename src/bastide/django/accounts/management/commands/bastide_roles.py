"""``manage.py bastide_roles``: the declared roles."""

from typing import Any

from django.core.management.base import BaseCommand

from bastide.django.conf import bastide, create_roles


class Command(BaseCommand):
    """Makes the declared roles that are missing."""

    help = "List the declared roles and what they grant; make those that are missing."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Make and list them."""
        create_roles()
        for name, permissions in bastide().roles.items():
            self.stdout.write(f"{name}\t{', '.join(sorted(permissions))}")
