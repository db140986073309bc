"""Deployments as they are: proxies, hosts with ports, mounts, health checks, two applications on one host, keys that roll."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bastide.flask import probe
from bastide.testing import FrozenClock
from conftest import make_blog
from support import django_blog
from support.again import Again, send
from support.authenticator import SoftKey
from support.blog import Blog, Browser
from support.rows import rows

Deploy = Callable[..., Blog]


@pytest.fixture
def probed(framework: str, deploy: Deploy) -> Iterator[Blog]:
    """The blog with a health check under ``/healthy``."""
    if framework == "flask":
        blog = deploy()
        blog.application.add_url_rule("/healthy", "healthy", probe(lambda: ("", 204)))
        blog.application.extensions["bastide"].seal()
        yield blog
        return
    django_blog.set_up()
    from django.test import override_settings

    with override_settings(ROOT_URLCONF="support.more_urls"):
        blog = deploy()
        yield blog
        # Within: what it changed of the settings is put back before these are.
        blog.close()


@pytest.fixture
def deploy(framework: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Deploy]:
    """Make a blog under other settings, at the same database each time."""
    made: list[Blog] = []

    def make(
        transport: dict[str, Any] | None = None, keys: dict[str, Any] | None = None, **settings: Any
    ) -> Blog:
        local = frozenset({"localhost"})
        known = {"allowed_hosts": local | {"blog.example"}, "plain_http_hosts": local, **(transport or {})}
        url = f"sqlite:///{tmp_path / 'blog.sqlite3'}"
        blog = make_blog(
            url,
            tmp_path,
            clock,
            framework=framework,
            settings={"transport": known, **settings},
            **(keys or {}),
        )
        made.append(blog)
        return blog

    yield make
    for blog in reversed(made):
        blog.close()


def lock_out(browser: Browser, name: str) -> None:
    for number in range(6):
        browser.sign_in(name, "wrong horse battery staple", environ={"REMOTE_ADDR": f"198.51.100.{number}"})


@pytest.mark.asvs("V4.1.3", "V15.3.4")
def test_two_proxies_of_which_one_sets_the_scheme_anew_lead_nobody_in_circles(deploy: Deploy) -> None:
    browser = deploy({"proxies": 2}).browser()
    sent = {
        "Host": "blog.example",
        "X-Forwarded-For": "203.0.113.7, 198.51.100.9",
        "X-Forwarded-Proto": "https",
    }
    assert browser.get("/", headers=sent).status_code == 200
    assert "Strict-Transport-Security" in browser.get("/", headers=sent).headers
    around = browser.get("/", headers={**sent, "X-Forwarded-For": "203.0.113.7"})
    assert (around.status_code, around.headers["Location"]) == (308, "https://blog.example/")


@pytest.mark.asvs("V3.5.1")
def test_a_proxy_that_passes_the_port_of_https_on_breaks_no_form(deploy: Deploy) -> None:
    blog = deploy()
    blog.add_account("maud")
    browser = blog.browser()
    there = {"base_url": "https://blog.example", "headers": {"Host": "blog.example:443"}}
    page = browser.get("/csrf-token", **there)
    form = {browser.token_field: page.get_json()["token"], "name": "maud", "password": "x" * 20, "next": ""}
    cookies = "; ".join(header.partition(";")[0] for header in page.headers.getlist("Set-Cookie"))
    environ = {"HTTP_COOKIE": cookies}

    def post(origin: str) -> int:
        headers = {"Host": "blog.example:443", "Origin": origin, "Sec-Fetch-Site": "same-origin"}
        return browser.open(
            "POST", "/account/sign-in", data=form, base_url="https://blog.example", headers=headers, environ=environ
        ).status_code  # fmt: skip

    wrong_password = 403
    assert post("https://blog.example") == wrong_password
    assert "account:login:failure" in blog.kinds()
    refused = blog.kinds().count("request:csrf:refused")
    for foreign in ("https://blog.example:8443", "http://blog.example", "https://evil.example"):
        assert post(foreign) == 403
    assert blog.kinds().count("request:csrf:refused") == refused + 3


def test_ports_that_no_machine_has_are_no_hosts(deploy: Deploy) -> None:
    browser = deploy().browser()
    for host in ("blog.example:70000", "blog.example:444", "localhost:65536"):
        assert browser.get("/", base_url="https://blog.example", headers={"Host": host}).status_code == 400
    assert browser.get("/", headers={"Host": "localhost:65535"}).status_code == 200


@pytest.mark.asvs("V6.3.1")
def test_behind_a_socket_without_addresses_one_person_shuts_the_way_in_for_nobody_else(
    deploy: Deploy,
) -> None:
    blog = deploy()
    blog.add_account("maud")
    nowhere = {"environ": {"REMOTE_ADDR": ""}}
    stranger = blog.browser()
    for number in range(30):
        stranger.sign_in(f"nobody{number}", "wrong horse battery staple", **nowhere)
    assert blog.browser().sign_in("maud", **nowhere).status_code == 303
    for _ in range(6):
        stranger.sign_in("maud", "wrong horse battery staple", **nowhere)
    assert blog.browser().sign_in("maud", **nowhere).status_code == 429, (
        "the budget of a name holds without an address"
    )


def test_two_applications_on_one_host_sign_each_other_s_people_out_of_nothing(deploy: Deploy) -> None:
    names = {kind: f"__Host-shop-{kind}" for kind in ("session", "device", "visitor")}
    blog = deploy(cookies=names)
    browser = blog.signed_in("maud")
    browser.set_cookie("__Host-session", "anothers")
    assert browser.get("/account").status_code == 200
    assert browser.cookie("__Host-session") == "anothers"
    assert browser.cookie("__Host-shop-session")
    assert browser.cookie("__Host-shop-device")
    browser.post("/account/sign-out")
    assert browser.cookie("__Host-session") == "anothers"
    assert browser.get("/account").status_code == 303


@pytest.mark.asvs("V14.3.1")
def test_signing_out_takes_no_cookie_but_the_session_s(deploy: Deploy) -> None:
    blog = deploy()
    browser = blog.signed_in("maud")
    device = browser.cookie("__Host-device")
    answer = browser.post("/account/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert [header.partition("=")[0].strip() for header in answer.headers.getlist("Set-Cookie")] == [
        "__Host-session"
    ]
    assert browser.cookie("__Host-device") == device
    lock_out(blog.browser(), "maud")
    assert browser.sign_in("maud").status_code == 303, "the owner's own device has a lane of its own"


@pytest.mark.asvs("V4.1.2", "V12.2.1")
@rows(
    ("host", "elsewhere"),
    [("10.0.0.7", 400), ("10.0.0.7:8000", 400), ("[fd00::7]:8000", 400), ("", 400), ("evil.example", 400), ("blog.example", 308)],
)  # fmt: skip
def test_health_checks_answer_by_address_and_over_plain_http_and_nothing_else_does(
    probed: Blog, host: str, elsewhere: int
) -> None:
    browser = probed.browser()
    for method in ("GET", "HEAD"):
        asked = browser.open(method, "/healthy", headers={"Host": host})
        assert (asked.status_code, asked.data) == (204, b"")
        assert "Set-Cookie" not in asked.headers
        for path in ("/", "/account/sign-in", "/no-such-page", "/healthy/more", "/static/blog.css"):
            assert browser.open(method, path, headers={"Host": host}).status_code == elsewhere, path
    assert browser.open("POST", "/healthy", headers={"Host": host}).status_code != 204
    assert browser.open("POST", "/account/sign-in", headers={"Host": host}).status_code == 400
    assert browser.get("/healthy", base_url="https://blog.example").status_code == 204


def test_browsers_get_reports_through_over_plain_http(deploy: Deploy) -> None:
    browser = deploy().browser()
    plain = browser.get("/")
    assert plain.headers["Content-Security-Policy"].endswith("; report-uri /csp-reports")
    assert "Reporting-Endpoints" not in plain.headers
    secure = browser.get("/", base_url="https://blog.example")
    assert secure.headers["Content-Security-Policy"].endswith("; report-uri /csp-reports; report-to bastide")
    assert secure.headers["Reporting-Endpoints"] == 'bastide="/csp-reports"'


def test_below_a_mount_every_way_on_carries_its_prefix(deploy: Deploy) -> None:
    browser = deploy().browser()
    mounted = {"environ": {"SCRIPT_NAME": "/app"}}
    asked = browser.get("/account/devices?page=2", **mounted)
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/app/account/sign-in?next=/app/account/devices?page%3D2"
    plain = browser.get("/posts?page=2", base_url="http://blog.example", **mounted)
    assert (plain.status_code, plain.headers["Location"]) == (308, "https://blog.example/app/posts?page=2")


@pytest.mark.asvs("V3.4.7")
@rows(
    ("mount", "place"),
    [("/app", "/app/csp-reports"), ("/app/", "/app/csp-reports"), ("//evil.example", "/evil.example/csp-reports"),
     ("/caf\u00c3\u00a9", "/caf%C3%A9/csp-reports"), ("/a; script-src 'unsafe-inline'", "/a%3B%20script-src%20%27unsafe-inline%27/csp-reports"),
     ('/a,b"c', "/a%2Cb%22c/csp-reports")],
)  # fmt: skip
def test_browsers_report_below_the_mount(deploy: Deploy, mount: str, place: str) -> None:
    browser = deploy().browser()
    environ = {"SCRIPT_NAME": mount}
    plain = browser.get("/", environ=environ)
    assert plain.headers["Content-Security-Policy"].endswith(f"; report-uri {place}")
    secure = browser.get("/account/sign-in", base_url="https://blog.example", environ=environ)
    assert secure.headers["Content-Security-Policy"].endswith(f"; report-uri {place}; report-to bastide")
    assert secure.headers["Reporting-Endpoints"] == f'bastide="{place}"'
    report = {
        "csp-report": {
            "document-uri": "http://localhost/app/",
            "effective-directive": "img-src",
            "blocked-uri": "inline",
        }
    }
    asked = browser.open(
        "POST",
        "/csp-reports",
        data=json.dumps(report),
        content_type="application/csp-report",
        environ=environ,
    )
    assert asked.status_code == 204


@pytest.mark.own_factors
def test_passkeys_outlive_the_secret_key_without_a_former_one(deploy: Deploy) -> None:
    key, owner = SoftKey(), deploy(keys={"secret_key": "o" * 64}).signed_in("maud")
    sent = key.create(owner.post("/account/passkeys/options").get_json())
    assert owner.post("/account/passkeys", {"name": "My key", "credential": sent}).status_code == 200
    stranger = deploy(keys={"secret_key": "n" * 64}).browser()
    shown = key.get(stranger.post("/account/sign-in/passkey/options").get_json())
    answer = stranger.post("/account/sign-in/passkey", {"credential": shown, "next": ""})
    assert answer.status_code == 303
    assert stranger.get("/account").status_code == 200


def test_forms_and_known_devices_outlive_the_secret_key(deploy: Deploy) -> None:
    old, new = "o" * 64, "n" * 64
    before = deploy(keys={"secret_key": old})
    browser, _ = before.signed_in("maud"), before.signed_in("maud")
    form = {browser.token_field: browser.token(), "session": "others"}
    stranger = before.browser()
    waiting = {stranger.token_field: stranger.token(), "name": "maud", "password": "x" * 20, "next": ""}

    visitor = str(stranger.cookie("__Host-visitor"))

    def go_on(**keys: Any) -> tuple[int, int]:
        """Post the forms that were opened before: of somebody signed in, and of a stranger."""
        after = deploy(keys=keys)
        for one in (browser, stranger):
            one.client.application = after.application
        # A refusal gives the form back with a token of today's, and a cookie that goes with it.
        stranger.set_cookie("__Host-visitor", visitor)
        headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        assert browser.get("/account").status_code == 200, "sessions know no secret key"
        return (
            browser.open("POST", "/account/devices", data=form, headers=headers).status_code,
            stranger.open("POST", "/account/sign-in", data=waiting, headers=headers).status_code,
        )

    wrong_password, forged = 403, 403
    assert go_on(secret_key=new) == (forged, forged)
    assert go_on(secret_key=new, former_secret_keys=[old]) == (303, wrong_password)
    after = deploy(keys={"secret_key": new, "former_secret_keys": [old]})
    assert after.kinds().count("account:login:failure") == 1
    browser.client.application = after.application
    assert browser.post("/account/sign-out").status_code == 303
    lock_out(after.browser(), "maud")
    assert after.browser().sign_in("maud").status_code == 429
    assert browser.sign_in("maud").status_code == 303


def test_a_form_whose_key_rolled_away_is_given_back(deploy: Deploy) -> None:
    before = deploy(keys={"secret_key": "o" * 64})
    browser = before.signed_in("maud", "author", "reader")
    form = {browser.token_field: browser.token(), "title": "Green tea", "content": "Ten letters.", "tags": ""}
    browser.client.application = deploy(keys={"secret_key": "n" * 64}).application
    page = send(browser, "/posts/new", form)
    assert page.status_code == 403
    assert send(browser, "/posts/new", Again(page).of_kind("hidden")).status_code == 303
    assert [tuple(row) for row in before.rows("SELECT title FROM post")] == [("Green tea",)]


def test_a_signed_in_browser_keeps_static_files_and_no_page(deploy: Deploy) -> None:
    browser = deploy().signed_in("maud")
    for path in ("/static/blog.css", "/bastide/static/bastide.css"):
        first = browser.get(path)
        assert first.status_code == 200
        assert "no-store" not in first.headers.get("Cache-Control", "")
        asked = {"If-Modified-Since": first.headers["Last-Modified"]}
        if "ETag" in first.headers:
            asked = {"If-None-Match": first.headers["ETag"]}
        assert browser.get(path, headers=asked).status_code == 304
    assert browser.get("/account").headers["Cache-Control"] == "no-store, private"
    assert browser.get("/").headers["Cache-Control"] == "no-store, private"
