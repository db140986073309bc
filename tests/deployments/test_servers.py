"""The blogs on the servers that people deploy them with, and behind nginx: signing in, refusals, whose address counts."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bastide.core.security_log import EventFilter, EventKind
from bastide.testing import FrozenClock
from blog_shared.certificate import make_certificate
from conftest import ROOT, make_blog
from support.blog import PASSWORD, Blog
from support.deployed.servers import NGINX, Visitor, commands, environment, free_port, nginx, running
from support.tools import find_tool

SERVERS = [
    *((framework, server) for framework in ("flask", "django") for server in ("gunicorn gthread", "gunicorn gevent", "granian", "hypercorn", "waitress")),
    ("django", "uvicorn"), ("django", "granian asgi"), ("django", "hypercorn asgi"),
]  # fmt: skip


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'blog.sqlite3'}"


@pytest.fixture
def behind(framework: str, url: str, tmp_path: Path) -> Iterator[Blog]:
    """What stands behind the server: the same database, in this process."""
    blog = make_blog(url, tmp_path, FrozenClock(), framework=framework)
    blog.add_account("maud")
    yield blog
    blog.close()


def last_address(blog: Blog, kind: EventKind) -> str:
    events, _ = blog.services.stores.events.list_events(
        EventFilter(kinds=frozenset({kind})), offset=0, limit=1
    )
    return events[0].address


def visit(visitor: Visitor) -> None:
    """Sign in, look at what is one's own, sign out."""
    assert visitor.ask("GET", "/account")[0] == 303
    assert visitor.post("/account/sign-in", name="maud", password="wrong " + PASSWORD, next="")[0] == 403
    assert visitor.post("/account/sign-in", name="maud", password=PASSWORD, next="")[0] == 303
    assert visitor.ask("GET", "/account")[0] == 200
    assert visitor.post("/account/sign-out")[0] == 303
    assert visitor.ask("GET", "/account")[0] == 303


@pytest.mark.parametrize(("framework", "server"), SERVERS)
def test_each_server_serves_the_blog_and_believes_nobody_s_forwarded_headers(
    framework: str, server: str, behind: Blog, url: str, tmp_path: Path
) -> None:
    port = free_port()
    transport = {"allowed_hosts": ["localhost"], "plain_http_hosts": ["localhost"]}
    with running(commands(framework, port)[server], port, **environment(url, tmp_path, transport)):
        visitor = Visitor(port, host=f"localhost:{port}", is_tls=False)
        visit(visitor)
        assert last_address(behind, EventKind.LOGIN_SUCCESS) == "127.0.0.1"
        status, headers, _ = visitor.ask(
            "GET", "/", **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        )
        assert (status, headers["Strict-Transport-Security"]) == (200, None)
        assert visitor.ask("GET", "/", Host="evil.example")[0] == 400
        assert last_address(behind, EventKind.HOST_REFUSED) == "127.0.0.1"


BEHIND = {"allowed_hosts": ["blog.example"], "proxies": 1}


@pytest.mark.asvs("V4.1.3", "V15.3.4", "V12.3.2")
@pytest.mark.parametrize(
    ("framework", "server", "host"),
    [
        *((framework, server, "$http_host") for framework, server in SERVERS),
        *((framework, "gunicorn gthread", host) for framework in ("flask", "django") for host in ("$host", "$host:443")),
    ],
)  # fmt: skip
def test_behind_nginx_forms_work_and_the_client_s_address_counts(
    framework: str, server: str, host: str, behind: Blog, url: str, tmp_path: Path
) -> None:
    find_tool("nginx", package="nginx")
    port = free_port()
    with (
        running(commands(framework, port)[server], port, **environment(url, tmp_path, BEHIND)),
        nginx(
            tmp_path / "nginx", f"127.0.0.1:{port}", host=host, certificate=make_certificate(tmp_path)
        ) as front,
    ):
        visit(Visitor(front, host="blog.example", is_tls=True, **{"X-Forwarded-For": "203.0.113.9"}))
        assert last_address(behind, EventKind.LOGIN_SUCCESS) == "127.0.0.1"
        assert Visitor(port, host="blog.example", is_tls=False).ask("GET", "/")[0] == 308, "around the proxy"


def test_behind_a_unix_socket_the_proxy_s_word_is_the_address(
    framework: str, behind: Blog, url: str, tmp_path: Path
) -> None:
    find_tool("nginx", package="nginx")
    path = tmp_path / "site.sock"
    command = commands(framework, 0, bind=f"unix:{path}")["gunicorn gthread"]
    with (
        running(command, path, **environment(url, tmp_path, BEHIND)),
        nginx(
            tmp_path / "nginx", f"unix:{path}", host="$http_host", certificate=make_certificate(tmp_path)
        ) as front,
    ):
        visit(Visitor(front, host="blog.example", is_tls=True, **{"X-Forwarded-For": "203.0.113.9"}))
        assert last_address(behind, EventKind.LOGIN_SUCCESS) == "127.0.0.1"


@pytest.mark.asvs("V4.1.3", "V15.3.4")
def test_behind_two_proxies_of_which_the_inner_one_passes_the_scheme_on(
    framework: str, behind: Blog, url: str, tmp_path: Path
) -> None:
    find_tool("nginx", package="nginx")
    port, scheme = free_port(), "$http_x_forwarded_proto"
    transport = {"allowed_hosts": ["blog.example"], "proxies": 2}
    with (
        running(commands(framework, port)["gunicorn gthread"], port, **environment(url, tmp_path, transport)),
        nginx(
            tmp_path / "inner", f"127.0.0.1:{port}", host="$http_host", scheme=scheme, certificate=None
        ) as inner,
        nginx(
            tmp_path / "outer", f"127.0.0.1:{inner}", host="$host", certificate=make_certificate(tmp_path)
        ) as front,
    ):
        forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
        visit(Visitor(front, host="blog.example", is_tls=True, **forged))
        assert last_address(behind, EventKind.LOGIN_SUCCESS) == "127.0.0.1"


def test_over_https_on_this_machine_forms_work_as_the_readme_says(framework: str, tmp_path: Path) -> None:
    port = free_port()
    line = f"-W ignore -m blog_{framework} --https --port {port} --data {tmp_path}"
    with running([sys.executable, *line.split()], port):
        visitor = Visitor(port, host=f"localhost:{port}", is_tls=True)
        status, _, page = visitor.post("/account/sign-in", name="maud", password="wrong " + PASSWORD, next="")
        assert (status, "form is too old" in page, "do not fit together" in page) == (403, False, True)
        assert set(visitor.cookies) == {"__Host-visitor"}


def test_the_guide_says_what_the_servers_here_are_told() -> None:
    guide = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    told = {
        word for framework in ("flask", "django") for line in commands(framework, 1).values() for word in line
    }
    for flag in ("--forwarded-allow-ips", "--no-proxy-headers", "--no-clear-untrusted-proxy-headers"):
        assert flag in told
        assert f"`{flag}" in guide
    for header in ("X-Forwarded-For $proxy_add_x_forwarded_for;", "X-Forwarded-Proto $scheme;"):
        assert f"proxy_set_header {header}" in guide
        assert header.split()[0] in NGINX
