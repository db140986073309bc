"""The blog's addresses: the same as on Flask."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, include, path, register_converter
from django.views.decorators.http import require_POST
from django.views.static import serve

from bastide.django import by_method, static_files
from blog_django.converters import IdConverter
from blog_django.views import admin, api, api_files, comments, contact, development, files, people, posts
from blog_shared.openapi import PREFIX

READY_PAGES = Path(apps.get_app_config("bastide").path) / "static"

register_converter(IdConverter, "id")

handler400 = "bastide.django.errors.bad_request"
handler403 = "bastide.django.errors.forbidden"
handler404 = "bastide.django.errors.not_found"
handler500 = "bastide.django.errors.unexpected"


def action(route: str, view: Any, name: str) -> URLPattern:
    """Route POST requests to a view function; the rule it declares stays."""
    posted: Any = require_POST(view)
    posted.methods = ("POST",)
    found: URLPattern = path(route, posted, name=name)
    return found


@static_files
def static_file(request: HttpRequest, filename: str, *, folder: Path) -> HttpResponseBase:
    """Send a style sheet, an icon or a script; a site of its own leaves that to its web server."""
    try:
        return serve(request, filename, document_root=str(folder))
    except OSError:
        # A name that no file can have, such as one of 300 letters.
        raise Http404 from None


static_file.methods = ("GET",)  # type: ignore[attr-defined]  # what the access matrix shows


post_pages = [
    path("", posts.Index.as_view(), name="index"),
    path("posts/new", posts.New.as_view(), name="new"),
    path("posts/<id:post_id>", posts.Show.as_view(), name="show"),
    path("posts/<id:post_id>/edit", posts.Edit.as_view(), name="edit"),
    action("posts/<id:post_id>/publish", posts.publish, "publish"),
    action("posts/<id:post_id>/unpublish", posts.unpublish, "unpublish"),
    action("posts/<id:post_id>/delete", posts.delete, "delete"),
    path("posts/<id:post_id>/views", posts.CountView.as_view(), name="count_view"),
    path("my/posts", posts.Mine.as_view(), name="mine"),
    path("csrf-token", posts.CsrfToken.as_view(), name="csrf_token"),
    path("feed.xml", posts.Feed.as_view(), name="feed"),
]
file_pages = [
    path("posts/<id:post_id>/files", by_method(GET=files.manage, POST=files.add), name="manage"),
    path("posts/<id:post_id>/files/<str:name>", by_method(GET=files.show), name="show"),
    action("posts/<id:post_id>/files/<str:name>/remove", files.remove, "remove"),
]
comment_pages = [
    action("posts/<id:post_id>/comments", comments.write, "write"),
    action("comments/<id:comment_id>/delete", comments.delete, "delete"),
    path("moderation", comments.Moderation.as_view(), name="moderation"),
    action("moderation/comments/<id:comment_id>/approve", comments.approve, "approve"),
    action("moderation/comments/<id:comment_id>/reject", comments.reject, "reject"),
]
people_pages = [
    path("authors/<str:username>", people.Author.as_view(), name="author"),
    path("profile/ssn", people.Ssn.as_view(), name="ssn"),
    path("profile/ssn/reveal", people.RevealSsn.as_view(), name="reveal_ssn"),
    path("profile/ssn/remove", people.RemoveSsn.as_view(), name="remove_ssn"),
    path("profile", people.EditProfile.as_view(), name="profile"),
    path("away", people.Away.as_view(), name="away"),
]
contact_pages = [
    path("contact", contact.Write.as_view(), name="write"),
    path("contact/sent", contact.Sent.as_view(), name="sent"),
]
admin_pages = [
    path("", admin.Dashboard.as_view(), name="dashboard"),
    path("/users", admin.Users.as_view(), name="users"),
    path("/users/<id:user_id>", admin.OneUser.as_view(), name="user"),
    path("/users/<id:user_id>/roles", admin.ChangeRole.as_view(), name="change_role"),
    path("/users/<id:user_id>/disable", admin.Disable.as_view(), name="disable"),
    path("/users/<id:user_id>/end-sessions", admin.EndSessions.as_view(), name="end_sessions"),
    path("/users/<id:user_id>/revoke-tokens", admin.RevokeTokens.as_view(), name="revoke_tokens"),
    path("/users/<id:user_id>/enable", admin.Enable.as_view(), name="enable"),
    path("/users/<id:user_id>/unlock", admin.Unlock.as_view(), name="unlock"),
    path("/locks", admin.Locks.as_view(), name="locks"),
    path("/log", admin.Log.as_view(), name="log"),
    path("/csp-reports", admin.CspReports.as_view(), name="csp_reports"),
    path("/messages", admin.Messages.as_view(), name="messages"),
    action("/messages/<id:message_id>/handled", admin.handle_message, "handle_message"),
]
api_calls = [
    path("openapi.json", by_method(GET=api.description), name="description"),
    path("posts", by_method(GET=api.posts, POST=api.write_post), name="posts"),
    path(
        "posts/<id:post_id>",
        by_method(GET=api.read_post, PATCH=api.change_post, DELETE=api.delete_post),
        name="post",
    ),
    path(
        "posts/<id:post_id>/comments",
        by_method(GET=api.comments, POST=api.write_comment),
        name="post_comments",
    ),
    path(
        "posts/<id:post_id>/files",
        by_method(GET=api_files.files, POST=api_files.add_file),
        name="post_files",
    ),
    path(
        "posts/<id:post_id>/files/<str:name>",
        by_method(GET=api_files.read_file, DELETE=api_files.delete_file),
        name="file",
    ),
    path(
        "posts/<id:post_id>/files/<str:name>/content",
        by_method(GET=api_files.read_content),
        name="file_content",
    ),
    path(
        "comments/<id:comment_id>",
        by_method(GET=api.read_comment, PATCH=api.decide_comment, DELETE=api.delete_comment),
        name="comment",
    ),
    path("profile", by_method(GET=api.read_profile, PATCH=api.change_profile), name="profile"),
]
urlpatterns = [
    path("", include((post_pages, "posts"))),
    path("", include((file_pages, "files"))),
    path("", include((comment_pages, "comments"))),
    path("", include((people_pages, "people"))),
    path("", include((contact_pages, "contact"))),
    path("admin", include((admin_pages, "admin"))),
    path(f"{PREFIX[1:]}/", include((api_calls, "api"))),
    path("", include("bastide.django.accounts.urls")),
    path("static/<path:filename>", static_file, {"folder": settings.SHARED / "static"}, name="static"),
    path("bastide/static/<path:filename>", static_file, {"folder": READY_PAGES}, name="accounts_static"),
]
if settings.IS_DEVELOPMENT:
    mail_pages = [
        path("", development.Mail.as_view(), name="mail"),
        path("/<str:name>", development.Message.as_view(), name="message"),
    ]
    urlpatterns.append(path("dev/mail", include((mail_pages, "development"))))
