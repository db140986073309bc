"""The signal that tells a project of every event."""

from typing import Final

from django.dispatch import Signal

event_recorded: Final = Signal()
