"""The blog's time: the same clock as Bastide's."""

from datetime import datetime

from flask import current_app


def now() -> datetime:
    moment: datetime = current_app.extensions["bastide"].services.clock.now()
    return moment
