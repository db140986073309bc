"""The blog's time: the same clock as Bastide's."""

from datetime import datetime

from bastide.django.wiring import bastide


def now() -> datetime:
    return bastide().services.clock.now()
