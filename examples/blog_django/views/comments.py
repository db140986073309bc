"""Writing, reading and moderating comments."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from bastide import COMMENT, Has, render_markdown
from bastide.django import (
    Form,
    PermissionRequiredMixin,
    RuleField,
    draw_rate,
    policy_required,
    principal,
    record,
    visible,
)
from blog_django.clock import now
from blog_django.links import address
from blog_django.models import Comment, Post
from blog_django.views.base import caller_id, done, go_to
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

PAGE_SIZE = 20


class CommentForm(Form):
    body = RuleField("Your comment", COMMENT_BODY)


@policy_required(COMMENT_ON_POST, Post, visible=READ_POST)
def write(request: HttpRequest, post: Post) -> HttpResponse:
    from blog_django.views.posts import render_post  # noqa: PLC0415 -- the post's page shows this form

    form = CommentForm(request.POST)
    if not form.is_valid():
        return render_post(request, post, form)
    draw_rate(request, COMMENT_RATE)
    comment = new_comment(request, post, form.cleaned_data["body"])
    comment.save()
    text = (
        "Thank you."
        if comment.state == "approved"
        else "Thank you. A moderator will read your comment first."
    )
    return done(request, text, address("posts.show", post_id=post.id, _anchor=f"comment-{comment.id}"))


def new_comment(request: HttpRequest, post: Post, body: str) -> Comment:
    """Return a comment of the caller's; those who write or moderate need no moderator."""
    caller = principal(request)
    is_trusted = caller.has(Permission.WRITE_POST) or caller.has(Permission.MODERATE_COMMENTS)
    return Comment(
        post=post, author_id=caller_id(request), body=body, body_html=str(render_markdown(body, COMMENT)),
        body_policy=COMMENT.stamp, state="approved" if is_trusted else "pending", created_at=now(),
    )  # fmt: skip


@policy_required(DELETE_COMMENT, Comment, visible=READ_COMMENT)
def delete(request: HttpRequest, comment: Comment) -> HttpResponse:
    comment.delete()
    where = address("posts.show", post_id=comment.post_id, _anchor="comments")
    return done(request, "The comment is gone.", where)


class Moderation(PermissionRequiredMixin, View):
    permission = Permission.MODERATE_COMMENTS

    def get(self, request: HttpRequest) -> HttpResponse:
        page = page_of(dict(request.GET.lists()), size=PAGE_SIZE)
        waiting = visible(request, READ_COMMENT, Comment.objects.filter(state="pending"))
        shown = waiting.select_related("author__profile", "post").order_by("created_at", "id")
        rows = list(shown[page.offset : page.offset + page.size])
        view = moderation_page(address, rows, total=waiting.count(), page=page)
        return render(request, "blog/moderation.html", {"page": view})


@policy_required(Has(Permission.MODERATE_COMMENTS), Comment)
def approve(request: HttpRequest, comment: Comment) -> HttpResponse:
    return _decide(request, comment, "approved")


@policy_required(Has(Permission.MODERATE_COMMENTS), Comment)
def reject(request: HttpRequest, comment: Comment) -> HttpResponse:
    return _decide(request, comment, "rejected")


def _decide(request: HttpRequest, comment: Comment, state: str) -> HttpResponse:
    decide(request, comment, state)
    return go_to(address("comments.moderation"))


def decide(request: HttpRequest, comment: Comment, state: str) -> None:
    """Keep a moderator's decision; a comment that is gone meanwhile stays gone."""
    if not Comment.objects.filter(pk=comment.pk).update(state=state):
        raise Http404
    comment.state = state
    record(request, BlogEvent.COMMENT_MODERATED, target=f"comment:{comment.id}", decision=state)
