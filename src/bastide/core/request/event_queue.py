"""Where a request's events wait until it is over."""

import logging
from collections.abc import Callable
from typing import Final

from bastide.core.foundation import Units
from bastide.core.request.exchange import Exchange
from bastide.core.security_log import Event, EventSink, to_json

EVENT_LOGGER: Final = logging.getLogger("bastide.events")


class ExchangeSink:
    """Writes events to the server's log at once, and to the store when the request is over.

    Inside a unit an event is stored as a part of it, and told when the unit is kept.

    Args:
        log: where events are kept.
        units: of the stores.
        current: gives the exchange at hand, or None outside a request.
        announce: tells the application's own listeners.
    """

    def __init__(
        self,
        log: EventSink,
        *,
        units: Units,
        current: Callable[[], Exchange | None],
        announce: Callable[[Event], object],
    ) -> None:
        self._log = log
        self._units = units
        self._current = current
        self._announce = announce

    def append_event(self, event: Event) -> None:
        """See ``EventSink``."""
        if self._units.is_open:
            self._log.append_event(event)
            self._units.afterwards(lambda: self._tell(event))
            return
        self._tell(event)
        exchange = self._current()
        if exchange is None:
            self._log.append_event(event)
        else:
            exchange.events.append(event)

    def _tell(self, event: Event) -> None:
        EVENT_LOGGER.info(to_json(event))
        self._announce(event)
