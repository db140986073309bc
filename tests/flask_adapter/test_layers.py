"""Each layer alone, beside accounts that are the application's own: what it holds, and what it asks for."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, render_template, request, session, url_for
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, current_user, login_user
from jinja2 import DictLoader
from sqlalchemy import Engine, MetaData, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.datastructures import MultiDict

from bastide import (
    COMMENT,
    STRANGER,
    Event,
    FolderStorage,
    Layer,
    Owns,
    Principal,
    SystemEntropy,
    new_ring,
    sanitize,
)
from bastide.core.foundation import ConfigurationError
from bastide.flask import (
    EncryptedText,
    Layers,
    api,
    event_recorded,
    installed_in,
    issue_token,
    login_required,
    own_tokens,
    permission_required,
    policy_required,
    principal,
    public,
    receive_upload,
    revoke_token,
    sign_in_attempt,
    takes_files,
)
from bastide.testing import Tripped

HERE = {"base_url": "https://localhost"}
SECRET = "k" * 64


class Base(DeclarativeBase):
    pass


class User(UserMixin, Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    password: Mapped[str]


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    text: Mapped[str]


def make(**config: Any) -> Flask:
    """Return an application with a page and nothing of anybody's security."""
    app = Flask("there")
    app.config.update(config)

    @app.get("/")
    def home() -> str:
        return "welcome"

    return app


def with_login(app: Flask, engine: Engine) -> None:
    """Give the application accounts of its own, in the way of Flask-Login."""
    manager = LoginManager(app)

    @manager.user_loader
    def load(user_id: str) -> User | None:
        with Session(engine, expire_on_commit=False) as database:
            return database.get(User, int(user_id))

    @app.post("/login")
    @public
    def login() -> Any:
        with Session(engine, expire_on_commit=False) as database:
            user = database.scalar(select(User).where(User.username == request.form["username"]))
        if user is None or user.password != request.form["password"]:
            return "wrong", 401
        login_user(user)
        return "in"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'there.sqlite3'}")
    Base.metadata.create_all(engine)
    with Session(engine) as database:
        database.add_all(
            [User(id=1, username="maud", password="right"), User(id=2, username="tomas", password="else")]
        )
        database.add(Note(id=1, owner_id=1, text="of maud"))
        database.commit()
    yield engine
    engine.dispose()


def log_in(client: FlaskClient, name: str = "maud", password: str = "right") -> Any:
    return client.post("/login", data={"username": name, "password": password}, **HERE)


@pytest.mark.asvs("V3.4.3")
def test_headers_and_policy_alone_ask_for_nothing() -> None:
    app = make()
    before = app.session_interface
    Layers("headers").init_app(app)

    @app.get("/page")
    def page() -> str:
        return app.jinja_env.from_string(
            "<script nonce='{{ csp_nonce() }}'></script>{{ csp_nonce }}"
        ).render()

    answer = app.test_client().get("/", **HERE)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "report-uri" not in policy
    assert "Reporting-Endpoints" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    page_answer = app.test_client().get("/page", **HERE)
    nonce = page_answer.text.rpartition(">")[2]
    assert f"nonce='{nonce}'" in page_answer.text
    assert f"'nonce-{nonce}'" in page_answer.headers["Content-Security-Policy"]
    assert page_answer.headers["Cache-Control"] == "no-store, private"
    assert app.session_interface is before
    assert [str(rule) for rule in app.url_map.iter_rules()] == ["/static/<path:filename>", "/", "/page"]


def test_a_layer_that_is_off_adds_nothing_to_answers() -> None:
    app = make(BASTIDE={"transport": {"allowed_hosts": {"localhost"}}})
    Layers("transport").init_app(app)
    answer = app.test_client().get("/", **HERE)
    assert set(answer.headers.keys()) == {"Content-Type", "Content-Length", "Vary"}


@pytest.mark.asvs("V12.2.1")
def test_transport_alone_refuses_hosts_and_sends_people_to_https() -> None:
    app = make(BASTIDE={"transport": {"allowed_hosts": {"localhost"}}})
    Layers("transport").init_app(app)
    client = app.test_client()
    assert client.get("/", **HERE).text == "welcome"
    assert client.get("/", base_url="https://evil.example").status_code == 400
    plain = client.get("/?a=b", base_url="http://localhost")
    assert (plain.status_code, plain.headers["Location"]) == (308, "https://localhost/?a=b")
    with pytest.raises(ConfigurationError, match="allowed_hosts"):
        Layers("transport").init_app(make())


