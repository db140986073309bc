"""API tokens over the core's services."""

from typing import Any

import pytest

from bastide.core.api_tokens.tokens import IssuedToken
from bastide.core.foundation import Client, TokenRefused
from bastide.core.request import Services
from bastide.core.sessions import ActiveSession
from support.core import HERE, account_of, sign_in

READ = frozenset({"read"})
ELSEWHERE = Client(address="198.51.100.9")


def owner(services: Services) -> ActiveSession:
    """Return a session of the owner's, as a request finds it: with the rights that are stored."""
    return resumed(services, sign_in(services).session)


def resumed(services: Services, session: ActiveSession) -> ActiveSession:
    found = services.sessions.resume(session.session_id.reveal(), HERE.user_agent).session
    assert found is not None
    return found


def issue(services: Services, session: ActiveSession | None = None, **wishes: Any) -> IssuedToken:
    wishes = {"name": "backup script", "scopes": READ, **wishes}
    issued = services.api_tokens.issue(session or owner(services), account_of(services), HERE, **wishes)
    assert issued is not None
    return issued


def refused(services: Services, presented: str, client: Client = HERE) -> str:
    with pytest.raises(TokenRefused) as found:
        services.bearer.match(presented, client)
    return found.value.reason
