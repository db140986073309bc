"""Reading, finding and writing posts."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import (
    Blueprint,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

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
from bastide.flask import (
    Form,
    RuleField,
    contains,
    current_exchange,
    draw_rate,
    for_scripts,
    form_view,
    order_by,
    permission_required,
    policy_required,
    principal,
    public,
    visible,
)
from blog_flask.clock import now
from blog_flask.database import db, hold
from blog_flask.models import Comment, Post, PostTag, User
from blog_flask.views.comments import CommentForm
from blog_flask.views.files import remove_files, uploads
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

blueprint = Blueprint("posts", __name__)
PAGE_SIZE = 8
FEED_SIZE = 20
TAGS_SHOWN = 16
SORTS: SortMap[InstrumentedAttribute[Any]] = SortMap(
    columns={"date": Post.published_at, "title": Post.title, "views": Post.views},
    default="date",
    default_direction=Direction.DESCENDING,
    tie_break=Post.id,
)


class PostForm(Form):
    title = RuleField("Title", POST_TITLE)
    content = RuleField("Text", POST_CONTENT)
    tags = RuleField("Tags", TAGS, description=TAGS_HELP)


def with_details(statement: Select[Any]) -> Select[Any]:
    return statement.options(joinedload(Post.author).joinedload(User.profile), selectinload(Post.tags))


def comment_counts(posts: list[Post]) -> dict[int, int]:
    """Return how many comments the caller sees under each post."""
    statement = (
        select(Comment.post_id, func.count())
        .where(Comment.post_id.in_([post.id for post in posts]), visible(READ_COMMENT, Comment))
        .group_by(Comment.post_id)
    )
    return {post_id: number for post_id, number in db().execute(statement)}  # noqa: C416 -- rows, not pairs


def list_posts(statement: Select[Any], page: Page) -> tuple[list[Post], int]:
    """Return one page of the statement's posts and how many there are in all."""
    total = db().scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    return list(db().scalars(with_details(statement).offset(page.offset).limit(page.size))), total


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    asked = parse_query(dict(request.args.lists()), declared=POSTS)
    term, tag = parse_term(asked.get("q")), parse_term(asked.get("tag"))
    order = SORTS.parse(asked.get("sort"), asked.get("dir"))
    page = parse_page(asked.get("page"), size=PAGE_SIZE)
    statement = select(Post).where(Post.status == "published", visible(READ_POST, Post))
    if term:
        statement = statement.where(says(term))
    if tag:
        statement = statement.where(Post.tags.any(PostTag.name == tag.casefold()))
    posts, total = list_posts(order_by(statement, order), page)
    view = index_page(
        url_for, posts, comment_counts(posts), total=total, page=page, order=order, term=term, tag=tag,
        tags=most_used_tags(),
    )  # fmt: skip
    return render_template("blog/index.html", page=view)


def says(term: str) -> ColumnElement[bool]:
    """Return whether a post shows the words; its source may hold what its page does not."""
    shown = and_(contains(Post.content, term), contains(Post.body_html, as_shown(term)))
    return or_(contains(Post.title, term), shown)


def most_used_tags() -> list[tuple[str, int]]:
    statement = (
        select(PostTag.name, func.count())
        .join(Post, Post.id == PostTag.post_id)
        .where(Post.status == "published", visible(READ_POST, Post))
        .group_by(PostTag.name)
        .order_by(func.count().desc(), PostTag.name)
        .limit(TAGS_SHOWN)
    )
    return [(name, number) for name, number in db().execute(statement)]


@blueprint.get("/posts/<int:post_id>")
@policy_required(READ_POST, Post, audience=Audience.EVERYBODY)
def show(post: Post) -> ResponseReturnValue:
    may_comment = COMMENT_ON_POST.allows(principal(), post)
    form = CommentForm() if may_comment else None
    return render_post(post, form)


def render_post(post: Post, form: Form | None) -> str:
    """Return the page of a post, with the comment form as it stands."""
    statement = (
        select(Comment)
        .where(Comment.post_id == post.id, Comment.state != "rejected", visible(READ_COMMENT, Comment))
        .options(joinedload(Comment.author).joinedload(User.profile))
        .order_by(Comment.created_at, Comment.id)
    )
    view = post_page(
        url_for, principal(), post, list(db().scalars(statement)), uploads().list_of(files_subject(post.id))
    )
    shown = None
    if form is not None:
        action = url_for("comments.write", post_id=post.id)
        shown = form_view(form, action=action, submit="Send the comment")
    return render_template("blog/post.html", page=view, form=shown)


@blueprint.route("/posts/new", methods=["GET", "POST"])
@permission_required(Permission.WRITE_POST)
def new() -> ResponseReturnValue:
    form = PostForm()
    if request.method == "POST" and form.validate():
        draw_rate(POST_RATE)
        post = Post(author_id=principal().account_id, status="draft", created_at=now())
        fill(post, form.data)
        db().add(post)
        db().commit()
        flash("Your draft is saved. Nobody else sees it yet.", "success")
        _tell_of_hidden_images(post)
        return redirect(url_for("posts.show", post_id=post.id), 303)
    page = PostFormPage(heading="Write a post", back_url=url_for("posts.mine"))
    return _form_page(form, page, url_for("posts.new"), "Save the draft")


