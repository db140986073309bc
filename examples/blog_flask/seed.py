"""Fills an empty blog with demo content; nobody in it can sign in."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from bastide import ARTICLE, COMMENT, account_key, render_markdown
from bastide.flask import installed_in
from blog_flask.clock import now
from blog_flask.models import SECURITY, Comment, Post, PostTag, Profile, User
from blog_shared.demo import AUTHORS, COMMENTS, DemoAuthor, DemoComment, DemoPost, load_posts


def seed(app: Flask) -> bool:
    """Add authors, posts and comments if there is no user yet; tell whether it did."""
    with app.test_request_context(base_url="http://localhost"):
        session = installed_in(app).session
        if session.scalar(select(func.count()).select_from(User)):
            return False
        users = {author.username: _user(author) for author in AUTHORS}
        session.add_all(users.values())
        session.flush()
        session.execute(
            SECURITY.account_role.insert(),
            [{"account_id": user.id, "role": "author"} for user in users.values()],
        )
        posts = {post.slug: _post(post, users) for post in load_posts()}
        session.add_all(posts.values())
        session.flush()
        session.add_all(_comment(comment, posts[comment.post], users) for comment in COMMENTS)
        session.commit()
        return True


def _user(author: DemoAuthor) -> User:
    # An address nobody can receive mail at, and no password: these accounts cannot be entered.
    email = f"{author.username}@demo.invalid"
    profile = Profile(full_name=author.full_name, bio=author.bio, website=author.website or None)
    return User(
        username=author.username,
        username_key=account_key(author.username),
        email=email,
        email_key=account_key(email),
        password_hash=None,
        profile=profile,
    )


def _post(post: DemoPost, users: dict[str, User]) -> Post:
    at = now() - timedelta(days=post.days_ago, minutes=len(post.slug))
    return Post(
        author_id=users[post.author].id,
        title=post.title,
        content=post.content,
        body_html=str(render_markdown(post.content, ARTICLE)),
        body_policy=ARTICLE.stamp,
        status="draft" if post.is_draft else "published",
        views=post.views,
        created_at=at,
        published_at=None if post.is_draft else at,
        tags=[PostTag(name=name, position=place) for place, name in enumerate(post.tags)],
    )


def _comment(comment: DemoComment, post: Post, users: dict[str, User]) -> Comment:
    return Comment(
        post_id=post.id,
        author_id=users[comment.author].id,
        body=comment.text,
        body_html=str(render_markdown(comment.text, COMMENT)),
        body_policy=COMMENT.stamp,
        state=comment.state,
        created_at=min(now(), post.created_at + timedelta(hours=comment.hours_after)),
    )
