"""The ready account pages as the blueprint ``accounts``."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import (
    Blueprint,
    Flask,
    abort,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from bastide.core.access import declare
from bastide.core.foundation import InvalidInput
from bastide.core.request import Exchange, Settings
from bastide.flask.guards import csrf_exempt
from bastide.flask.state import current_exchange
from bastide.pages import STATIC
from bastide.pages.accounts import account_routes, report_route
from bastide.pages.answers import whole_seconds
from bastide.pages.visits import AccountRoute, Data, Done, GoTo, Page, Result


class FlaskVisit:
    """The request at hand; see ``Visit``."""

    @property
    def exchange(self) -> Exchange:
        """See ``Visit``."""
        return current_exchange()

    @property
    def path(self) -> str:
        """See ``Visit``."""
        return request.script_root + request.path

    @property
    def next(self) -> str:
        """See ``Visit``."""
        return request.args.get("next", "")

    @property
    def query(self) -> Mapping[str, Sequence[str]]:
        """See ``Visit``."""
        return dict(request.args.lists())

    @property
    def sent(self) -> Mapping[str, Sequence[str]] | None:
        """See ``Visit``."""
        return dict(request.form.lists()) if request.method == "POST" else None

    @property
    def content_type(self) -> str:
        """See ``Visit``."""
        return request.content_type or ""

    def body(self, max_size_bytes: int) -> bytes:
        """See ``Visit``."""
        if (request.content_length or 0) > max_size_bytes:
            raise InvalidInput("body", "too_long", max=max_size_bytes)
        return request.get_data()

    def url(self, page: str, **arguments: str) -> str:
        """See ``Visit``."""
        return f"{request.script_root}/" if page == "home" else self._url_for(page, **arguments)

    def absolute_url(self, page: str, **arguments: str) -> str:
        """See ``Visit``."""
        return self._url_for(page, _external=True, **arguments)

    @staticmethod
    def _url_for(page: str, **values: Any) -> str:
        return url_for(f"accounts.{page}", **values)


VISIT = FlaskVisit()


def make_blueprint(settings: Settings) -> Blueprint:
    """Return the blueprint with every page that the settings open."""
    blueprint = Blueprint("accounts", __name__, static_folder=str(STATIC), static_url_path="/bastide/static")
    for route in account_routes(settings):
        blueprint.add_url_rule(f"/{route.path}", route.name, _view(route), methods=list(route.methods))
    return blueprint


def add_report_route(app: Flask, settings: Settings) -> None:
    """Take browsers' reports in an application with accounts of its own."""
    route = report_route(settings)
    app.add_url_rule(f"/{route.path}", f"bastide_{route.name}", _view(route), methods=list(route.methods))


def _view(route: AccountRoute) -> Any:
    def view(**arguments: str) -> ResponseReturnValue:
        return _send(route.view(VISIT, **arguments))

    ruled = declare(view, route.rule)
    return csrf_exempt(ruled) if route.is_csrf_exempt else ruled


def _send(result: Result) -> ResponseReturnValue:  # noqa: RET503 -- abort never returns
    match result:
        case Page(template=template, context=context, status=status, retry_after=wait):
            response = make_response(render_template(f"bastide/{template}.html", **context), status)
            if wait is not None:
                response.headers["Retry-After"] = str(whole_seconds(wait))
            return response
        case GoTo(url=url, notice=notice):
            if notice is not None:
                flash(notice.text, notice.level)
            return redirect(url, 303)
        case Data(values=values):
            return jsonify(values)
        case Done():
            return "", 204
        case _:
            abort(404)
