"""The security log on the Django ORM."""

import json
from collections.abc import Sequence
from typing import Final

from bastide.core.events import Event, EventKind, Outcome
from bastide.core.moments import from_micros, to_micros
from bastide.django.accounts import models
from bastide.django.accounts.stores.connection import ALIAS, store_verb

_TEXTS: Final = ("kind", "outcome", "actor", "target", "session", "address", "route", "request_id")


class DjangoEvents:
    """See ``EventLog``."""

    @store_verb
    def append_event(self, event: Event) -> None:
        """See ``EventLog``."""
        texts = {name: str(getattr(event, name)) for name in _TEXTS}
        detail = json.dumps(dict(event.detail), ensure_ascii=False)
        models.Event.objects.using(ALIAS).create(at=to_micros(event.at), detail=detail, **texts)

    @store_verb
    def list_events(self, *, kind: str, offset: int, limit: int) -> tuple[Sequence[Event], int]:
        """See ``EventLog``."""
        wanted = models.Event.objects.using(ALIAS).all()
        if kind:
            wanted = wanted.filter(kind=kind)
        events = [
            Event(
                kind=EventKind(row.kind), outcome=Outcome(row.outcome), at=from_micros(row.at),
                actor=row.actor, target=row.target, session=row.session, address=row.address,
                route=row.route, request_id=row.request_id, detail=json.loads(row.detail),
            )
            for row in wanted.order_by("-id")[offset : offset + limit]
        ]  # fmt: skip
        return events, wanted.count()
