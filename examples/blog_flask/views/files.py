"""Files of posts: added and removed by who may change the post, read by who may read it."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from bastide.core.access import Audience
from bastide.core.errors import InvalidInput
from bastide.core.uploads import Uploads
from bastide.flask import (
    current_exchange,
    draw_rate,
    policy_required,
    principal,
    receive_upload,
    send_upload,
    takes_files,
)
from blog_flask.database import db
from blog_flask.models import Post
from blog_shared.access import EDIT_POST, FILE_RATE, READ_POST
from blog_shared.pages.posts import files_page, files_subject

blueprint = Blueprint("files", __name__, url_prefix="/posts/<int:post_id>/files")


def uploads() -> Uploads:
    return current_exchange().services.require_uploads()


@blueprint.get("")
@policy_required(EDIT_POST, Post, visible=READ_POST)
def manage(post: Post) -> ResponseReturnValue:
    return _page(post)


@blueprint.post("")
@takes_files
@policy_required(EDIT_POST, Post, visible=READ_POST)
def add(post: Post) -> ResponseReturnValue:
    draw_rate(FILE_RATE)
    post_id = post.id
    try:
        receive_upload(files_subject(post_id))
    except InvalidInput as error:
        return make_response(_page(post, error), 400)
    # What was read before is of before: the post may have gone while its file was looked at.
    db().rollback()
    if db().get(Post, post_id) is None:
        remove_files(post_id)
        raise NotFound
    flash("Added.", "success")
    return redirect(url_for("files.manage", post_id=post_id), 303)


@blueprint.get("/<name>")
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def show(post: Post, name: str) -> ResponseReturnValue:
    upload = uploads().find(name, subject=files_subject(post.id))
    if upload is None:
        raise NotFound
    return send_upload(upload)


@blueprint.post("/<name>/remove")
@policy_required(EDIT_POST, Post, visible=READ_POST)
def remove(post: Post, name: str) -> ResponseReturnValue:
    client, by = current_exchange().client, principal().account_id
    if not uploads().remove(name, client, subject=files_subject(post.id), by=by):
        raise NotFound
    flash("Removed.", "success")
    return redirect(url_for("files.manage", post_id=post.id), 303)


def remove_files(post_id: int) -> None:
    """Delete every file of a post that goes."""
    client, by = current_exchange().client, principal().account_id
    uploads().remove_all(files_subject(post_id), client, by=by)


def _page(post: Post, error: InvalidInput | None = None) -> str:
    page = files_page(url_for, post, uploads().list_of(files_subject(post.id)), error=error)
    return render_template("blog/files.html", page=page)
