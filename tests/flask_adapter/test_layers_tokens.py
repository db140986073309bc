"""API tokens alone, of owners whom the application knows."""

from typing import Any

import pytest
from flask import Flask, g, request
from sqlalchemy import Engine, MetaData

from bastide import (
    STRANGER,
    Principal,
)
from bastide.core.foundation import ConfigurationError
from bastide.flask import (
    Layers,
    api,
    installed_in,
    issue_token,
    own_tokens,
    permission_required,
    principal,
    revoke_token,
)
from support.flask_beside import HERE, SECRET, make, tables_of, with_login


@pytest.mark.asvs("V8.2.1", "V7.4.2")
def test_api_tokens_alone_act_for_whom_the_application_says_their_owner_is(
    engine: Engine, kept: MetaData
) -> None:
    class Owner:
        metadata = kept
        __table__ = kept.tables["user"]

    people: dict[Any, Principal] = {
        1: Principal(account_id=1, name="maud", permissions=frozenset({"read", "write"})),
        2: Principal(account_id=2, name="tomas", permissions=frozenset({"read"})),
    }
    app = make(SECRET_KEY=SECRET)
    Layers(
        "api_tokens", "attempts", engine=engine, users=Owner, principal=lambda: g.get("who", STRANGER),
        owner=lambda account_id: people.get(account_id, STRANGER),
    ).init_app(app)  # fmt: skip
    kept.create_all(engine)
    assert tables_of(kept) == {"bastide_attempt", "bastide_token"}
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _act(people))
    _serve_tokens(app)
    client, maud = app.test_client(), {"X-Who": "1"}

    def get(path: str, headers: dict[str, str]) -> tuple[int, str]:
        answer = client.get(path, headers=headers, **HERE)
        return answer.status_code, answer.text if answer.status_code == 200 else ""

    def issue(scope: str, headers: dict[str, str]) -> Any:
        return client.post("/tokens", data={"scope": scope}, headers=headers, **HERE)

    by_token = {"Authorization": f"Bearer {issue('read', maud).json['text']}"}
    assert get("/read", by_token) == (200, "maud")
    assert get("/write", by_token) == (403, "")
    assert get("/write", maud) == (200, "maud")
    assert issue("write", {"X-Who": "2"}).status_code == 400
    assert issue("read", by_token).status_code == 401
    assert get("/read", {"Authorization": "Bearer made-up"}) == (401, "")
    held, people[1] = people[1], Principal(account_id=1, name="maud")
    assert get("/read", by_token) == (403, "")
    people[1] = STRANGER
    assert get("/read", by_token) == (401, "")
    people[1] = held
    (token_id,) = client.get("/tokens", headers=maud, **HERE).json
    assert client.delete(f"/tokens/{token_id}", headers={"X-Who": "2"}, **HERE).json == {"revoked": False}
    assert client.delete(f"/tokens/{token_id}", headers=maud, **HERE).json == {"revoked": True}
    assert get("/read", by_token) == (401, "")


def _act(people: dict[Any, Principal]) -> None:
    if "X-Who" in request.headers:
        g.who = people[int(request.headers["X-Who"])]


def _serve_tokens(app: Flask) -> None:
    @app.post("/tokens")
    def issue() -> dict[str, str]:
        issued = issue_token("script", {request.form["scope"]})
        return {"text": "" if issued is None else issued.text.reveal()}

    @app.get("/tokens")
    def tokens() -> list[str]:
        return [token.id for token in own_tokens()]

    @app.delete("/tokens/<token_id>")
    def revoke(token_id: str) -> dict[str, bool]:
        return {"revoked": revoke_token(token_id)}

    for scope in ("read", "write"):
        view = api(permission_required(scope)(lambda: principal().name))
        app.add_url_rule(f"/{scope}", scope, view)


def test_tokens_go_by_flask_logins_own_loader(engine: Engine, kept: MetaData) -> None:
    class Owner:
        metadata = kept
        __table__ = kept.tables["user"]

    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    Layers("api_tokens", "attempts", engine=engine, users=Owner).init_app(app)
    kept.create_all(engine)
    owners = installed_in(app).services.stores.accounts
    assert owners.get_account(1).username == "maud"  # type: ignore[union-attr]
    assert owners.lock_account(99) is None
    alone = Layers("api_tokens", "attempts", engine=engine, users=Owner, principal=lambda: STRANGER)
    with pytest.raises(ConfigurationError, match="owner="):
        alone.init_app(make(SECRET_KEY=SECRET))
