"""The signal that tells an application of every event."""

from typing import Final

from blinker import Namespace

signals: Final = Namespace()
event_recorded: Final = signals.signal("event-recorded")