@pytest.mark.asvs("V3.5.1")
def test_forgery_alone_binds_its_tokens_to_whoever_the_application_says_acts() -> None:
    app = make(SECRET_KEY=SECRET)
    Layers("forgery", principal=lambda: g.get("who", STRANGER)).init_app(app)
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _become(request.headers.get("X-Who")))

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        return app.jinja_env.from_string("{{ csrf_field }}").render() if request.method == "GET" else "taken"

    client = app.test_client()
    own = {"Origin": "https://localhost"}

    def token(**headers: str) -> str:
        return client.get("/form", headers=headers, **HERE).text.split('value="')[1].split('"')[0]

    strangers = token()
    assert client.post("/form", data={"csrf_token": strangers}, headers=own, **HERE).text == "taken"
    assert client.post("/form", headers=own, **HERE).status_code == 403
    assert (
        client.post(
            "/form", data={"csrf_token": strangers}, headers={"Origin": "https://evil.example"}, **HERE
        ).status_code
        == 403
    )
    mauds = {**own, "X-Who": "7"}
    assert client.post("/form", data={"csrf_token": strangers}, headers=mauds, **HERE).status_code == 403
    assert client.post("/form", data={"csrf_token": token(**mauds)}, headers=mauds, **HERE).text == "taken"
    other = {**own, "X-Who": "8"}
    assert client.post("/form", data={"csrf_token": token(**mauds)}, headers=other, **HERE).status_code == 403


def test_layers_around_layers_are_refused_at_the_start() -> None:
    app = make(SECRET_KEY=SECRET)
    Layers("forgery").init_app(app)
    with pytest.raises(ConfigurationError, match="already"):
        Layers("headers").init_app(app)
    assert app.test_client().get("/", **HERE).text == "welcome"


def test_views_that_have_no_name_are_guarded_like_all_others() -> None:
    class View:
        def __call__(self) -> str:
            return "called"

    app = make(SECRET_KEY=SECRET)
    app.add_url_rule("/partial", "partial", partial(str, "called"), methods=["GET", "POST"])
    app.add_url_rule("/object", "object", View(), methods=["GET", "POST"])
    Layers("forgery", "headers").init_app(app)
    for address in ("/partial", "/object"):
        assert app.test_client().get(address, **HERE).text == "called"
        assert app.test_client().post(address, **HERE).status_code == 403


def _become(who: str | None) -> None:
    if who:
        g.who = Principal(account_id=int(who), name="somebody")


@pytest.mark.asvs("V8.2.1", "V8.2.2", "V8.3.1")
def test_rules_alone_ask_who_flask_login_says_is_there(engine: Engine) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    database = Session(engine)
    Layers("rules", session=database, roles={"editor": {"edit"}}).init_app(app)
    app.view_functions["home"] = public(app.view_functions["home"])

    @app.get("/notes/<int:note_id>")
    @policy_required(Owns("owner_id"), Note)
    def read(note: Note) -> str:
        return note.text

    @app.get("/me")
    @login_required
    def me() -> str:
        return f"{principal().account_id} {principal().name}"

    @app.get("/edit")
    @permission_required("edit")
    def edit() -> str:
        return "edited"

    maud, tomas, stranger = app.test_client(), app.test_client(), app.test_client()
    assert log_in(maud).text == "in"
    assert log_in(tomas, "tomas", "else").text == "in"
    assert maud.get("/me", **HERE).text == "1 maud"
    assert "no-store" in maud.get("/me", **HERE).headers["Cache-Control"]
    assert maud.get("/notes/1", **HERE).text == "of maud"
    assert tomas.get("/notes/1", **HERE).status_code == 404
    assert stranger.get("/notes/1", **HERE).status_code == 401
    assert maud.get("/edit", **HERE).status_code == 403
    app.login_manager.login_view = "login"  # type: ignore[attr-defined]
    assert stranger.get("/me", **HERE).headers["Location"] == "/login?next=%2Fme"
    database.close()


