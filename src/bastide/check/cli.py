"""The ``bastide`` program.

Each command is a module of its own.
"""

import click

from bastide import __version__
from bastide.check.command import check
from bastide.check.routes_command import routes


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Look into Flask and Django applications, with Bastide in them or without."""


main.add_command(check)
main.add_command(routes)
