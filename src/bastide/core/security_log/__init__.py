"""The security log: what happened, in a documented vocabulary, chained so that changes show.

Every control records through the recorder; values are made safe to print first, secrets never get in. A check
names each row that was edited, dropped, inserted or reordered.
"""

from bastide.core.security_log.app_kinds import (
    LIBRARY_KINDS,
    AnyEventKind,
    AppEventKind,
    Vocabulary,
    read_kind,
)
from bastide.core.security_log.chain import (
    MAX_SEQUENCE,
    Anchor,
    Chain,
    ChainEnd,
    ChainEnds,
    ChainRow,
    Record,
    stored_bytes,
)
from bastide.core.security_log.chain_faults import Broken, Verified
from bastide.core.security_log.events import (
    MOST_COUNTED,
    Event,
    EventFilter,
    account_target,
    from_record,
    neutralise,
    to_json,
    to_record,
)
from bastide.core.security_log.log import ChainedLog, LogKeeper, LogSettings, UnkeptLog
from bastide.core.security_log.ports import EventLog, EventSink
from bastide.core.security_log.recorder import Recorder
from bastide.core.security_log.vocabulary import EventGroup, EventKind, Outcome

__all__ = [
    "LIBRARY_KINDS",
    "MAX_SEQUENCE",
    "MOST_COUNTED",
    "Anchor",
    "AnyEventKind",
    "AppEventKind",
    "Broken",
    "Chain",
    "ChainEnd",
    "ChainEnds",
    "ChainRow",
    "ChainedLog",
    "Event",
    "EventFilter",
    "EventGroup",
    "EventKind",
    "EventLog",
    "EventSink",
    "LogKeeper",
    "LogSettings",
    "Outcome",
    "Record",
    "Recorder",
    "UnkeptLog",
    "Verified",
    "Vocabulary",
    "account_target",
    "from_record",
    "neutralise",
    "read_kind",
    "stored_bytes",
    "to_json",
    "to_record",
]
