"""Files of posts: added and removed by who may change the post, read by who may read it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bastide import Audience, InvalidInput, Upload, Uploads
from bastide.django import (
    bastide,
    draw_rate,
    exchange_of,
    policy_required,
    principal,
    receive_upload,
    send_upload,
    takes_files,
)
from blog_django.links import address
from blog_django.models import Post
from blog_django.views.base import done
from blog_shared.access import EDIT_POST, FILE_RATE, READ_POST
from blog_shared.pages.posts import files_page, files_subject


def uploads() -> Uploads:
    return bastide().services.require_uploads()


@policy_required(EDIT_POST, Post, visible=READ_POST)
def manage(request: HttpRequest, post: Post) -> HttpResponse:
    return _page(request, post)


@takes_files
@policy_required(EDIT_POST, Post, visible=READ_POST)
def add(request: HttpRequest, post: Post) -> HttpResponse:
    try:
        take_file(request, post.id)
    except InvalidInput as error:
        return _page(request, post, error)
    return done(request, "Added.", address("files.manage", post_id=post.id))


@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def show(request: HttpRequest, post: Post, name: str) -> HttpResponse:
    return send_file(request, post.id, name)


@policy_required(EDIT_POST, Post, visible=READ_POST)
def remove(request: HttpRequest, post: Post, name: str) -> HttpResponse:
    remove_file(request, post.id, name)
    return done(request, "Removed.", address("files.manage", post_id=post.id))


def take_file(request: HttpRequest, post_id: int) -> Upload:
    """Check and keep the request's one file.

    Raises:
        InvalidInput: it breaks a rule.
        Http404: the post went while its file was looked at.
    """
    draw_rate(request, FILE_RATE)
    upload = receive_upload(request, files_subject(post_id))
    if not Post.objects.filter(pk=post_id).exists():
        remove_files(request, post_id)
        raise Http404
    return upload


def send_file(request: HttpRequest, post_id: int, name: str) -> HttpResponse:
    """Answer with a file of the post, or raise ``Http404``."""
    upload = uploads().find(name, subject=files_subject(post_id))
    if upload is None:
        raise Http404
    return send_upload(request, upload)


def remove_file(request: HttpRequest, post_id: int, name: str) -> None:
    """Delete a file of the post, or raise ``Http404``."""
    client, by = exchange_of(request).client, principal(request).account_id
    if not uploads().remove(name, client, subject=files_subject(post_id), by=by):
        raise Http404


def remove_files(request: HttpRequest, post_id: int) -> None:
    """Delete every file of a post that goes."""
    client, by = exchange_of(request).client, principal(request).account_id
    uploads().remove_all(files_subject(post_id), client, by=by)


def _page(request: HttpRequest, post: Post, error: InvalidInput | None = None) -> HttpResponse:
    page = files_page(address, post, uploads(), error=error)
    return render(request, "blog/files.html", {"page": page}, status=200 if error is None else 400)
