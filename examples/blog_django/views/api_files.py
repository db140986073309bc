"""Files of posts in the JSON API: read by who may read the post, added and removed by who may change it."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from bastide import Audience, Upload
from bastide.django import api, permission_required, policy_required, principal, takes_files
from blog_django.models import Post
from blog_django.views.api import made, shown
from blog_django.views.files import remove_file, send_file, take_file, uploads
from blog_shared import api as shared
from blog_shared.access import EDIT_POST, READ_POST, Permission
from blog_shared.pages.posts import files_subject


@api
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def files(request: HttpRequest, post: Post) -> HttpResponse:
    page = shared.parse_page_only(dict(request.GET.lists()))
    return JsonResponse(shared.file_listing(_shown(request, post), page))


@api
@takes_files
@permission_required(Permission.WRITE_POST)
@policy_required(EDIT_POST, Post, visible=READ_POST)
def add_file(request: HttpRequest, post: Post) -> HttpResponse:
    shared.require_form(request.content_type, request.POST)
    upload = take_file(request, post.id)
    return made(request, shared.file_json(upload), "api.file", post_id=post.id, name=upload.name)


@api
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def read_file(request: HttpRequest, post: Post, name: str) -> HttpResponse:
    found = next((upload for upload in _shown(request, post) if upload.name == name), None)
    if found is None:
        raise Http404
    return shown(request, shared.file_json(found))


@api
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def read_content(request: HttpRequest, post: Post, name: str) -> HttpResponse:
    return send_file(request, post.id, name)


@api
@permission_required(Permission.WRITE_POST)
@policy_required(EDIT_POST, Post, visible=READ_POST)
def delete_file(request: HttpRequest, post: Post, name: str) -> HttpResponse:
    remove_file(request, post.id, name)
    return HttpResponse(status=204)


def _shown(request: HttpRequest, post: Post) -> list[Upload]:
    return shared.shown_files(uploads().list_of(files_subject(post.id)), post, principal(request))
