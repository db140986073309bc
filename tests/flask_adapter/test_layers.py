"""Which layers go together, and what one that is taken alone asks for."""

import pytest
from flask import session

from bastide import (
    Layer,
)
from bastide.core.foundation import ConfigurationError
from bastide.flask import (
    Layers,
    installed_in,
)
from support.flask_beside import HERE, SECRET, make


def test_layers_around_layers_are_refused_at_the_start() -> None:
    app = make(SECRET_KEY=SECRET)
    Layers("forgery").init_app(app)
    with pytest.raises(ConfigurationError, match="already"):
        Layers("headers").init_app(app)
    assert app.test_client().get("/", **HERE).text == "welcome"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "no layer is named"),
        (("haeders",), "unknown layers.*haeders"),
        (("accounts",), "take the whole"),
        (("headers", "api_tokens"), "api_tokens needs attempts"),
    ],
)
def test_layers_that_do_not_exist_or_stand_on_accounts_are_refused(
    names: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Layers(*names)


@pytest.mark.parametrize(
    ("name", "lacks"),
    [
        (Layer.QUERIES, "engine="),
        (Layer.ATTEMPTS, "engine= .*metadata="),
        (Layer.LOG, "engine= .*metadata="),
        (Layer.UPLOADS, "engine= .*users= .*upload_storage="),
        (Layer.ENCRYPTION, "metadata="),
    ],
)
def test_what_a_layer_lacks_is_told_by_name(name: str, lacks: str) -> None:
    with pytest.raises(ConfigurationError, match=lacks):
        Layers(name).init_app(make(SECRET_KEY=SECRET))


def test_a_layer_that_signs_asks_for_the_applications_secret() -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        Layers("forgery").init_app(make())


def test_what_a_layer_that_is_off_keeps_cannot_be_asked() -> None:
    app = make()
    Layers("headers").init_app(app)
    with pytest.raises(ConfigurationError, match="the layer attempts is off"):
        installed_in(app).services.stores.attempts.list_locks(now=None, limit=1, owners=())  # type: ignore[arg-type]
    assert "bastide" in app.extensions


def test_the_applications_own_sessions_and_errors_stay_its_own() -> None:
    app = make(SECRET_KEY=SECRET, BASTIDE={"transport": {"allowed_hosts": {"localhost"}}})
    Layers("headers", "transport", "output").init_app(app)

    @app.get("/count")
    def count() -> str:
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    @app.errorhandler(404)
    def missing(_error: Exception) -> tuple[str, int]:
        return "our own page", 404

    client = app.test_client()
    assert [client.get("/count", **HERE).text for _ in range(2)] == ["1", "2"]
    assert client.get("/nowhere", **HERE).text == "our own page"