@blueprint.route("/posts/<int:post_id>/edit", methods=["GET", "POST"])
@policy_required(EDIT_POST, Post, visible=READ_POST)
def edit(post: Post) -> ResponseReturnValue:
    stored = {"title": post.title, "content": post.content, "tags": tuple(tag.name for tag in post.tags)}
    form = PostForm(data=stored)
    if request.method == "POST" and form.validate():
        hold(post)
        decision = POST_WRITES.apply(
            principal(), post, {"title": form.title.data, "content": form.content.data}
        )
        if not decision:
            raise AccessDenied(decision, target=f"post:{post.id}")
        fill(post, form.data)
        post.updated_at = now()
        db().commit()
        flash("Saved.", "success")
        _tell_of_hidden_images(post)
        return redirect(url_for("posts.show", post_id=post.id), 303)
    page = edit_page(url_for, principal(), post)
    return _form_page(form, page, url_for("posts.edit", post_id=post.id), "Save")


def _form_page(form: PostForm, page: PostFormPage, action: str, submit: str) -> ResponseReturnValue:
    view = form_view(form, action=action, submit=submit)
    return make_response(
        render_template("blog/post_form.html", form=view, page=page), 400 if view.invalid else 200
    )


def _tell_of_hidden_images(post: Post) -> None:
    hidden = current_exchange().hidden_images(post.body_html)
    if hidden:
        flash(hidden_images_text(hidden), "warning")


def fill(post: Post, values: Mapping[str, Any]) -> None:
    """Take over title, content and tags."""
    post.title, post.content = values["title"], values["content"]
    post.body_html, post.body_policy = str(render_markdown(post.content, ARTICLE)), ARTICLE.stamp
    kept = {tag.name: tag for tag in post.tags}
    post.tags = [
        kept.get(name) or PostTag(name=name, position=place) for place, name in enumerate(values["tags"])
    ]
    for place, tag in enumerate(post.tags):
        tag.position = place


@blueprint.post("/posts/<int:post_id>/publish")
@policy_required(EDIT_POST, Post, visible=READ_POST)
def publish(post: Post) -> ResponseReturnValue:
    return _set_status(post, "published")


@blueprint.post("/posts/<int:post_id>/unpublish")
@policy_required(EDIT_POST, Post, visible=READ_POST)
def unpublish(post: Post) -> ResponseReturnValue:
    return _set_status(post, "draft")


def _set_status(post: Post, status: str) -> ResponseReturnValue:
    hold(post)
    values = {"status": status, "published_at": post.published_at or now()}
    decision = POST_WRITES.apply(principal(), post, values)
    if not decision:
        raise AccessDenied(decision, target=f"post:{post.id}")
    db().commit()
    flash("Published." if status == "published" else "Back among your drafts.", "success")
    return redirect(url_for("posts.show", post_id=post.id), 303)


@blueprint.post("/posts/<int:post_id>/delete")
@policy_required(DELETE_POST, Post, visible=READ_POST)
def delete(post: Post) -> ResponseReturnValue:
    remove_post(post)
    flash("Deleted.", "success")
    return redirect(url_for("posts.index"), 303)


def remove_post(post: Post, *, check: Callable[[], object] = lambda: None) -> None:
    """Delete the post with its files; ``check`` raises where it is to stay as it is."""
    post_id = post.id
    check()
    remove_files(post_id)
    # SQLite has no lock before this one, past which the files' store could not write.
    hold(post)
    check()
    db().delete(post)
    db().commit()
    # Until now it took more of them.
    remove_files(post_id)


@blueprint.get("/my/posts")
@permission_required(Permission.WRITE_POST)
def mine() -> ResponseReturnValue:
    page = page_of(dict(request.args.lists()), size=PAGE_SIZE)
    statement = (
        select(Post)
        .where(visible(OWN_POST, Post))
        .order_by(Post.status, func.coalesce(Post.updated_at, Post.created_at).desc(), Post.id.desc())
    )
    posts, total = list_posts(statement, page)
    view = my_posts_page(url_for, posts, comment_counts(posts), total=total, page=page)
    return render_template("blog/my_posts.html", page=view)


@blueprint.get("/csrf-token")
@public
def csrf_token() -> ResponseReturnValue:
    """Give scripts of this origin a token; other origins can neither read nor use it."""
    return jsonify(token=current_exchange().csrf_token())


@blueprint.post("/posts/<int:post_id>/views")
@for_scripts
@policy_required(FieldIs("status", "published"), Post, audience=Audience.EVERYBODY)
def count_view(post: Post) -> ResponseReturnValue:
    draw_rate(VIEW_RATE)
    db().execute(update(Post).where(Post.id == post.id).values(views=Post.views + 1))
    db().commit()
    return "", 204


@blueprint.get("/feed.xml")
@public
def feed() -> ResponseReturnValue:
    statement = (
        select(Post)
        .where(Post.status == "published", visible(READ_POST, Post))
        .order_by(Post.published_at.desc(), Post.id.desc())
        .limit(FEED_SIZE)
    )
    posts = list(db().scalars(with_details(statement)))
    entries = [
        {
            "title": post.title,
            "url": url_for("posts.show", post_id=post.id, _external=True),
            "author": display_name(post.author),
            "at": moment(post.published_at or post.created_at).machine,
            "html": str(clean_body(post)),
        }
        for post in posts
    ]
    updated = entries[0]["at"] if entries else moment(now()).machine
    response = make_response(
        render_template(
            "feed.xml", entries=entries, updated=updated, feed_id=url_for("posts.feed", _external=True)
        )
    )
    response.mimetype = "application/atom+xml"
    return response
