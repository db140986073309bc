"""Fills an empty blog with demo content; nobody in it can sign in."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from bastide import ARTICLE, COMMENT, render_markdown
from blog_django.clock import now
from blog_django.models import Comment, Post, PostTag, Profile, User
from blog_shared.demo import AUTHORS, COMMENTS, DemoAuthor, DemoComment, DemoPost, load_posts


@transaction.atomic
def seed() -> bool:
    """Add authors, posts and comments if there is no user yet; tell whether it did."""
    if User.objects.exists():
        return False
    users = {author.username: _user(author) for author in AUTHORS}
    posts = {post.slug: _post(post, users) for post in load_posts()}
    for comment in COMMENTS:
        _comment(comment, posts[comment.post], users)
    return True


def _user(author: DemoAuthor) -> User:
    # An address nobody can receive mail at, and no password: these accounts cannot be entered.
    user = User.objects.create(
        username=author.username, email=f"{author.username}@demo.invalid", password=make_password(None)
    )
    user.groups.add(Group.objects.get(name="author"))
    Profile.objects.create(
        user=user, full_name=author.full_name, bio=author.bio, website=author.website or None
    )
    return user


def _post(post: DemoPost, users: dict[str, User]) -> Post:
    at = now() - timedelta(days=post.days_ago, minutes=len(post.slug))
    made = Post.objects.create(
        author=users[post.author],
        title=post.title,
        content=post.content,
        body_html=str(render_markdown(post.content, ARTICLE)),
        body_policy=ARTICLE.stamp,
        status="draft" if post.is_draft else "published",
        views=post.views,
        created_at=at,
        published_at=None if post.is_draft else at,
    )
    PostTag.objects.bulk_create(
        PostTag(post=made, name=name, position=place) for place, name in enumerate(post.tags)
    )
    return made


def _comment(comment: DemoComment, post: Post, users: dict[str, User]) -> None:
    Comment.objects.create(
        post=post,
        author=users[comment.author],
        body=comment.text,
        body_html=str(render_markdown(comment.text, COMMENT)),
        body_policy=COMMENT.stamp,
        state=comment.state,
        created_at=min(now(), post.created_at + timedelta(hours=comment.hours_after)),
    )
