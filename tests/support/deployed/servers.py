"""Real servers on this machine, each started for one test and stopped by its own process."""

import http.client
import json
import os
import shlex
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from conftest import ROOT

WSGI = {"flask": "support.deployed.flask_site:application", "django": "blog_django.wsgi:application"}
ASGI = "blog_django.asgi:application"
_GUNICORN = '--workers 1 --no-control-socket --forwarded-allow-ips ""'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def commands(framework: str, port: int, *, bind: str = "") -> dict[str, list[str]]:
    """Return how each server is told to serve the blog on a port, or gunicorn on a socket, with what the guide says of it."""
    wsgi, bind = WSGI[framework], bind or f"127.0.0.1:{port}"
    said = {
        "gunicorn gthread": f"gunicorn --bind {bind} {_GUNICORN} --worker-class gthread --threads 4 {wsgi}",
        "gunicorn gevent": f"gunicorn --bind {bind} {_GUNICORN} --worker-class gevent {wsgi}",
        "granian": f"granian --host 127.0.0.1 --port {port} --workers 1 --interface wsgi {wsgi}",
        "hypercorn": f"hypercorn --bind {bind} wsgi:{wsgi}",
        "waitress": f"waitress --listen {bind} --no-clear-untrusted-proxy-headers {wsgi}",
    }
    if framework == "django":
        said["uvicorn"] = f"uvicorn --host 127.0.0.1 --port {port} --no-proxy-headers {ASGI}"
        said["hypercorn asgi"] = f"hypercorn --bind {bind} {ASGI}"
        said["granian asgi"] = f"granian --host 127.0.0.1 --port {port} --workers 1 --interface asgi {ASGI}"
    return {name: [sys.executable, "-W", "ignore", "-m", *shlex.split(line)] for name, line in said.items()}


@contextmanager
def running(command: list[str], where: int | Path, **environment: str) -> Iterator[None]:
    """Run a server until the block ends; it answers when the block begins."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("src", "examples", "tests"))
    server = subprocess.Popen(  # noqa: S603 -- this interpreter, or a server that is installed
        command, env={**os.environ, "PYTHONPATH": path, **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while not _is_listening(where):
            assert server.poll() is None, server.stderr and server.stderr.read()
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.communicate()


def _is_listening(where: int | Path) -> bool:
    is_path = isinstance(where, Path)
    with socket.socket(socket.AF_UNIX if is_path else socket.AF_INET) as probe:
        return probe.connect_ex(str(where) if is_path else ("127.0.0.1", where)) == 0


def environment(url: str, folder: Path, transport: dict[str, Any]) -> dict[str, str]:
    """Return what a served blog reads of its surroundings."""
    return {
        "BLOG_DATABASE_URL": url, "BLOG_SECRET_KEY": "k" * 64, "BLOG_DATA": str(folder), "SITE_TRANSPORT": json.dumps(transport),
        "DJANGO_SETTINGS_MODULE": "support.deployed.django_settings",
    }  # fmt: skip


NGINX = """
{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} {tls};
        {certificate}
        location / {{
            proxy_pass http://{upstream};
            proxy_set_header Host {host};
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto {scheme};
        }}
    }}
}}
"""


@contextmanager
def nginx(
    folder: Path, upstream: int, *, host: str, scheme: str = "$scheme", certificate: tuple[Path, Path] | None
) -> Iterator[int]:
    """Run nginx before a server; give its port."""
    port = free_port()
    folder.mkdir()
    lines = "" if certificate is None else "ssl_certificate {}; ssl_certificate_key {};".format(*certificate)
    text = NGINX.format(
        # Started by root, its workers would be somebody who may not open the socket.
        user="user root;" if os.geteuid() == 0 else "", folder=folder, port=port, upstream=upstream, host=host, scheme=scheme,
        tls="" if certificate is None else "ssl", certificate=lines,
    )  # fmt: skip
    (folder / "nginx.conf").write_text(text)
    with running(
        ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")], port
    ):
        yield port


class Visitor:
    """A browser as far as a server sees one: cookies, an origin, forms with their token."""

    def __init__(self, port: int, *, host: str, is_tls: bool, **headers: str) -> None:
        self._port, self._is_tls = port, is_tls
        self._host, self._headers = host, headers
        self.cookies: dict[str, str] = {}

    @property
    def origin(self) -> str:
        return f"{'https' if self._is_tls else 'http'}://{self._host}"

    def ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        with ExitStack() as undo:
            context = ssl._create_unverified_context()  # noqa: S323, SLF001 -- a certificate of the test's own
            connection: http.client.HTTPConnection = (
                http.client.HTTPSConnection("127.0.0.1", self._port, context=context)
                if self._is_tls
                else http.client.HTTPConnection("127.0.0.1", self._port)
            )
            undo.callback(connection.close)
            sent = {
                "Host": self._host,
                "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            }
            connection.request(method, path, body or None, {**sent, **self._headers, **headers})
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name.strip()] = value
            return answer.status, answer.headers, answer.read().decode()

    def post(self, path: str, **form: str) -> tuple[int, http.client.HTTPMessage, str]:
        from urllib.parse import urlencode

        token = json.loads(self.ask("GET", "/csrf-token")[2])["token"]
        body = urlencode({"csrf_token": token, "csrfmiddlewaretoken": token, **form})
        kind = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.origin,
            "Sec-Fetch-Site": "same-origin",
        }
        return self.ask("POST", path, body, **kind)
