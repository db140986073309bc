"""A blog on a real port."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from support.blog import Blog


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served_at(blog: Blog) -> Iterator[str]:
    """Serve until the block ends; give the origin."""
    server: WSGIServer = make_server("127.0.0.1", 0, blog.application, handler_class=Quiet)

    def serve() -> None:
        server.serve_forever()
        blog.leave_thread()

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        blog.close()
