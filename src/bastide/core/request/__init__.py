"""Request: one request and its answer, guarded in one order, and the wiring of all controls.

Adapters hand in plain values and get decisions. Cookies, headers and events wait here until the answer goes
out; a check that fails refuses the request.
"""

from bastide.core.request.assembly import Services, assemble
from bastide.core.request.event_queue import ExchangeSink
from bastide.core.request.exchange import Exchange
from bastide.core.request.guard import Guard, check_reflection, record_refusal, refuse_object
from bastide.core.request.layers import (
    EVERY_LAYER,
    KEEPING_LAYERS,
    SIGNING_LAYERS,
    Absent,
    Layer,
    read_layers,
)
from bastide.core.request.own_tokens import TOKEN_NAME, issue_own_token, list_own_tokens, revoke_own_token
from bastide.core.request.settings import Settings
from bastide.core.request.stores import Stores, StoreSettings, absent_stores

__all__ = [
    "EVERY_LAYER",
    "KEEPING_LAYERS",
    "SIGNING_LAYERS",
    "TOKEN_NAME",
    "Absent",
    "Exchange",
    "ExchangeSink",
    "Guard",
    "Layer",
    "Services",
    "Settings",
    "StoreSettings",
    "Stores",
    "absent_stores",
    "assemble",
    "check_reflection",
    "issue_own_token",
    "list_own_tokens",
    "read_layers",
    "record_refusal",
    "refuse_object",
    "revoke_own_token",
]
