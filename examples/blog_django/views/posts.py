"""Reading, finding and writing posts."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.generic import View

from bastide import (
    ARTICLE,
    AccessDenied,
    Audience,
    Direction,
    FieldIs,
    Page,
    SortMap,
    parse_page,
    parse_query,
    parse_term,
    render_markdown,
)
from bastide.django import (
    Form,
    PermissionRequiredMixin,
    PolicyRequiredMixin,
    PublicMixin,
    RuleField,
    contains,
    draw_rate,
    form_view,
    order_by,
    policy_required,
    principal,
    visible,
)
from blog_django.clock import now
from blog_django.links import address
from blog_django.models import Comment, Post, PostTag
from blog_django.views.base import caller_id, done, form_page, held, hidden_images
from blog_django.views.comments import CommentForm
from blog_django.views.files import remove_files, uploads
from blog_shared.access import (
    COMMENT_ON_POST,
    DELETE_POST,
    EDIT_POST,
    OWN_POST,
    POST_RATE,
    POST_WRITES,
    READ_COMMENT,
    READ_POST,
    VIEW_RATE,
    Permission,
)
from blog_shared.lists import POSTS, page_of
from blog_shared.pages.posts import edit_page, files_subject, index_page, my_posts_page, post_page
from blog_shared.present import as_shown, clean_body, display_name, hidden_images_text, moment
from blog_shared.rules import POST_CONTENT, POST_TITLE, TAGS, TAGS_HELP
from blog_shared.views.posts import PostFormPage

PAGE_SIZE = 8
FEED_SIZE = 20
TAGS_SHOWN = 16
SORTS: SortMap[str] = SortMap(
    columns={"date": "published_at", "title": "title", "views": "views"},
    default="date",
    default_direction=Direction.DESCENDING,
    tie_break="id",
)


class PostForm(Form):
    title = RuleField("Title", POST_TITLE)
    content = RuleField("Text", POST_CONTENT)
    tags = RuleField("Tags", TAGS, help_text=TAGS_HELP)


def published(request: HttpRequest) -> QuerySet[Post]:
    return visible(request, READ_POST, Post.objects.filter(status="published"))


def with_details(posts: QuerySet[Post]) -> QuerySet[Post]:
    return posts.select_related("author__profile").prefetch_related("tags")


def comment_counts(request: HttpRequest, posts: list[Post]) -> dict[int, int]:
    """Return how many comments the caller sees under each post."""
    seen = visible(request, READ_COMMENT, Comment.objects.filter(post__in=posts))
    counted = seen.order_by().values_list("post_id").annotate(number=Count("id"))
    return {post_id: number for post_id, number in counted}  # noqa: C416 -- rows, not pairs


def list_posts(posts: QuerySet[Post], page: Page) -> tuple[list[Post], int]:
    """Return one page of the posts and how many there are in all."""
    return list(with_details(posts)[page.offset : page.offset + page.size]), posts.count()


class Index(PublicMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        asked = parse_query(dict(request.GET.lists()), declared=POSTS)
        term, tag = parse_term(asked.get("q")), parse_term(asked.get("tag"))
        order = SORTS.parse(asked.get("sort"), asked.get("dir"))
        page = parse_page(asked.get("page"), size=PAGE_SIZE)
        found = published(request)
        if term:
            found = found.filter(says(term))
        if tag:
            found = found.filter(tags__name=tag.casefold())
        posts, total = list_posts(order_by(found, order), page)
        view = index_page(
            address, posts, comment_counts(request, posts), total=total, page=page, order=order, term=term,
            tag=tag, tags=self.most_used_tags(request),
        )  # fmt: skip
        return render(request, "blog/index.html", {"page": view})

    @staticmethod
    def most_used_tags(request: HttpRequest) -> list[tuple[str, int]]:
        used = PostTag.objects.filter(post__in=published(request)).order_by().values_list("name")
        counted = used.annotate(number=Count("id")).order_by("-number", "name")
        return list(counted[:TAGS_SHOWN])


def says(term: str) -> Q:
    """Return whether a post shows the words; its source may hold what its page does not."""
    return contains("title", term) | (contains("content", term) & contains("body_html", as_shown(term)))


def render_post(request: HttpRequest, post: Post, form: CommentForm | None) -> HttpResponse:
    """Return the page of a post, with the comment form as it stands."""
    comments = visible(request, READ_COMMENT, post.comments.exclude(state="rejected"))
    shown = comments.select_related("author__profile", "post").order_by("created_at", "id")
    view = post_page(
        address, principal(request), post, list(shown), uploads().list_of(files_subject(post.id))
    )
    action = address("comments.write", post_id=post.id)
    form_shown = None if form is None else form_view(form, action=action, submit="Send the comment")
    return form_page(request, "blog/post.html", form_shown, page=view)


class Show(PolicyRequiredMixin, View):
    policy = READ_POST
    audience = Audience.EVERYBODY
    pk_url_kwarg = "post_id"

    def get_queryset(self) -> QuerySet[Post]:
        return with_details(Post.objects.all())

    def get(self, request: HttpRequest, post_id: int) -> HttpResponse:  # noqa: ARG002 -- read by get_object
        post = self.get_object()
        may_comment = COMMENT_ON_POST.allows(principal(request), post)
        return render_post(request, post, CommentForm() if may_comment else None)


class New(PermissionRequiredMixin, View):
    permission = Permission.WRITE_POST

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, PostForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PostForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        draw_rate(request, POST_RATE)
        post = Post(author_id=caller_id(request), created_at=now())
        fill(post, form.cleaned_data)
        tell_of_hidden_images(request, post)
        text = "Your draft is saved. Nobody else sees it yet."
        return done(request, text, address("posts.show", post_id=post.id))

    @staticmethod
    def show(request: HttpRequest, form: PostForm) -> HttpResponse:
        page = PostFormPage(heading="Write a post", back_url=address("posts.mine"))
        view = form_view(form, action=address("posts.new"), submit="Save the draft")
        return form_page(request, "blog/post_form.html", view, page=page)


class Edit(PolicyRequiredMixin, View):
    policy = EDIT_POST
    visible = READ_POST
    pk_url_kwarg = "post_id"

    def get_queryset(self) -> QuerySet[Post]:
        return Post.objects.all()

    def get(self, request: HttpRequest, post_id: int) -> HttpResponse:  # noqa: ARG002 -- read by get_object
        post = self.get_object()
        start = {"title": post.title, "content": post.content, "tags": post.tag_names}
        return self.show(request, post, PostForm(initial=start))

    def post(self, request: HttpRequest, post_id: int) -> HttpResponse:  # noqa: ARG002 -- read by get_object
        post = self.get_object()
        form = PostForm(request.POST)
        if not form.is_valid():
            return self.show(request, post, form)
        with held(post):
            post.updated_at = now()
            fill(post, form.cleaned_data)
        tell_of_hidden_images(request, post)
        return done(request, "Saved.", address("posts.show", post_id=post.id))

    @staticmethod
    def show(request: HttpRequest, post: Post, form: PostForm) -> HttpResponse:
        view = form_view(form, action=address("posts.edit", post_id=post.id), submit="Save")
        page = edit_page(address, principal(request), post)
        return form_page(request, "blog/post_form.html", view, page=page)


def tell_of_hidden_images(request: HttpRequest, post: Post) -> None:
    hidden = hidden_images(request, post.body_html)
    if hidden:
        messages.warning(request, hidden_images_text(hidden))


@transaction.atomic
def fill(post: Post, values: dict[str, Any]) -> None:
    """Take over what the form holds and save it with its tags."""
    post.title, post.content = values["title"], values["content"]
    post.body_html, post.body_policy = str(render_markdown(post.content, ARTICLE)), ARTICLE.stamp
    post.save()
    post.tags.exclude(name__in=values["tags"]).delete()
    for place, name in enumerate(values["tags"]):
        post.tags.update_or_create(name=name, defaults={"position": place})


@policy_required(EDIT_POST, Post, visible=READ_POST)
def publish(request: HttpRequest, post: Post) -> HttpResponse:
    return _set_status(request, post, "published")


@policy_required(EDIT_POST, Post, visible=READ_POST)
def unpublish(request: HttpRequest, post: Post) -> HttpResponse:
    return _set_status(request, post, "draft")


def _set_status(request: HttpRequest, post: Post, status: str) -> HttpResponse:
    with held(post):
        values = {"status": status, "published_at": post.published_at or now()}
        decision = POST_WRITES.apply(principal(request), post, values)
        if not decision:
            raise AccessDenied(decision, target=f"post:{post.id}")
        post.save()
    text = "Published." if status == "published" else "Back among your drafts."
    return done(request, text, address("posts.show", post_id=post.id))


@policy_required(DELETE_POST, Post, visible=READ_POST)
def delete(request: HttpRequest, post: Post) -> HttpResponse:
    remove_post(request, post)
    return done(request, "Deleted.", address("posts.index"))


def remove_post(request: HttpRequest, post: Post, *, check: Callable[[], object] = lambda: None) -> None:
    """Delete the post with its files; ``check`` raises where it is to stay as it is."""
    post_id = post.id
    check()
    remove_files(request, post_id)
    # SQLite has no lock before this one, past which the files' store could not write.
    with held(post):
        check()
        post.delete()
    # Until now it took more of them.
    remove_files(request, post_id)


class Mine(PermissionRequiredMixin, View):
    permission = Permission.WRITE_POST

    def get(self, request: HttpRequest) -> HttpResponse:
        page = page_of(dict(request.GET.lists()), size=PAGE_SIZE)
        changed = F("updated_at").desc(nulls_last=True)
        own = visible(request, OWN_POST, Post.objects.all()).order_by("status", changed, "-created_at", "-id")
        posts, total = list_posts(own, page)
        view = my_posts_page(address, posts, comment_counts(request, posts), total=total, page=page)
        return render(request, "blog/my_posts.html", {"page": view})


class CsrfToken(PublicMixin, View):
    """Gives scripts of this origin a token; other origins can neither read nor use it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({"token": get_token(request)})


class CountView(PolicyRequiredMixin, View):
    policy = FieldIs("status", "published")
    audience = Audience.EVERYBODY
    is_api = True
    pk_url_kwarg = "post_id"

    def get_queryset(self) -> QuerySet[Post]:
        return Post.objects.all()

    def post(self, request: HttpRequest, post_id: int) -> HttpResponse:
        self.get_object()
        draw_rate(request, VIEW_RATE)
        Post.objects.filter(pk=post_id).update(views=F("views") + 1)
        return HttpResponse(status=204)


class Feed(PublicMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        newest = with_details(published(request)).order_by("-published_at", "-id")[:FEED_SIZE]
        entries = [
            {
                "title": post.title,
                "url": request.build_absolute_uri(address("posts.show", post_id=post.id)),
                "author": display_name(post.author),
                "at": moment(post.published_at or post.created_at).machine,
                "html": str(clean_body(post)),
            }
            for post in newest
        ]
        values = {
            "entries": entries,
            "updated": entries[0]["at"] if entries else moment(now()).machine,
            "feed_id": request.build_absolute_uri(address("posts.feed")),
        }
        return render(request, "feed.xml", values, content_type="application/atom+xml")
