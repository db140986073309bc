"""What Django's own loggers may say."""

import logging
from typing import Final

REQUEST_LOGGER: Final = "django.request"


class RouteFilter(logging.Filter):
    """Writes the route (``/account/reset/<token>``) where Django's log of refused requests has the path.

    Threat: a mailed token in the path of a request that was refused and may be sent once more (V16.2.5).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; let it pass."""
        request = getattr(record, "request", None)
        match = getattr(request, "resolver_match", None)
        if match is not None and match.kwargs and isinstance(record.args, tuple):
            path = getattr(request, "path", "")
            # Django escapes it first.
            paths = (path, path.encode("unicode_escape").decode("ascii"))
            record.args = tuple(f"/{match.route}" if value in paths else value for value in record.args)
        return True


def hide_paths() -> None:
    """Put the filter on Django's logger of requests, once."""
    requests = logging.getLogger(REQUEST_LOGGER)
    if not any(isinstance(known, RouteFilter) for known in requests.filters):
        requests.addFilter(RouteFilter())
