"""Files of posts in the JSON API: read by who may read the post, added and removed by who may change it."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from bastide import Audience, Upload
from bastide.flask import api, permission_required, policy_required, principal, takes_files
from blog_flask.models import Post
from blog_flask.views.api import made, shown
from blog_flask.views.files import remove_file, send_file, take_file, uploads
from blog_shared import api as shared
from blog_shared.access import EDIT_POST, READ_POST, Permission
from blog_shared.openapi import PREFIX
from blog_shared.pages.posts import files_subject

blueprint = Blueprint("api_files", __name__, url_prefix=f"{PREFIX}/posts/<int:post_id>/files")


@blueprint.get("")
@api
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def files(post: Post) -> ResponseReturnValue:
    page = shared.parse_page_only(dict(request.args.lists()))
    return jsonify(shared.file_listing(_shown(post), page))


@blueprint.post("")
@api
@takes_files
@permission_required(Permission.WRITE_POST)
@policy_required(EDIT_POST, Post, visible=READ_POST)
def add_file(post: Post) -> ResponseReturnValue:
    shared.require_form(request.mimetype, request.form)
    post_id = post.id
    upload = take_file(post_id)
    return made(shared.file_json(upload), "api_files.read_file", post_id=post_id, name=upload.name)


@blueprint.get("/<name>")
@api
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def read_file(post: Post, name: str) -> ResponseReturnValue:
    found = next((upload for upload in _shown(post) if upload.name == name), None)
    if found is None:
        raise NotFound
    return shown(shared.file_json(found))


@blueprint.get("/<name>/content")
@api
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def read_content(post: Post, name: str) -> ResponseReturnValue:
    return send_file(post.id, name)


@blueprint.delete("/<name>")
@api
@permission_required(Permission.WRITE_POST)
@policy_required(EDIT_POST, Post, visible=READ_POST)
def delete_file(post: Post, name: str) -> ResponseReturnValue:
    remove_file(post.id, name)
    return "", 204


def _shown(post: Post) -> list[Upload]:
    return shared.shown_files(uploads().list_of(files_subject(post.id)), post, principal())
