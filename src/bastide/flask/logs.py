"""What Flask's own logger may say."""

import logging

from flask import Flask, has_request_context, request


class RouteFilter(logging.Filter):
    """Writes the route (``/account/reset/<token>``) where Flask's line about an exception has the path.

    Threat: a mailed token in the path of a request that failed and may be sent once more; a path that
    forges a line or colours a terminal (V16.2.5, V16.4.1).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; let it pass."""
        if record.exc_info and has_request_context() and request.url_rule and request.view_args:
            record.msg = str(record.msg).replace(request.path, request.url_rule.rule)
        return True


def hide_paths(app: Flask) -> None:
    """Put the filter on the application's logger, once."""
    # Not `app.logger`: asked before the project has set logging up, that adds a handler of its own.
    logger = logging.getLogger(app.name)
    if not any(isinstance(known, RouteFilter) for known in logger.filters):
        logger.addFilter(RouteFilter())
