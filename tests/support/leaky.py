"""Views as nobody should write them: statements and pages with values of the request in them."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# What each way makes of the value: the text of a statement, before any driver sees it.
STATEMENTS: Mapping[str, Callable[[str], str]] = {
    "literal": lambda value: f"SELECT title FROM post WHERE title = '{value}'",
    "pattern": lambda value: f"SELECT title FROM post WHERE title LIKE '%{value.lower()}%'",
    "number": lambda value: f"SELECT title FROM post WHERE id = {value}",
    "order": lambda value: f"SELECT title FROM post ORDER BY {value}",
    "comment": lambda value: f"/* {value} */ SELECT title FROM post",
    "by hand": lambda value: "SELECT title FROM post WHERE title = '{}'".format(value.replace("'", "''")),
    "cut": lambda value: f"SELECT title FROM post WHERE title = '{value[:40]}'",
    "words": lambda value: (
        "SELECT title FROM post WHERE " + " AND ".join(f"title LIKE '%{word}%'" for word in value.split())
    ),
}
PAGES: Mapping[str, Callable[[str], str]] = {
    "text": lambda value: f"<p>{value}</p>",
    "attribute": lambda value: f'<input value="{value}">',
    "unquoted": lambda value: f"<input value={value}>",
    "address": lambda value: '<a href="{}">x</a>'.format(value.replace('"', "&quot;")),
    "script": lambda value: f'<script>var x = "{value}";</script>',
}


def _sent(request: Any) -> Any:
    if "X-Stream" in request.headers:
        return json.load(request.stream)["v"]
    if request.method in {"POST", "PUT"}:
        return request.get_json()["v"] if request.is_json else request.form["v"]
    return request.headers.get("X-Value") or request.cookies.get("v") or request.args.get("v", "")


def flask_routes(app: Any) -> None:
    """Add the views to an application that has not answered yet."""
    from flask import request
    from sqlalchemy import literal_column, select, text

    from bastide import EventKind, Outcome
    from bastide.flask import csrf_exempt, public, record
    from blog_flask.database import db
    from blog_flask.models import Post

    @public
    @csrf_exempt
    def run(way: str, driver: str = "text") -> Any:
        value = _sent(request)
        sql = STATEMENTS[way](value)
        if driver == "cursor":
            rows = db().connection().exec_driver_sql(sql)
        elif driver == "orm":
            rows = db().execute(select(Post.title).order_by(literal_column(value)))
        elif driver == "raw":
            rows = db().execute(select(Post.title).where(text(value)))
        else:
            rows = db().execute(text(sql.replace(":", r"\:")))
        return {"rows": [row[0] for row in rows]}

    @public
    def show(way: str) -> Any:
        return PAGES[way](request.args["v"])

    engine = app.extensions["bastide"].engine

    @public
    def stream() -> Any:
        value = request.args["v"]

        def rows() -> Iterator[str]:
            yield "begun,"
            record(EventKind.ACCESS_DENIED, Outcome.NOTED, target="stream")
            with engine.connect() as connection:
                for row in connection.execute(text(STATEMENTS["literal"](value))):
                    yield row[0]

        return app.response_class(rows(), mimetype="text/plain")

    app.add_url_rule("/leaky/stream", "leaky_stream", stream)
    app.add_url_rule("/leaky/run/<way>", "leaky_run", run, methods=["GET", "POST", "PUT"])
    app.add_url_rule("/leaky/run/<way>/<driver>", "leaky_driver", run)
    app.add_url_rule("/leaky/show/<way>", "leaky_show", show)
    app.extensions["bastide"].seal()
