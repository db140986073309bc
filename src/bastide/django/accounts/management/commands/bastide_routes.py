"""``manage.py bastide_routes``: the access matrix."""

from typing import Any

from django.core.management.base import BaseCommand

from bastide.core.access import Route, access_matrix
from bastide.django.requests.routes import read_rules
from bastide.django.wiring import bastide


class Command(BaseCommand):
    """Prints every URL pattern, its rule, and what each role gets (A7)."""

    help = "Print the access matrix."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Print one line per pattern."""
        routes = [
            Route(pattern.path, pattern.methods, pattern.rule)
            for pattern in read_rules(bastide().prefix_rules)
        ]
        self.stdout.write("\n".join(access_matrix(routes, bastide().roles)))