def test_a_route_that_says_nothing_stops_the_start_by_name(engine: Engine) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    Layers("rules").init_app(app)
    with pytest.raises(ConfigurationError, match=r"/ \(home\)"):
        app.test_client().get("/", **HERE)


def test_what_a_view_declares_holds_without_the_layer_that_asks_every_view() -> None:
    app = make()
    Layers("headers").init_app(app)
    app.view_functions["home"] = login_required(app.view_functions["home"])
    with pytest.raises(ConfigurationError, match=r"nothing tells who acts: hand in principal=; \['home'\]"):
        app.test_client().get("/", **HERE)
    app = make()
    Layers("headers", principal=lambda: STRANGER).init_app(app)
    app.view_functions["home"] = login_required(app.view_functions["home"])
    assert app.test_client().get("/", **HERE).status_code == 401


@pytest.mark.asvs("V1.2.4")
def test_queries_alone_refuse_a_statement_that_carries_the_request(
    engine: Engine, tripwires: Tripped
) -> None:
    app = make()
    Layers("queries", engine=engine).init_app(app)

    @app.get("/find")
    def find() -> str:
        with engine.connect() as connection:
            name = request.args["name"]
            if "unsafe" in request.args:
                return str(connection.scalar(text(f"SELECT count(*) FROM user WHERE username = '{name}'")))
            return str(
                connection.scalar(text("SELECT count(*) FROM user WHERE username = :name"), {"name": name})
            )

    client = app.test_client()
    attack = "x' OR 'a'='a"
    assert client.get("/find", query_string={"name": attack}, **HERE).text == "0"
    with tripwires.expected():
        assert client.get("/find", query_string={"name": attack, "unsafe": "1"}, **HERE).status_code == 400
    assert client.get(f"/find?name=x&id={2**40}", **HERE).text == "0"


@pytest.mark.asvs("V1.2.1", "V1.3.1")
def test_output_alone_escapes_and_cleans() -> None:
    app = make()
    app.jinja_env.filters["own"] = str.upper
    Layers("output").init_app(app)
    with app.test_request_context():
        page = app.jinja_env.from_string("{{ html }}").render(html="<b>")
        assert page == "&lt;b&gt;"
        app.jinja_loader = DictLoader({"page.txt": "{{ html }}"})
        assert render_template("page.txt", html="<b>") == "&lt;b&gt;"
        cleaned = app.jinja_env.from_string("{{ html | sanitize }}").render(
            html="<em>a</em><script>x</script>"
        )
    assert cleaned == sanitize("<em>a</em><script>x</script>", COMMENT) == "<em>a</em>"


@pytest.mark.asvs("V11.3.2")
def test_encrypted_columns_alone_need_a_key_ring_and_nothing_else(tmp_path: Path) -> None:
    class Own(DeclarativeBase):
        pass

    class Patient(Own):
        __tablename__ = "patient"
        id: Mapped[int] = mapped_column(primary_key=True)
        diagnosis: Mapped[str] = mapped_column(EncryptedText(row="id"))

    engine = create_engine(f"sqlite:///{tmp_path / 'sealed.sqlite3'}")
    app = make(BASTIDE_KEYS=new_ring(SystemEntropy()))
    Layers("encryption", metadata=Own.metadata).init_app(app)
    Own.metadata.create_all(engine)
    assert set(Own.metadata.tables) == {"patient"}
    with Session(engine) as database:
        database.add(Patient(id=1, diagnosis="a cold"))
        database.commit()
        assert database.scalar(select(Patient)).diagnosis == "a cold"  # type: ignore[union-attr]
        assert b"a cold" not in database.scalar(text("SELECT diagnosis FROM patient"))
    with pytest.raises(ConfigurationError, match="BASTIDE_KEYS"):
        Layers("encryption", metadata=Own.metadata).init_app(make())


@pytest.fixture
def kept() -> MetaData:
    """Tables of one test's own."""
    metadata = MetaData()
    Base.metadata.tables["user"].to_metadata(metadata)
    return metadata


def tables_of(metadata: MetaData) -> set[str]:
    return {name for name in metadata.tables if name.startswith("bastide_")}


