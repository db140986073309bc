"""What layers keep that are taken alone: each has its app, and asks for no table of another."""

from bastide.core.api_tokens import OutsideOwners
from bastide.core.foundation import Units
from bastide.core.request import KEEPING_LAYERS, Layer, Stores, absent_stores
from bastide.django.connection import unit
from bastide.django.requests.beside import load_owner


def layer_stores(layers: frozenset[Layer]) -> Stores:
    """Return the stores of these layers; each other one refuses by name whoever asks it."""
    stores = absent_stores()
    if layers & KEEPING_LAYERS:
        stores["units"] = Units(unit)
    # Each asks for its models, which are there only where its app is.
    if Layer.ATTEMPTS in layers:
        from bastide.django.attempts.store import DjangoAttempts  # noqa: PLC0415

        stores["attempts"] = DjangoAttempts()
    if Layer.LOG in layers:
        from bastide.django.log.store import DjangoEvents  # noqa: PLC0415

        stores["events"] = DjangoEvents()
    if Layer.UPLOADS in layers:
        from bastide.django.uploads.store import DjangoUploads  # noqa: PLC0415

        stores["uploads"] = DjangoUploads()
    if Layer.API_TOKENS in layers:
        from bastide.django.tokens.store import OutsideTokens  # noqa: PLC0415

        stores["tokens"], stores["accounts"] = OutsideTokens(), OutsideOwners(load_owner)
    if Layer.REPORTS in layers:
        from bastide.django.reports.store import DjangoViolations  # noqa: PLC0415

        stores["violations"] = DjangoViolations()
    return Stores(**stores)
