"""The blog's time: the same clock as Bastide's."""

from datetime import datetime

from bastide.django import bastide


def now() -> datetime:
    return bastide().services.clock.now()
