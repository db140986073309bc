"""What Django's own loggers may say."""

import logging
from typing import Final

REQUEST_LOGGER: Final = "django.request"
NO_ROUTE: Final = "(no route)"


class RouteFilter(logging.Filter):
    """Writes the route (``/account/reset/<token>``) where Django's log of refused requests has the path.

    Threat: a mailed token in the path of a request that was refused and may be sent once more, or that
    missed its route by a slash or its host (V16.2.5).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; let it pass."""
        request = getattr(record, "request", None)
        match = getattr(request, "resolver_match", None)
        if request is not None and (match is None or match.kwargs) and isinstance(record.args, tuple):
            path = getattr(request, "path", "")
            # Django escapes it first.
            paths = (path, path.encode("unicode_escape").decode("ascii"))
            shown = NO_ROUTE if match is None else f"/{match.route}"
            record.args = tuple(shown if value in paths else value for value in record.args)
        return True


def hide_paths() -> None:
    """Put the filter on Django's logger of requests, once."""
    requests = logging.getLogger(REQUEST_LOGGER)
    if not any(isinstance(known, RouteFilter) for known in requests.filters):
        requests.addFilter(RouteFilter())
