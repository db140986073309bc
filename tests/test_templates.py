"""The shared templates keep to what Jinja2 and Django's engine read alike, and come out the same from both."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bastide.core.output import SafeHtml
from bastide.core.request import Settings
from bastide.pages import (
    TEMPLATES,
    AccountView,
    ActivityPage,
    Choice,
    FieldView,
    FormView,
    Notice,
    Site,
    SiteMessages,
)
from bastide.pages.context import PasskeyEntry, PasskeyView, TokenView
from bastide.pages.resend import Resend
from blog_shared.views.admin import DashboardPage, LockRow, MessagesPage, UserPage, UsersPage, ViolationRow
from blog_shared.views.comments import ModerationPage
from blog_shared.views.frame import BlogUrls, BlogViewer, Link
from blog_shared.views.log import LogPage
from blog_shared.views.mail import MailPage, MailRow
from blog_shared.views.people import AuthorPage, AwayPage, SsnPage
from blog_shared.views.posts import FilesPage, IndexPage, MyPostsPage, PostFormPage, PostPage
from conftest import ROOT
from support.django_blog import set_up
from support.rows import rows

FOLDERS = [ROOT / "examples/blog_shared/templates", TEMPLATES]
EVIL = """<script>alert('x')</script>" onmouseover="alert(1)" & ﬀ"""
NAMES = sorted({str(path.relative_to(folder)) for folder in FOLDERS for path in folder.rglob("*.*")})
PAGES = {
    "blog/files.html": FilesPage, "blog/index.html": IndexPage, "blog/post.html": PostPage, "blog/post_form.html": PostFormPage,
    "blog/my_posts.html": MyPostsPage, "blog/author.html": AuthorPage, "blog/away.html": AwayPage, "blog/ssn.html": SsnPage,
    "blog/moderation.html": ModerationPage, "blog/admin/dashboard.html": DashboardPage,
    "blog/admin/users.html": UsersPage, "blog/admin/user.html": UserPage, "blog/admin/log.html": LogPage,
    "blog/admin/messages.html": MessagesPage, "blog/dev_message.html": MailPage,
}  # fmt: skip
ROWS = {
    "blog/admin/locks.html": LockRow, "blog/admin/csp_reports.html": ViolationRow,
    "blog/dev_mail.html": MailRow,
}  # fmt: skip
TYPES = [*get_args(get_type_hints(FieldView)["type"])]


def sample(kind: Any) -> Any:
    """Return a value of the type with markup in every text."""
    if kind is Markup:
        return SafeHtml("<p>Clean <em>body</em></p>")
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        wanted = {field.name: hints[field.name] for field in fields(kind) if field.init}
        return kind(**{name: sample(hint) for name, hint in wanted.items()})  # type: ignore[operator]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return (sample(arguments[0]), sample(arguments[0]))
    if origin in {Union, UnionType}:
        return sample(next(argument for argument in arguments if argument is not NoneType))
    if origin is Literal:
        return arguments[0]
    return {str: EVIL, int: 1234567, bool: True, datetime: datetime(2026, 1, 1, tzinfo=UTC)}[kind]


def form() -> FormView:
    shown = [
        FieldView(
            name=f"f{number}", label=EVIL, type=kind, value=EVIL, help=EVIL, errors=(EVIL,) if number % 2 else (),
            required=bool(number % 3), min_length=2, max_length=9_000, autocomplete="off",
            choices=(Choice(value=EVIL, label=EVIL), Choice(value="b", label="B")),
        )
        for number, kind in enumerate(TYPES)
    ]  # fmt: skip
    hidden = tuple(field for field in shown if field.type == "hidden")
    return FormView(action="/x?a=1&b=2", submit=EVIL, fields=tuple(shown), hidden=hidden, errors=(EVIL,))


