"""What belongs to Flask: `bastide.flask`."""

from typing import Any, assert_type

from flask import Flask
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from bastide import (
    SSN,
    AppEventKind,
    Audience,
    EventKind,
    Exchange,
    FolderStorage,
    FormView,
    JsonBody,
    Mailer,
    Outcome,
    Owns,
    Principal,
    Rate,
    Services,
    SortMap,
    TextRule,
    Upload,
)
from bastide.flask import (
    Bastide,
    EncryptedBytes,
    EncryptedText,
    Form,
    RuleField,
    RuleText,
    api,
    contains,
    current_exchange,
    draw_rate,
    form_view,
    installed_in,
    json_body,
    login_required,
    note_change,
    order_by,
    owner_required,
    permission_required,
    policy_required,
    principal,
    public,
    receive_upload,
    record,
    visible,
)
from blog_flask.models import Comment, Post, User

OWN = Owns("author_id")


class ShopEvent(AppEventKind):
    PLACED = "shop:order:placed", "an order was placed"


@public
def greet(name: str) -> str:
    return name


@api
@permission_required("write_post")
@login_required
def count(number: int) -> dict[str, int]:
    return {"number": number}


@policy_required(OWN, Post, visible=OWN, audience=Audience.EVERYBODY)
def edit(post: Post, name: str = "") -> tuple[str, int]:
    return post.title, 200


@owner_required("author_id", Post)
def remove(post: Post) -> str:
    return post.title


@policy_required(OWN, Post)  # error: arg-type
def edit_another_model(comment: Comment) -> str:
    return comment.body


def rules() -> None:
    assert_type(greet("Maud"), str)
    assert_type(count(3), dict[str, int])
    assert_type(edit(post_id=3), tuple[str, int])
    assert_type(remove(post_id=3), str)
    greet(3)  # error: arg-type
    count("3")  # error: arg-type
    policy_required("author_id", Post)  # error: arg-type
    policy_required(OWN)  # error: call-arg
    policy_required(OWN, Post, audience="everybody")  # error: arg-type
    permission_required(greet)  # error: arg-type


def the_request(body: JsonBody, kind: EventKind, rate: Rate) -> None:
    assert_type(principal(), Principal)
    assert_type(current_exchange(), Exchange)
    assert_type(current_exchange().services, Services)
    assert_type(json_body(body), dict[str, Any])
    assert_type(receive_upload("note:7", fields=("caption",)), Upload)
    with note_change("number") as session:
        assert_type(session, Session)
    draw_rate(rate)
    draw_rate("contact")  # error: arg-type
    record(kind, Outcome.SUCCESS, target="post:7", words="3")
    record(kind, "success")  # error: arg-type
    record(kind, words=3)  # error: arg-type
    record(ShopEvent.PLACED, target="order:7")
    record("shop:order:placed")  # error: arg-type
    assert_type(ShopEvent.PLACED.description, str)
    receive_upload(7)  # error: arg-type


def statements(sorts: SortMap[InstrumentedAttribute[Any]], texts: SortMap[str]) -> None:
    rows = select(Post).where(visible(OWN, Post), contains(Post.title, "bread"))
    assert_type(visible(OWN, Post), ColumnElement[bool])
    assert_type(order_by(rows, sorts.parse("title", "asc")), Select[Post])
    order_by(rows, texts.parse("title", "asc"))  # error: arg-type
    order_by(rows, sorts)  # error: arg-type
    contains(Post.views, "3")  # error: arg-type
    visible("author_id", Post)  # error: arg-type


def columns() -> None:
    text: TypeEngine[str] = EncryptedText(row="id")
    ruled: TypeEngine[str] = RuleText(SSN, 11)
    RuleText()  # error: call-arg
    RuleText("ssn")  # error: arg-type
    RuleText(SSN, "11")  # error: arg-type
    scan: TypeEngine[bytes] = EncryptedBytes(row="id", rule=SSN)
    number: TypeEngine[int] = EncryptedText(row="id")  # error: assignment
    EncryptedText()  # error: call-arg
    EncryptedText(row="id", rule="ssn")  # error: arg-type
    EncryptedText(row="id", blind_index=True)  # error: arg-type


class NoteForm(Form):
    text = RuleField("Text", TextRule(field="text", max_length=100))
    number = RuleField("Number", 3)  # error: arg-type


def forms(form: NoteForm) -> None:
    assert_type(form_view(form, action="/", submit="Save"), FormView)
    form_view(form, submit="Save")  # error: call-arg


def the_extension(app: Flask, mailer: Mailer, storage: FolderStorage) -> None:
    bastide = Bastide(
        users=User, engine=None, mailer=mailer, roles={"reader": {"read"}}, upload_storage=storage
    )
    bastide.init_app(app)
    assert_type(bastide.roles, dict[str, frozenset[str]])
    assert_type(installed_in(app).services, Services)
    installed_in("app")  # error: arg-type
    Bastide(users=User, engine=None, mailer=print, roles={})  # error: arg-type
    Bastide(users=User, engine=None, mailer=mailer, roles={"reader": 3})  # error: dict-item
    Bastide(users=User, engine=None, mailer=mailer, rules={})  # error: call-arg
    Bastide(users=User, engine=None, mailer=mailer, roles={}, event_kinds=ShopEvent)
    library = [EventKind.LOGOUT]
    Bastide(users=User, engine=None, mailer=mailer, roles={}, event_kinds=library)  # error: arg-type
