"""The blog's tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bastide import EMAIL, PERSON_NAME, PHONE, SSN, WEBSITE
from bastide.flask import AccountMixin, EncryptedText, RuleText, security_tables
from blog_shared.rules import BIO, COMMENT_BODY, FULL_NAME, MESSAGE, POST_CONTENT, POST_TITLE, SUBJECT


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time, also where the database forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


# SQLite gives the id of the newest row out again once that row is deleted: a moderator who was about to
# approve one comment would approve another.
IDS_ONCE = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 -- SQLAlchemy's own way


class User(AccountMixin, Base):
    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    profile: Mapped["Profile"] = relationship(back_populates="user")


class Profile(Base):
    __tablename__ = "profile"
    __table_args__ = (
        CheckConstraint("full_name IS NULL OR length(full_name) BETWEEN 1 AND 100", name="full_name_length"),
        CheckConstraint("phone IS NULL OR (phone LIKE '+%' AND length(phone) <= 20)", name="phone_e164"),
        CheckConstraint("bio IS NULL OR length(bio) BETWEEN 9 AND 500", name="bio_length"),
        CheckConstraint(
            "website IS NULL OR (website LIKE 'https://%' AND length(website) <= 200)", name="website_https"
        ),
        CheckConstraint("(ssn IS NULL) = (ssn_index IS NULL)", name="ssn_indexed"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    full_name: Mapped[str | None] = mapped_column(RuleText(FULL_NAME, 100))
    phone: Mapped[str | None] = mapped_column(RuleText(PHONE, 20))
    bio: Mapped[str | None] = mapped_column(RuleText(BIO, 500))
    website: Mapped[str | None] = mapped_column(RuleText(WEBSITE, 200))
    ssn: Mapped[str | None] = mapped_column(EncryptedText(row="user_id", blind_index="ssn_index", rule=SSN))
    ssn_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True, unique=True)
    user: Mapped[User] = relationship(back_populates="profile")


class PostTag(Base):
    __tablename__ = "post_tag"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 40", name="name_length"),
        CheckConstraint("position BETWEEN 0 AND 9", name="position"),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    position: Mapped[int]


class Post(Base):
    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint("length(title) BETWEEN 5 AND 200", name="title_length"),
        CheckConstraint("length(content) BETWEEN 10 AND 10000", name="content_length"),
        CheckConstraint("status IN ('draft', 'published')", name="status"),
        CheckConstraint("views >= 0", name="views"),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    title: Mapped[str] = mapped_column(RuleText(POST_TITLE, 200))
    content: Mapped[str] = mapped_column(RuleText(POST_CONTENT))
    body_html: Mapped[str] = mapped_column(Text)
    body_policy: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(10), default="draft", index=True)
    views: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    author: Mapped[User] = relationship()
    tags: Mapped[list[PostTag]] = relationship(
        order_by=PostTag.position, cascade="all, delete-orphan", passive_deletes=True
    )
    comments: Mapped[list["Comment"]] = relationship(
        back_populates="post", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def tag_names(self) -> list[str]:
        return [tag.name for tag in self.tags]


class Comment(Base):
    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("length(body) BETWEEN 2 AND 2000", name="body_length"),
        CheckConstraint("state IN ('pending', 'approved', 'rejected')", name="state"),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    body: Mapped[str] = mapped_column(RuleText(COMMENT_BODY))
    body_html: Mapped[str] = mapped_column(Text)
    body_policy: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="pending", index=True)
    created_at: Mapped[datetime]
    post: Mapped[Post] = relationship(back_populates="comments")
    author: Mapped[User] = relationship()


class ContactMessage(Base):
    __tablename__ = "contact_message"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),
        CheckConstraint("length(email) BETWEEN 3 AND 254", name="email_length"),
        CheckConstraint("phone IS NULL OR (phone LIKE '+%' AND length(phone) <= 20)", name="phone_e164"),
        CheckConstraint("length(subject) BETWEEN 3 AND 120", name="subject_length"),
        CheckConstraint("length(body) BETWEEN 10 AND 1000", name="body_length"),
        IDS_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(RuleText(PERSON_NAME, 100))
    email: Mapped[str] = mapped_column(RuleText(EMAIL, 254))
    phone: Mapped[str | None] = mapped_column(RuleText(PHONE, 20))
    subject: Mapped[str] = mapped_column(RuleText(SUBJECT, 120))
    body: Mapped[str] = mapped_column(RuleText(MESSAGE))
    suspicion: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]


_users: Any = User.__table__
SECURITY = security_tables(Base.metadata, _users)
