"""Around Flask's WSGI application: the exchange, the proxies, and the headers of every answer."""

from collections.abc import Callable
from typing import Any

from werkzeug.wsgi import FileWrapper

from bastide.core.http import Header, Peer, resolve_peer
from bastide.core.request import Exchange
from bastide.flask.bodies import ChunkedBody
from bastide.flask.installed import Installed
from bastide.flask.state import EXCHANGE_KEY, open_exchange
from bastide.flask.streams import Stream
from bastide.pages import speaking


class Gate:
    """Around Flask's WSGI application: what must hold for every answer, whatever went wrong inside."""

    def __init__(self, installed: Installed, inner: Callable[..., Any]) -> None:
        self._installed = installed
        self._inner = inner
        self._proxies = installed.services.settings.transport.proxies

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer one request (PEP 3333)."""
        self._installed.ensure_sealed()
        if EXCHANGE_KEY in environ:
            # Another application called this one; who acts there is nobody here.
            environ = {**environ}
            del environ[EXCHANGE_KEY]
        self._resolve_peer(environ)
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = ChunkedBody(environ["wsgi.input"])
        exchange = open_exchange(self._installed.services, environ)

        def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
            _finish(exchange, headers)
            return start_response(status, headers, exc_info)

        try:
            with speaking(self._installed.translations):
                body = self._inner(environ, start)
        finally:
            exchange.keep_events()
        # What a server sends by itself runs no code of the application.
        return body if isinstance(body, FileWrapper) else Stream(body, environ)

    def _resolve_peer(self, environ: dict[str, Any]) -> None:
        peer = resolve_peer(
            Peer(environ.get("REMOTE_ADDR", ""), environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")),
            forwarded_for=environ.get("HTTP_X_FORWARDED_FOR"),
            forwarded_proto=environ.get("HTTP_X_FORWARDED_PROTO"),
            forwarded_host=environ.get("HTTP_X_FORWARDED_HOST"),
            proxies=self._proxies,
        )
        environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"] = peer


def _finish(exchange: Exchange, headers: list[Header]) -> None:
    present = {name.lower() for name, _ in headers}
    if exchange.is_private and "cache-control" in present:
        headers[:] = [header for header in headers if header[0].lower() != "cache-control"]
    headers += exchange.extra_headers(present)
    headers += exchange.cookie_headers()
