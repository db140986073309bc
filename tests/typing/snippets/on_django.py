"""What belongs to Django: `bastide.django`, and `bastide.testing` for its test cases."""

from typing import Any, assert_type

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.generic import DetailView, View

from bastide import (
    ARTICLE,
    PHONE,
    Exchange,
    JsonBody,
    Owns,
    Principal,
    Rate,
    SafeHtml,
    Services,
    SortMap,
    Upload,
)
from bastide.django import (
    DjangoStorage,
    EncryptedTextField,
    Form,
    Identity,
    PolicyRequiredMixin,
    PublicMixin,
    RuleField,
    RuleValidator,
    SanitizedHTMLField,
    ValidatedModel,
    bastide,
    bastide_middleware,
    by_method,
    contains,
    draw_rate,
    exchange_of,
    json_body,
    login_required,
    note_change,
    order_by,
    policy_required,
    principal,
    public,
    receive_upload,
    visible,
)
from blog_django.models import Comment, Post, Profile

OWN = Owns("author_id")


@public
def greet(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(name)


@policy_required(OWN, Post, visible=OWN)
def edit(request: HttpRequest, post: Post, name: str = "") -> HttpResponse:
    return HttpResponse(post.title)


@policy_required(OWN, Post)  # error: arg-type
def edit_another_model(request: HttpRequest, comment: Comment) -> HttpResponse:
    return HttpResponse(comment.body)


class Show(PolicyRequiredMixin, DetailView[Post]):
    policy = OWN
    model = Post


class ShowByName(PolicyRequiredMixin, DetailView[Post]):
    policy = "author_id"  # error: assignment
    audience = "everybody"  # error: assignment


class Greet(PublicMixin, View):
    pass


def rules(request: HttpRequest) -> None:
    assert_type(greet(request, "Maud"), HttpResponse)
    assert_type(edit(request, post_id=3), HttpResponse)
    assert_type(by_method(GET=greet, POST=edit)(request), HttpResponse)
    greet("Maud")  # error: call-arg, arg-type
    login_required("author_id")  # error: arg-type
    policy_required(OWN, "blog.Post")  # error: arg-type
    policy_required(Post, OWN)  # error: arg-type, arg-type
    by_method(GET="index")  # error: arg-type


def the_request(request: HttpRequest, body: JsonBody, rate: Rate) -> None:
    assert_type(principal(request), Principal)
    assert_type(exchange_of(request), Exchange)
    assert_type(json_body(request, body), dict[str, Any])
    assert_type(receive_upload(request, "note:7"), Upload)
    with note_change(request, "number") as database:
        assert_type(database, str)
    draw_rate(request, rate)
    draw_rate(rate)  # error: call-arg, arg-type
    json_body(body)  # error: call-arg, arg-type


def querysets(request: HttpRequest, sorts: SortMap[str], numbers: SortMap[int]) -> None:
    rows = visible(request, OWN, Post.objects.all())
    assert_type(rows, QuerySet[Post, Post])
    assert_type(order_by(rows, sorts.parse("age", "asc")), QuerySet[Post, Post])
    assert_type(contains("title", "bread"), Q)
    order_by(rows, numbers.parse("age", "asc"))  # error: arg-type
    visible(request, OWN, Post)  # error: arg-type


def fields(profile: Profile, post: Post) -> None:
    assert_type(profile.ssn, str | None)
    assert_type(profile.ssn_index, bytes | None)
    assert_type(post.body_html, SafeHtml)
    profile.ssn = "856-45-6789"
    post.body_html = "<p>Cleaned when it is saved</p>"
    profile.ssn = 856456789  # error: assignment
    post.body_html = None  # error: assignment
    EncryptedTextField()  # error: call-arg
    SanitizedHTMLField(policy=ARTICLE)
    SanitizedHTMLField(policy=3)  # error: arg-type
    RuleValidator(PHONE)
    RuleValidator(3)  # error: arg-type


class NoteForm(Form):
    phone = RuleField("Phone", PHONE)
    number = RuleField("Number", "phone")  # error: arg-type


class OwnRow(ValidatedModel):
    class Meta:
        app_label = "blog"


def the_project() -> None:
    assert_type(bastide().services, Services)
    assert_type(bastide_middleware(), tuple[str, ...])
    Identity.objects.filter(username_key="maud")
    DjangoStorage()  # error: call-arg