def context(name: str, *, is_signed_in: bool) -> dict[str, Any]:
    entries = [{"title": EVIL, "url": "/a?b=1&c=2", "author": EVIL, "at": "2026-01-01", "html": EVIL}]
    viewer = sample(BlogViewer) if is_signed_in else BlogViewer()
    return {
        "t": SiteMessages(Settings()), "site": sample(Site), "url": sample(BlogUrls), "viewer": viewer, "form": form(),
        "messages": [Notice(level="error", text=EVIL), Notice(level="info", text="Done")],
        "csrf_field": SafeHtml('<input type="hidden" name="t" value="v">'), "csp_nonce": "bm9uY2U",
        "request_id": "abc", "account": sample(AccountView), "activity": sample(ActivityPage), "status": 404, "title": EVIL, "text": EVIL,
        "sections": (sample(Link), Link(label="B", url="/b")), "entries": entries, "updated": "2026",
        "feed_id": "/feed?a=1&b=2", "page": sample(PAGES[name]) if name in PAGES else None,
        "rows": (sample(ROWS[name]),) if name in ROWS else (), "passkey": sample(PasskeyEntry),
        "resend": sample(Resend), "way_out": "confirm" if is_signed_in else "sign_in",
        "passkeys": (sample(PasskeyView), replace(sample(PasskeyView), last_used="")), "is_on": True,
        "has_authenticator": is_signed_in, "offers_authenticator": True, "codes_left": 9, "is_full": not is_signed_in, "name_length": 60, "term_length": 100, "options_url": "/o?a=1&b=2",
        "rename_url": "/r", "remove_url": "/d", "revoke_url": "/v", "all": "all", "token": EVIL,
        "tokens": (sample(TokenView), replace(sample(TokenView), last_used="")), "summary": sample(TokenView),
    }  # fmt: skip


@pytest.fixture(scope="module")
def jinja() -> Environment:
    return Environment(loader=FileSystemLoader(FOLDERS), autoescape=True)


@pytest.fixture(scope="module")
def django_engine() -> Any:
    set_up()
    from django.template import Engine

    return Engine(dirs=[str(folder) for folder in FOLDERS], autoescape=True)


def squeezed(html: str) -> str:
    """Return the markup without what white space and the two spellings of an escaped quote change."""
    for left, right in (("&#39;", "'"), ("&#x27;", "'"), ("&#34;", "&quot;")):
        html = html.replace(left, right)
    return re.sub(r"\s+", " ", re.sub(r"\s*([<>])\s*", r"\1", html)).strip()


@pytest.mark.asvs("V1.2.1")
@rows("is_signed_in", [True, False])
@rows("name", [name for name in NAMES if not Path(name).name.startswith("_")])
def test_both_engines_render_the_same(
    jinja: Environment,
    django_engine: Any,
    name: str,
    is_signed_in: bool,  # noqa: FBT001
) -> None:
    from django.template import Context

    values = context(name, is_signed_in=is_signed_in)
    ours = jinja.get_template(name).render(values)
    theirs = django_engine.get_template(name).render(Context(values))
    assert squeezed(ours) == squeezed(theirs)
    assert "<script>alert" not in ours
    assert 'onmouseover="alert' not in squeezed(ours).replace("&quot;", "")


ALLOWED = re.compile(
    r"(if|elif) .+|else|endif|for \w+ in [\w.]+|endfor|block \w+|endblock|(extends|include) \"[\w/]+\.html\""
)
EXPRESSION = re.compile(r"\w+(\.\w+)*")


def pieces() -> Iterator[tuple[str, str, str]]:
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.*")):
            for kind, piece in re.findall(
                r"(\{\{|\{%)-?\s*(.*?)\s*-?[%}]\}", path.read_text(encoding="utf-8")
            ):
                yield path.name, kind, piece


def test_templates_use_only_what_both_engines_read() -> None:
    """No filter, no call, no set: what a page needs is worked out before it."""
    strays = [
        (name, piece) for name, kind, piece in pieces()
        if not (EXPRESSION if kind == "{{" else ALLOWED).fullmatch(piece)
    ]  # fmt: skip
    assert strays == []
