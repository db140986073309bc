"""Files of posts: added and removed by who may change the post, read by who may read it."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from bastide import Audience, InvalidInput, Upload, Uploads
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
    post_id = post.id
    try:
        take_file(post_id)
    except InvalidInput as error:
        return make_response(_page(post, error), 400)
    flash("Added.", "success")
    return redirect(url_for("files.manage", post_id=post_id), 303)


@blueprint.get("/<name>")
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def show(post: Post, name: str) -> ResponseReturnValue:
    return send_file(post.id, name)


@blueprint.post("/<name>/remove")
@policy_required(EDIT_POST, Post, visible=READ_POST)
def remove(post: Post, name: str) -> ResponseReturnValue:
    remove_file(post.id, name)
    flash("Removed.", "success")
    return redirect(url_for("files.manage", post_id=post.id), 303)


def take_file(post_id: int) -> Upload:
    """Check and keep the request's one file.

    Raises:
        InvalidInput: it breaks a rule.
        NotFound: the post went while its file was looked at.
    """
    draw_rate(FILE_RATE)
    upload = receive_upload(files_subject(post_id))
    # What was read before is of before.
    db().rollback()
    if db().get(Post, post_id) is None:
        remove_files(post_id)
        raise NotFound
    return upload


def send_file(post_id: int, name: str) -> ResponseReturnValue:
    """Answer with a file of the post, or raise ``NotFound``."""
    upload = uploads().find(name, subject=files_subject(post_id))
    if upload is None:
        raise NotFound
    return send_upload(upload)


def remove_file(post_id: int, name: str) -> None:
    """Delete a file of the post, or raise ``NotFound``."""
    client, by = current_exchange().client, principal().account_id
    if not uploads().remove(name, client, subject=files_subject(post_id), by=by):
        raise NotFound


def remove_files(post_id: int) -> None:
    """Delete every file of a post that goes."""
    client, by = current_exchange().client, principal().account_id
    uploads().remove_all(files_subject(post_id), client, by=by)


def _page(post: Post, error: InvalidInput | None = None) -> str:
    page = files_page(url_for, post, uploads(), error=error)
    return render_template("blog/files.html", page=page)
