"""The JSON API under ``/api/v1``."""

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from bastide import Audience, Has
from bastide.flask import (
    api,
    current_exchange,
    draw_rate,
    json_body,
    order_by,
    permission_required,
    policy_required,
    principal,
    public,
    record,
    visible,
)
from blog_flask.clock import now
from blog_flask.database import db, hold
from blog_flask.models import Comment, Post, PostTag, Profile, User
from blog_flask.views.comments import new_comment
from blog_flask.views.posts import SORTS, fill, list_posts, remove_post, says
from blog_shared import access
from blog_shared import api as shared
from blog_shared.access import Permission
from blog_shared.events import BlogEvent
from blog_shared.openapi import DESCRIPTION, PREFIX

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.get("/openapi.json")
@api
@public
def description() -> ResponseReturnValue:
    return jsonify(DESCRIPTION)


@blueprint.get("/posts")
@api
@public
def posts() -> ResponseReturnValue:
    asked = shared.PostQuery(dict(request.args.lists()))
    order = SORTS.parse(asked.sort, asked.direction)
    statement = select(Post).where(Post.status == asked.status, visible(access.READ_POST, Post))
    if asked.term:
        statement = statement.where(says(asked.term))
    if asked.tag:
        statement = statement.where(Post.tags.any(PostTag.name == asked.tag.casefold()))
    found, total = list_posts(order_by(statement, order), asked.page)
    items = (_post_json(post) for post in found)
    return jsonify(shared.listing(items, total=total, page=asked.page))


@blueprint.post("/posts")
@api
@permission_required(Permission.WRITE_POST)
def write_post() -> ResponseReturnValue:
    values = json_body(shared.NEW_POST)
    draw_rate(access.POST_RATE)
    post = Post(author_id=principal().account_id, status="draft", views=0, created_at=now())
    fill(post, values)
    db().add(post)
    db().commit()
    return made(_post_json(post), "api.read_post", post_id=post.id)


@blueprint.get("/posts/<int:post_id>")
@api
@policy_required(access.READ_POST, Post, audience=Audience.EVERYBODY)
def read_post(post: Post) -> ResponseReturnValue:
    return shown(_post_json(post))


@blueprint.patch("/posts/<int:post_id>")
@api
@permission_required(Permission.WRITE_POST)
@policy_required(access.EDIT_POST, Post, visible=access.READ_POST)
def change_post(post: Post) -> ResponseReturnValue:
    values = json_body(shared.POST_CHANGE)
    hold(post)
    shared.require_match(request.headers, _post_json(post))
    fill(post, shared.apply_change(post, values, principal(), now=now()))
    db().commit()
    return shown(_post_json(post))


@blueprint.delete("/posts/<int:post_id>")
@api
@permission_required(Permission.DELETE_POST)
@policy_required(access.DELETE_POST, Post, visible=access.READ_POST)
def delete_post(post: Post) -> ResponseReturnValue:
    remove_post(post, check=lambda: shared.require_match(request.headers, _post_json(post)))
    return "", 204


@blueprint.get("/posts/<int:post_id>/comments")
@api
@policy_required(access.READ_POST, Post, audience=Audience.EVERYBODY)
def comments(post: Post) -> ResponseReturnValue:
    page = shared.parse_page_only(dict(request.args.lists()))
    statement = select(Comment).where(Comment.post_id == post.id, visible(access.READ_COMMENT, Comment))
    total = db().scalar(select(func.count()).select_from(statement.subquery())) or 0
    shown = (
        statement.options(joinedload(Comment.author).joinedload(User.profile))
        .order_by(Comment.created_at, Comment.id)
        .offset(page.offset)
        .limit(page.size)
    )
    return jsonify(shared.listing(map(shared.comment_json, db().scalars(shown)), total=total, page=page))


@blueprint.post("/posts/<int:post_id>/comments")
@api
@permission_required(Permission.WRITE_COMMENT)
@policy_required(access.COMMENT_ON_POST, Post, visible=access.READ_POST)
def write_comment(post: Post) -> ResponseReturnValue:
    body = json_body(shared.NEW_COMMENT)["body"]
    draw_rate(access.COMMENT_RATE)
    comment = new_comment(post, body)
    db().add(comment)
    db().commit()
    return made(shared.comment_json(comment), "api.read_comment", comment_id=comment.id)


@blueprint.get("/comments/<int:comment_id>")
@api
@policy_required(access.READ_COMMENT, Comment, audience=Audience.EVERYBODY)
def read_comment(comment: Comment) -> ResponseReturnValue:
    return shown(shared.comment_json(comment))


@blueprint.patch("/comments/<int:comment_id>")
@api
@permission_required(Permission.MODERATE_COMMENTS)
@policy_required(Has(Permission.MODERATE_COMMENTS), Comment)
def decide_comment(comment: Comment) -> ResponseReturnValue:
    state = json_body(shared.COMMENT_DECISION)["state"]
    hold(comment)
    shared.require_match(request.headers, shared.comment_json(comment))
    comment.state = state
    db().commit()
    record(BlogEvent.COMMENT_MODERATED, target=f"comment:{comment.id}", decision=state)
    return shown(shared.comment_json(comment))


@blueprint.delete("/comments/<int:comment_id>")
@api
@permission_required(Permission.WRITE_COMMENT)
@policy_required(access.DELETE_COMMENT, Comment, visible=access.READ_COMMENT)
def delete_comment(comment: Comment) -> ResponseReturnValue:
    hold(comment)
    shared.require_match(request.headers, shared.comment_json(comment))
    db().delete(comment)
    db().commit()
    return "", 204


@blueprint.get("/profile")
@api
@permission_required(Permission.EDIT_PROFILE)
def read_profile() -> ResponseReturnValue:
    return shown(_profile_json(db().get(Profile, principal().account_id)))


@blueprint.patch("/profile")
@api
@permission_required(Permission.EDIT_PROFILE)
def change_profile() -> ResponseReturnValue:
    values = json_body(shared.PROFILE_CHANGE)
    profile = db().get(Profile, principal().account_id)
    if profile is not None:
        hold(profile)
    shared.require_match(request.headers, _profile_json(profile))
    profile = profile or Profile(user_id=principal().account_id)
    for name, value in values.items():
        setattr(profile, name, value)
    db().add(profile)
    db().commit()
    return shown(_profile_json(profile))


def shown(values: dict[str, Any]) -> Response:
    """Return the answer under its entity tag; 304 to a reader who has it already."""
    tag = shared.tag_of(values)
    answer = Response(status=304) if shared.has_it(request.method, request.headers, tag) else jsonify(values)
    answer.headers["ETag"] = tag
    return answer


def made(values: dict[str, Any], endpoint: str, **key: Any) -> ResponseReturnValue:
    return shown(values), 201, {"Location": url_for(endpoint, **key)}


def _post_json(post: Post) -> dict[str, Any]:
    return shared.post_json(post, principal(), hidden_images=current_exchange().hidden_images)


def _profile_json(profile: Profile | None) -> dict[str, Any]:
    return shared.profile_json(principal().name, profile)