@pytest.mark.asvs("V6.3.1")
def test_the_budget_alone_stands_in_front_of_a_sign_in_view(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    app.view_functions["login"] = _counted(app.view_functions["login"])
    told: list[Event] = []

    def listen(_sender: object, event: Event) -> None:
        told.append(event)

    event_recorded.connect(listen)
    Layers("attempts", engine=engine, metadata=kept).init_app(app)
    kept.create_all(engine)
    assert tables_of(kept) == {"bastide_attempt"}
    owner, guesser = app.test_client(), app.test_client()
    assert log_in(owner).text == "in"
    assert [log_in(guesser, password="guess").status_code for _ in range(5)] == [401] * 5
    shut = log_in(guesser)
    assert (shut.status_code, int(shut.headers["Retry-After"]) > 800) == (429, True)
    # The owner's browser signed in here before: no stranger shuts its lane.
    assert log_in(owner).text == "in"
    kinds = [str(event.kind) for event in told]
    assert kinds == [
        "account:login:success", *["account:login:failure"] * 5, "account:lock:set", "account:login:refused",
        "account:login:success",
    ]  # fmt: skip
    assert (told[0].actor, told[0].target, told[1].actor) == ("1", "account:1", "")


def _counted(view: Callable[[], Any]) -> Callable[[], Any]:
    def login() -> Any:
        with sign_in_attempt(request.form["username"]) as attempt:
            answer = view()
            if current_user.is_authenticated:
                attempt.succeed(current_user.id)
        return answer

    return login


@pytest.mark.asvs("V6.3.1")
def test_the_budget_counts_at_somebody_elses_view_by_its_endpoint(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    Layers("attempts", engine=engine, metadata=kept, sign_ins={"login": "username"}).init_app(app)
    kept.create_all(engine)
    owner, guesser = app.test_client(), app.test_client()
    assert log_in(owner).text == "in"
    assert "__Host-device" in owner.get_cookie("__Host-device", path="/").key  # type: ignore[union-attr]
    assert [log_in(guesser, password="guess").status_code for _ in range(6)] == [401] * 5 + [429]
    # Who is in already is let through, and a second sign-in is not an attempt.
    assert log_in(owner).text == "in"
    fresh = app.test_client()
    assert log_in(fresh, "tomas", "else").text == "in"
    with pytest.raises(ConfigurationError, match="attempts"):
        Layers("headers", sign_ins={"login": "username"}).init_app(make())


@pytest.mark.asvs("V6.3.1")
def test_guesses_count_whoever_guesses_and_however_the_name_is_sent(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)

    @app.route("/api/login", methods=["POST", "PUT"])
    @public
    def sign_in() -> Any:
        sent = request.get_json(force=True, silent=True) or request.values
        with Session(engine, expire_on_commit=False) as database:
            user = database.scalar(select(User).where(User.username == sent["username"]))
        if user is None or user.password != sent["password"]:
            return "wrong", 401
        login_user(user)
        return "in"

    sign_ins = {"login": "username", "sign_in": "username"}
    Layers("attempts", engine=engine, metadata=kept, sign_ins=sign_ins).init_app(app)
    kept.create_all(engine)

    def tries(**sent: Any) -> list[int]:
        clear(engine)
        member = app.test_client()
        assert log_in(member, "tomas", "else").text == "in"
        return [member.open("/api/login", **{"method": "POST", **HERE, **sent}).status_code for _ in range(6)]

    guess = {"username": "maud", "password": "guess"}
    limited = [401] * 5 + [429]
    # Somebody who is in guesses at somebody else's account.
    assert tries(data=guess) == limited
    assert tries(json=guess) == limited
    assert tries(data=guess, method="PUT") == limited
    assert tries(data=json.dumps(guess), content_type="text/plain") == limited
    assert tries(query_string=guess) == limited
    # Two readers would take different ones.
    assert tries(query_string=guess, data={"username": "nobody"}) == [400] * 6
    assert tries(query_string=guess, json={"username": "nobody"}) == [400] * 6
    twice = MultiDict([("username", "nobody"), ("username", "maud"), ("password", "guess")])
    assert tries(data=twice) == [400] * 6
    assert tries(query_string={"username": "maud"}, data=guess) == limited
    assert tries(data={"username": "maud", "password": "right"}) == [200] * 6
    deep = {"data": "[" * 100_000, "content_type": "application/json"}
    assert app.test_client().post("/login", **HERE, **deep).status_code == 400
    # A password that is asked for once more, since the sign-in is old, is no guess.
    clear(engine)
    member = app.test_client()
    for _ in range(7):
        assert log_in(member).text == "in"
        with member.session_transaction(**HERE) as values:
            values["_fresh"] = False


def clear(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM bastide_attempt"))


def test_a_sign_in_view_that_is_not_there_stops_the_start_by_name(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    Layers("attempts", engine=engine, metadata=kept, sign_ins={"log_in": "username"}).init_app(app)
    with pytest.raises(ConfigurationError, match="log_in"):
        app.test_client().get("/", **HERE)


@pytest.mark.asvs("V16.4.2")
def test_the_log_alone_keeps_a_chain(engine: Engine, kept: MetaData) -> None:
    app = make(SECRET_KEY=SECRET)
    Layers("log", "forgery", engine=engine, metadata=kept).init_app(app)
    kept.create_all(engine)
    assert tables_of(kept) == {"bastide_event", "bastide_chain"}

    @app.post("/post")
    def post() -> str:
        return "taken"

    assert app.test_client().post("/", **HERE).status_code == 405
    assert app.test_client().post("/post", **HERE).status_code == 403
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT kind, link FROM bastide_event")).all()
    assert [(kind, len(link)) for kind, link in rows] == [("request:csrf:refused", 32)]


def test_what_layers_keep_is_purged_and_the_log_checked_by_commands(
    engine: Engine, kept: MetaData, tmp_path: Path
) -> None:
    def run(*names: str) -> list[str]:
        app = make(SECRET_KEY=SECRET, SECRET_KEY_FALLBACKS=["dev"])
        Layers(*names, engine=engine, metadata=kept).init_app(app)
        kept.create_all(engine)
        runner = app.test_cli_runner()
        ran = [runner.invoke(args=["bastide", *words]) for words in (("purge",), ("log", "verify"))]
        return [f"{each.exit_code} {each.output}".splitlines()[0] for each in ran]

    assert run("attempts") == [
        "0 0 attempt lanes deleted",
        "2 Usage: there bastide [OPTIONS] COMMAND [ARGS]...",
    ]
    purged, verified = run("log", "attempts")
    assert purged == "0 0 attempt lanes deleted"
    assert verified.startswith("0 ")
    assert "bastide" not in make().cli.commands


@pytest.mark.asvs("V5.2.2")
def test_uploads_alone_keep_files_of_declared_kinds(engine: Engine, kept: MetaData, tmp_path: Path) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)

    class Owner:
        metadata = kept
        __table__ = kept.tables["user"]

    Layers("uploads", engine=engine, users=Owner, upload_storage=FolderStorage(tmp_path / "files")).init_app(
        app
    )
    kept.create_all(engine)
    assert tables_of(kept) == {"bastide_upload"}

    @app.post("/files")
    @takes_files
    def send() -> Any:
        upload = receive_upload("note:1")
        return {"name": upload.display_name, "type": upload.media_type}

    client = app.test_client()
    log_in(client)

    def post(name: str, body: bytes) -> Any:
        return client.post("/files", data={"file": (BytesIO(body), name)}, **HERE)

    assert post("a.txt", b"plain words").json == {"name": "a.txt", "type": "text/plain"}
    assert post("a.html", b"<script>x</script>").status_code == 415
    assert post("a.png", b"<script>x</script>").status_code == 415


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


def test_rules_ask_who_acts() -> None:
    with pytest.raises(ConfigurationError, match="principal="):
        Layers("rules").init_app(make())


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


@pytest.mark.asvs("V8.1.1")
def test_addresses_without_a_view_need_no_rule_and_let_nobody_in(engine: Engine) -> None:
    app = make(SECRET_KEY=SECRET)
    with_login(app, engine)
    app.view_functions["home"] = public(app.view_functions["home"])
    app.add_url_rule("/later", endpoint="later")
    app.add_url_rule("/elsewhere", endpoint="elsewhere", build_only=True)
    Layers("rules").init_app(app)
    client = app.test_client()
    assert client.get("/", **HERE).text == "welcome"
    assert client.get("/later", **HERE).status_code == 404
    assert client.get("/elsewhere", **HERE).status_code == 404
    with app.test_request_context():
        assert url_for("elsewhere") == "/elsewhere"


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
