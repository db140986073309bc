"""What layers keep that are taken alone: each has its app, and asks for no table of another."""

from contextlib import nullcontext
from dataclasses import fields
from typing import Any

from bastide.core.foundation import Units
from bastide.core.request import Absent, Layer, Stores


def layer_stores(layers: frozenset[Layer]) -> Stores:  # noqa: ARG001
    """Return the stores of these layers; each other one refuses by name whoever asks it."""
    stores: dict[str, Any] = {field.name: Absent(Layer.ACCOUNTS) for field in fields(Stores)}
    stores |= {
        "attempts": Absent(Layer.ATTEMPTS),
        "events": Absent(Layer.LOG),
        "uploads": Absent(Layer.UPLOADS),
        "units": Units(nullcontext),
    }
    return Stores(**stores)
