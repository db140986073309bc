"""Routes as an application has them: addresses without a view, views that are classes, blueprints, a factory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, url_for
from flask.cli import routes_command
from flask.views import MethodView, View
from sqlalchemy.orm import Mapped, mapped_column

from bastide import STRANGER, Owns
from bastide.core.security_log import EventFilter
from bastide.flask import login_required, policy_required, principal, public
from support.blog import BASE
from support.flask_there import There, there

MINE = Owns("owner_id")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[There]:
    with there(tmp_path) as made:
        yield made


def add_notes(made: There) -> Any:
    class Note(made.db.Model):  # type: ignore[name-defined,misc]  # the extension's own base
        __tablename__ = "note"
        id: Mapped[int] = mapped_column(primary_key=True)
        owner_id: Mapped[int]
        text: Mapped[str]

    return Note


def write_notes(made: There, note: Any) -> None:
    maud, tomas = made.add_account("maud"), made.add_account("tomas")
    with made.app.app_context():
        made.db.session.add_all(
            [note(id=1, owner_id=maud, text="of maud"), note(id=2, owner_id=tomas, text="x")]
        )
        made.db.session.commit()


@pytest.mark.asvs("V16.3.2", "V16.3.3")
@pytest.mark.parametrize("layers", [(), ("rules", "log")])
def test_what_a_blueprint_answers_itself_is_recorded_all_the_same(
    place: There, layers: tuple[str, ...]
) -> None:
    shop = Blueprint("shop", "shop")

    @shop.errorhandler(Exception)
    def own(error: Exception) -> tuple[str, int]:
        return f"the shop is sorry for {type(error).__name__}", 418

    @shop.get("/mine")
    @login_required
    def mine() -> str:
        return ""

    @shop.get("/twice")
    @public
    def twice() -> str:
        place.db.session.execute(place.db.text("CREATE TABLE one (id INTEGER PRIMARY KEY)"))
        for _ in range(2):
            place.db.session.execute(place.db.text("INSERT INTO one VALUES (1)"))
        return ""

    @shop.get("/broken")
    @public
    def broken() -> str:
        raise LookupError

    if layers:
        place.put_layers(*layers, engine=place.db, principal=lambda: STRANGER)
        with place.app.app_context():
            place.db.create_all()
    else:
        place.put_whole()
    place.app.register_blueprint(shop)
    client = place.app.test_client()
    answers = [client.get(path, base_url=BASE) for path in ("/mine", "/twice", "/broken")]
    assert [answer.status_code for answer in answers] == [418] * 3
    assert [answer.text.split()[-1] for answer in answers] == [
        "AccessDenied",
        "IntegrityError",
        "LookupError",
    ]
    kept, _ = place.app.extensions["bastide"].services.stores.events.list_events(
        EventFilter(), offset=0, limit=9
    )
    told = [str(event.kind) for event in reversed(kept)]
    # What is refused; what the application's database said is the application's beside its own accounts.
    assert told == ["access:check:denied", *([] if layers else ["request:input:refused"])]


@pytest.mark.asvs("V8.2.2")
def test_a_view_that_is_a_class_is_checked_by_its_decorators(
    place: There, caplog: pytest.LogCaptureFixture
) -> None:
    note_class = add_notes(place)

    class NoteView(MethodView):
        decorators = (policy_required(MINE, note_class),)

        def get(self, note: Any) -> str:
            return str(note.text)

        def post(self, note: Any) -> str:
            note.text = "changed"
            place.db.session.commit()
            return "written"

    class OldView(View):
        decorators = (policy_required(MINE, note_class), login_required)

        def dispatch_request(self, page: Any, extra: str) -> str:
            return f"{page.text} {extra}"

    class Bare(MethodView):
        decorators = (policy_required(MINE, note_class),)

        def get(self) -> str:
            return "nothing to check"

    place.put_whole()
    notes = Blueprint("notes", "notes")
    notes.add_url_rule("/notes/<int:note_id>", view_func=NoteView.as_view("note"))
    place.app.register_blueprint(notes)
    place.app.add_url_rule("/old/<int:page_id>/<extra>", view_func=login_required(OldView.as_view("old")))
    place.app.add_url_rule("/bare/<int:bare_id>", view_func=Bare.as_view("bare"))
    write_notes(place, note_class)
    maud, stranger = place.signed_in("maud"), place.browser()
    assert maud.get("/notes/1").text == "of maud"
    assert maud.open("HEAD", "/notes/1").status_code == 200
    assert maud.get("/notes/2").status_code == 404
    assert maud.post("/notes/2").status_code == 404
    assert maud.post("/notes/1").text == "written"
    assert maud.get("/old/1/more").text == "changed more"
    assert stranger.get("/notes/1").status_code == 303
    assert maud.get("/bare/1").status_code == 500
    assert "Bare.get needs an argument for the checked object" in caplog.text


def test_addresses_without_a_view_stay_what_they_are(place: There) -> None:
    pages = Blueprint("pages", "pages", url_prefix="/pages")
    pages.add_url_rule("/elsewhere", endpoint="elsewhere", build_only=True)
    pages.add_url_rule("/later", endpoint="later")
    place.app.register_blueprint(pages)
    place.app.add_url_rule("/", endpoint="index")

    @place.app.route("/hello")
    @public
    def index() -> str:
        return url_for("pages.elsewhere")

    place.put_whole()
    browser = place.browser()
    # Both addresses of the endpoint lead to the view that came later.
    assert browser.get("/").text == browser.get("/hello").text == "/pages/elsewhere"
    assert browser.get("/pages/later").status_code == 404
    assert browser.get("/pages/elsewhere").status_code == 404
    listed = place.app.test_cli_runner().invoke(routes_command).output
    assert "pages.elsewhere" in listed
    matrix = place.app.test_cli_runner().invoke(args=["bastide", "routes"])
    assert (matrix.exit_code, "/hello" in matrix.output, "/pages/later" in matrix.output) == (0, True, False)


def test_a_factory_makes_one_application_for_each_test(tmp_path: Path) -> None:
    def create_app(number: int) -> There:
        made = There(f"sqlite:///{tmp_path / f'{number}.sqlite3'}", TESTING=True)
        made.put_whole()

        @made.app.get("/who")
        @login_required
        def who() -> str:
            return principal().name

        return made

    for number in (1, 2):
        made = create_app(number)
        made.add_account(f"maud{number}")
        assert made.signed_in(f"maud{number}").get("/who").text == f"maud{number}"
        made.close()


@pytest.mark.asvs("V16.5.1")
def test_the_applications_own_error_pages_win_where_it_has_them(place: There) -> None:
    """One for a status is shown for that status; all that it has no page for gets Bastide's."""
    place.put_whole()
    app = place.app

    @app.errorhandler(404)
    def missing(_error: Exception) -> tuple[str, int]:
        return "our own page", 404

    @app.errorhandler(500)
    def broken(_error: Exception) -> tuple[str, int]:
        return "our own apology", 500

    @app.errorhandler(ZeroDivisionError)
    def divided(_error: Exception) -> tuple[str, int]:
        return "divided", 422

    @app.get("/divide")
    @public
    def divide() -> str:
        return str(1 // 0)

    @app.get("/fail")
    @public
    def fail() -> str:
        raise RuntimeError

    @app.get("/who")
    @login_required
    def who() -> str:
        return principal().name

    browser = place.browser()
    assert browser.get("/nowhere").text == "our own page"
    assert browser.get("/divide").text == "divided"
    assert browser.get("/fail").text == "our own apology"
    assert "form-action" in browser.get("/fail").headers["Content-Security-Policy"]
    refused = browser.open("POST", "/account/sign-in")
    assert (refused.status_code, "<html" in refused.text) == (403, True)
    assert browser.open("PUT", "/fail").status_code == 405
    assert browser.get("/who").headers["Location"] == "/account/sign-in?next=/who"


def test_a_session_that_a_test_fills_is_the_one_that_the_view_reads(place: There) -> None:
    from flask import session

    place.put_whole()

    @place.app.get("/count")
    @public
    def count() -> str:
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    client = place.app.test_client()
    with client.session_transaction(base_url=BASE) as values:
        values["count"] = 6
    assert client.get("/count", base_url=BASE).text == "7"
    with client.session_transaction(base_url=BASE) as values:
        assert values["count"] == 7
    assert isinstance(place.app, Flask)
