"""Writing, reading and moderating comments."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from bastide import COMMENT, Audience, Has, render_markdown
from bastide.flask import (
    Form,
    RuleField,
    draw_rate,
    permission_required,
    policy_required,
    principal,
    record,
    visible,
)
from blog_flask.clock import now
from blog_flask.database import db
from blog_flask.models import Comment, Post, User
from blog_shared.access import (
    COMMENT_ON_POST,
    COMMENT_RATE,
    DELETE_COMMENT,
    READ_COMMENT,
    READ_POST,
    Permission,
)
from blog_shared.events import BlogEvent
from blog_shared.lists import page_of
from blog_shared.pages.posts import moderation_page
from blog_shared.rules import COMMENT_BODY

blueprint = Blueprint("comments", __name__)
PAGE_SIZE = 20


class CommentForm(Form):
    body = RuleField("Your comment", COMMENT_BODY)


@blueprint.post("/posts/<int:post_id>/comments")
@policy_required(COMMENT_ON_POST, Post, visible=READ_POST)
def write(post: Post) -> ResponseReturnValue:
    from blog_flask.views.posts import render_post  # noqa: PLC0415 -- the post's page shows this form

    form = CommentForm()
    if not form.validate():
        return render_post(post, form), 400
    draw_rate(COMMENT_RATE)
    comment = new_comment(post, form.body.data)
    db().add(comment)
    db().commit()
    flash(
        "Thank you."
        if comment.state == "approved"
        else "Thank you. A moderator will read your comment first.",
        "success",
    )
    return redirect(url_for("posts.show", post_id=post.id, _anchor=f"comment-{comment.id}"), 303)


def new_comment(post: Post, body: str) -> Comment:
    """Return a comment of the caller's; those who write or moderate need no moderator."""
    caller = principal()
    is_trusted = caller.has(Permission.WRITE_POST) or caller.has(Permission.MODERATE_COMMENTS)
    return Comment(
        post_id=post.id, author_id=caller.account_id, body=body,
        body_html=str(render_markdown(body, COMMENT)), body_policy=COMMENT.stamp,
        state="approved" if is_trusted else "pending", created_at=now(),
    )  # fmt: skip


@blueprint.post("/comments/<int:comment_id>/delete")
@policy_required(DELETE_COMMENT, Comment, visible=READ_COMMENT)
def delete(comment: Comment) -> ResponseReturnValue:
    post_id = comment.post_id
    db().delete(comment)
    db().commit()
    flash("The comment is gone.", "success")
    return redirect(url_for("posts.show", post_id=post_id, _anchor="comments"), 303)


@blueprint.get("/moderation")
@permission_required(Permission.MODERATE_COMMENTS)
def moderation() -> ResponseReturnValue:
    page = page_of(dict(request.args.lists()), size=PAGE_SIZE)
    waiting = (Comment.state == "pending", visible(READ_COMMENT, Comment))
    total = db().scalar(select(func.count()).select_from(Comment).where(*waiting)) or 0
    statement = (
        select(Comment)
        .where(*waiting)
        .options(joinedload(Comment.author).joinedload(User.profile), joinedload(Comment.post))
        .order_by(Comment.created_at, Comment.id)
        .offset(page.offset)
        .limit(page.size)
    )
    view = moderation_page(url_for, list(db().scalars(statement)), total=total, page=page)
    return render_template("blog/moderation.html", page=view)


@blueprint.post("/moderation/comments/<int:comment_id>/approve")
@policy_required(Has(Permission.MODERATE_COMMENTS), Comment, audience=Audience.SIGNED_IN)
def approve(comment: Comment) -> ResponseReturnValue:
    return _decide(comment, "approved")


@blueprint.post("/moderation/comments/<int:comment_id>/reject")
@policy_required(Has(Permission.MODERATE_COMMENTS), Comment, audience=Audience.SIGNED_IN)
def reject(comment: Comment) -> ResponseReturnValue:
    return _decide(comment, "rejected")


def _decide(comment: Comment, state: str) -> ResponseReturnValue:
    comment.state = state
    comment_id = comment.id
    db().commit()
    record(BlogEvent.COMMENT_MODERATED, target=f"comment:{comment_id}", decision=state)
    return redirect(url_for("comments.moderation"), 303)
