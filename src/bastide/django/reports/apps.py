"""Configuration of the app."""

# Django takes whatever configuration it finds among the names of this module.
from bastide.django import own_connection


class ReportsConfig(own_connection.OwnConnectionConfig):
    """Keeps what the layer keeps."""

    name = "bastide.django.reports"
    label = "bastide_reports"
    verbose_name: str = "Reports"
