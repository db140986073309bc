"""The blog's time: the same clock as Bastide's."""

from datetime import datetime

from flask import current_app

from bastide.flask import installed_in


def now() -> datetime:
    return installed_in(current_app).services.clock.now()
