"""The JSON API under ``/api/v1``."""

from contextlib import nullcontext
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from bastide import Audience, Has
from bastide.django import (
    api,
    draw_rate,
    json_body,
    order_by,
    permission_required,
    policy_required,
    principal,
    public,
    visible,
)
from blog_django.clock import now
from blog_django.links import address
from blog_django.models import Comment, Post, Profile
from blog_django.views.base import caller_id, held, hidden_images
from blog_django.views.comments import decide, new_comment
from blog_django.views.posts import SORTS, fill, list_posts, remove_post, says
from blog_shared import access
from blog_shared import api as shared
from blog_shared.access import Permission
from blog_shared.openapi import DESCRIPTION


@api
@public
def description(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    return JsonResponse(DESCRIPTION)


@api
@public
def posts(request: HttpRequest) -> HttpResponse:
    asked = shared.PostQuery(dict(request.GET.lists()))
    order = SORTS.parse(asked.sort, asked.direction)
    found = visible(request, access.READ_POST, Post.objects.filter(status=asked.status))
    if asked.term:
        found = found.filter(says(asked.term))
    if asked.tag:
        found = found.filter(tags__name=asked.tag.casefold())
    page, total = list_posts(order_by(found, order), asked.page)
    items = (_post_json(request, post) for post in page)
    return JsonResponse(shared.listing(items, total=total, page=asked.page))


@api
@permission_required(Permission.WRITE_POST)
def write_post(request: HttpRequest) -> HttpResponse:
    values = json_body(request, shared.NEW_POST)
    draw_rate(request, access.POST_RATE)
    post = Post(author_id=caller_id(request), created_at=now())
    fill(post, values)
    return made(request, _post_json(request, post), "api.post", post_id=post.id)


@api
@policy_required(access.READ_POST, Post, audience=Audience.EVERYBODY)
def read_post(request: HttpRequest, post: Post) -> HttpResponse:
    return shown(request, _post_json(request, post))


@api
@permission_required(Permission.WRITE_POST)
@policy_required(access.EDIT_POST, Post, visible=access.READ_POST)
def change_post(request: HttpRequest, post: Post) -> HttpResponse:
    values = json_body(request, shared.POST_CHANGE)
    with held(post):
        shared.require_match(request.headers, _post_json(request, post))
        fill(post, shared.apply_change(post, values, principal(request), now=now()))
    return shown(request, _post_json(request, post))


@api
@permission_required(Permission.DELETE_POST)
@policy_required(access.DELETE_POST, Post, visible=access.READ_POST)
def delete_post(request: HttpRequest, post: Post) -> HttpResponse:
    remove_post(request, post, check=lambda: shared.require_match(request.headers, _post_json(request, post)))
    return HttpResponse(status=204)


@api
@policy_required(access.READ_POST, Post, audience=Audience.EVERYBODY)
def comments(request: HttpRequest, post: Post) -> HttpResponse:
    page = shared.parse_page_only(dict(request.GET.lists()))
    seen = visible(request, access.READ_COMMENT, post.comments.all())
    rows = seen.select_related("author__profile").order_by("created_at", "id")
    items = map(shared.comment_json, rows[page.offset : page.offset + page.size])
    return JsonResponse(shared.listing(items, total=seen.count(), page=page))


@api
@permission_required(Permission.WRITE_COMMENT)
@policy_required(access.COMMENT_ON_POST, Post, visible=access.READ_POST)
def write_comment(request: HttpRequest, post: Post) -> HttpResponse:
    body = json_body(request, shared.NEW_COMMENT)["body"]
    draw_rate(request, access.COMMENT_RATE)
    comment = new_comment(request, post, body)
    comment.save()
    return made(request, shared.comment_json(comment), "api.comment", comment_id=comment.id)


@api
@policy_required(access.READ_COMMENT, Comment, audience=Audience.EVERYBODY)
def read_comment(request: HttpRequest, comment: Comment) -> HttpResponse:
    return shown(request, shared.comment_json(comment))


@api
@permission_required(Permission.MODERATE_COMMENTS)
@policy_required(Has(Permission.MODERATE_COMMENTS), Comment)
def decide_comment(request: HttpRequest, comment: Comment) -> HttpResponse:
    state = json_body(request, shared.COMMENT_DECISION)["state"]
    with held(comment):
        shared.require_match(request.headers, shared.comment_json(comment))
        decide(request, comment, state)
    return shown(request, shared.comment_json(comment))


@api
@permission_required(Permission.WRITE_COMMENT)
@policy_required(access.DELETE_COMMENT, Comment, visible=access.READ_COMMENT)
def delete_comment(request: HttpRequest, comment: Comment) -> HttpResponse:
    with held(comment):
        shared.require_match(request.headers, shared.comment_json(comment))
        comment.delete()
    return HttpResponse(status=204)


@api
@permission_required(Permission.EDIT_PROFILE)
def read_profile(request: HttpRequest) -> HttpResponse:
    profile = Profile.objects.filter(pk=caller_id(request)).first()
    return shown(request, _profile_json(request, profile))


@api
@permission_required(Permission.EDIT_PROFILE)
def change_profile(request: HttpRequest) -> HttpResponse:
    values = json_body(request, shared.PROFILE_CHANGE)
    user_id = caller_id(request)
    stored = Profile.objects.filter(pk=user_id).first()
    profile = stored or Profile(user_id=user_id)
    with nullcontext() if stored is None else held(stored):
        shared.require_match(request.headers, _profile_json(request, stored))
        for name, value in values.items():
            setattr(profile, name, value)
        # Of two that make the first one at once, the second would overwrite what it never saw.
        profile.save(force_insert=stored is None)
    return shown(request, _profile_json(request, profile))


def shown(request: HttpRequest, values: dict[str, Any], **options: Any) -> HttpResponse:
    """Return the answer under its entity tag; 304 to a reader who has it already."""
    tag = shared.tag_of(values)
    has_it = shared.has_it(request.method, request.headers, tag)
    answer = HttpResponse(status=304) if has_it else JsonResponse(values, **options)
    answer.headers["ETag"] = tag
    return answer


def made(request: HttpRequest, values: dict[str, Any], route: str, **key: Any) -> HttpResponse:
    return shown(request, values, status=201, headers={"Location": address(route, **key)})


def _post_json(request: HttpRequest, post: Post) -> dict[str, Any]:
    return shared.post_json(post, principal(request), hidden_images=partial(hidden_images, request))


def _profile_json(request: HttpRequest, profile: Profile | None) -> dict[str, Any]:
    return shared.profile_json(principal(request).name, profile)
