"""Where events go on Flask: to the log at once, to the database when the request's transaction is over."""

import json
import logging
from typing import Final

from blinker import Namespace
from flask import has_request_context, request

from bastide.core.events import Event, EventLog
from bastide.flask.state import STATE_KEY

EVENT_LOGGER: Final = logging.getLogger("bastide.events")
signals: Final = Namespace()
event_recorded: Final = signals.signal("event-recorded")


def to_json(event: Event) -> str:
    """Return the event as one line of JSON."""
    return json.dumps(
        {
            "at": event.at.isoformat(timespec="microseconds"),
            "kind": event.kind,
            "outcome": event.outcome,
            "actor": event.actor,
            "target": event.target,
            "session": event.session,
            "address": event.address,
            "route": event.route,
            "request_id": event.request_id,
            "detail": dict(event.detail),
        }
    )


class RequestSink:
    """See ``EventSink``."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def append_event(self, event: Event) -> None:
        """Log the event; keep it now, or after the request if there is one."""
        EVENT_LOGGER.info(to_json(event))
        event_recorded.send(self, event=event)
        if has_request_context() and STATE_KEY in request.environ:
            request.environ[STATE_KEY].events.append(event)
        else:
            self._log.append_event(event)
